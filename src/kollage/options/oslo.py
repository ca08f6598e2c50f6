"""oslo.config, with what it needs for addresses and plugins loaded only when it is used.

It imports three packages for types of options of which there are none here, and they take as long as all else of it.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

_SELDOM = ("netaddr", "rfc3986", "stevedore")


class _Later(ModuleType):
    """A module that is loaded when one of its names is asked for.

    That of importlib is loaded as soon as another module imports it.
    """

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


for _name in _SELDOM:
    sys.modules.setdefault(_name, _Later(_name))

from oslo_config import cfg  # noqa: E402

for _name in _SELDOM:  # who imports them from here on has them at once
    if isinstance(sys.modules[_name], _Later):
        del sys.modules[_name]

__all__ = ["cfg"]
