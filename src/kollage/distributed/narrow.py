"""Values of this program as bytes, and back: nothing else can come out of such bytes.

A pickle may name any function of any module and have it called. Here only names of a fixed list are found: the
program's own values, and of Dask what its schedulers and workers say to each other. Dask unpickles what peers send
before anybody can look at it, so `install` gives this narrow reading to Dask itself. There a name that is not on the
list stands for something that does nothing, so that a peer who sends one cannot even break a connection with it.
"""

import io
import pickle
from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import StrEnum
from types import MappingProxyType, SimpleNamespace
from typing import Any

from kollage.errors import UsageError

_MODULES = (  # all values of these are plain: frozen fields and words
    "kollage.bootstrap",
    "kollage.contents",
    "kollage.image",
    "kollage.steps",
    "kollage.render",
    "kollage.results",
    "kollage.sources",
    "kollage.distributed.orders",
)
_VALUES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "kollage.distributed.narrow": frozenset({"_frozen"}),
        "pathlib": frozenset({"Path", "PosixPath"}),
        "builtins": frozenset({"frozenset", "set", "bytearray"}),
    }
)
_BY_DASK: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "kollage.distributed.site": frozenset({"carry_out", "Unfit"}),
        "dask._task_spec": frozenset({"Task", "TaskRef", "DataNode", "Alias", "DependenciesMapping"}),
        "dask._expr": frozenset({"Expr._reconstruct", "LLGExpr", "HLGExpr", "_ExprSequence"}),  # as clients send them
        "dask.highlevelgraph": frozenset({"HighLevelGraph", "MaterializedLayer"}),
        "dask.typing": frozenset({"no_default", "NoDefault"}),
        "dask.utils": frozenset({"no_default"}),
        "distributed.protocol.serialize": frozenset({"Serialize", "Serialized", "ToPickle", "Pickled"}),
        "distributed.utils_comm": frozenset({"WrappedKey"}),
        "distributed.core": frozenset({"Status"}),
        "distributed.scheduler": frozenset({"KilledWorker"}),
        "distributed.shuffle._worker_plugin": frozenset({"ShuffleWorkerPlugin"}),  # every worker is sent one
        # an error with where it came from; neither calls what it is given
        "tblib": frozenset({"Frame", "Code", "Traceback"}),
        "tblib.pickling_support": frozenset({"unpickle_exception_with_attrs", "unpickle_traceback"}),
        "builtins": frozenset(
            {"bytes", "str", "int", "float", "bool", "tuple", "list", "dict", "NoneType", "slice", "complex"}
        ),
    }
)


class Stranger(Exception):  # noqa: N818 - it may stand for an error, and for anything else
    """What a name stands for that is not on the list: it does nothing, whatever is done with it."""

    def __init__(self, *_arguments: object, **_named: object) -> None:
        super().__init__("something was sent that is none of the values of this program")

    def __call__(self, *_arguments: object, **_named: object) -> None:
        """Refuse to be called."""
        raise UsageError(str(self))

    def __setstate__(self, _state: object) -> None:
        """Take no state."""

    def __setitem__(self, _name: object, _value: object) -> None:
        """Take no item."""

    def append(self, _value: object) -> None:
        """Take no element."""

    def extend(self, _values: object) -> None:
        """Take no elements."""


class _Narrow(pickle.Unpickler):
    """Finds names of the lists, and no others."""

    def __init__(self, file: io.BytesIO, lists: tuple[Mapping[str, frozenset[str]], ...], **facts: Any) -> None:
        super().__init__(file, **facts)
        self._lists = lists

    def find_class(self, module: str, name: str) -> Any:
        """Find a name, if it may be there."""
        if any(name in names.get(module, ()) for names in self._lists):
            return super().find_class(module, name)
        found = super().find_class(module, name) if module in _MODULES and name.isidentifier() else None
        if isinstance(found, type) and found.__module__ == module and _is_value(found):
            return found
        return self._unknown(module, name)

    def _unknown(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is none of the values that are sent here")


class _Lenient(_Narrow):
    """Finds something harmless in the place of what it does not know."""

    def _unknown(self, _module: str, _name: str) -> Any:
        return Stranger


def _is_value(found: type) -> bool:
    return is_dataclass(found) or issubclass(found, StrEnum)


class _Wide(pickle.Pickler):
    """Writes mappings that cannot be changed as well, which pickle by itself does not."""

    def reducer_override(self, value: Any) -> Any:
        return (_frozen, (dict(value),)) if isinstance(value, MappingProxyType) else NotImplemented


def _frozen(value: dict[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(value)


def dumps(value: object) -> bytes:
    """A value of this program as bytes."""
    file = io.BytesIO()
    _Wide(file, protocol=5).dump(value)
    return file.getvalue()


def loads(content: bytes) -> Any:
    """The value that bytes stand for. Raises `UsageError` for what is none of ours."""
    try:
        return _Narrow(io.BytesIO(content), (_VALUES,)).load()
    except (pickle.UnpicklingError, EOFError, ImportError, AttributeError, TypeError, ValueError, IndexError) as error:
        raise UsageError(f"what was sent is no order of this program: {error}") from error


def install() -> None:
    """Let Dask in this process read the names of the lists alone; sees that it does. Raises `UsageError`."""
    from distributed.protocol import pickle as of_dask

    narrow = {**vars(pickle), "loads": _loads_for_dask}
    of_dask.pickle = SimpleNamespace(**narrow)  # type: ignore[attr-defined, assignment]
    if isinstance(of_dask.loads(pickle.dumps(_Forbidden())), Stranger):
        return
    raise UsageError("this version of Dask reads what peers send in a way that is not known here")


class _Forbidden:
    """Asks to have something called when it is read."""

    def __reduce__(self) -> tuple[Any, tuple[str, ...]]:
        return print, ("",)


def _loads_for_dask(content: Any, *, buffers: Any = None) -> Any:
    return _Lenient(io.BytesIO(bytes(content)), (_VALUES, _BY_DASK), buffers=buffers).load()
