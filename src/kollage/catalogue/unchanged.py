"""The catalogue as it was read before, where no file of it has changed: reading it is a good part of a short run."""

import copyreg
import io
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from kollage.kept import Kept, key_of, program, states_below

_T = TypeVar("_T")
_MOST = 8  # catalogues that are kept: our own, and an operator's with what is laid over them


def unchanged(roots: Iterable[Path], said: str, kind: type[_T], read: Callable[[], _T], cache: Path) -> _T:
    """What was read from these folders before; read now where any file below them differs, or what was said."""
    kept = Kept(folder=cache / "catalogue", most=_MOST)
    key = key_of(_inputs(roots, said))  # before anything is read: what changes meanwhile has another key the next time
    before = kept.read(key)
    # of the user's own making, which the folder's mode and the checksum saw to
    found = pickle.loads(before) if before is not None else None  # noqa: S301
    if isinstance(found, kind):
        return found
    value = read()
    kept.write(key, _pickled(value))
    return value


def _inputs(roots: Iterable[Path], said: str) -> Iterator[bytes]:
    yield sys.version.encode()
    yield said.encode(errors="surrogateescape")
    yield from program("catalogue", "releases")
    yield from states_below(roots)


def _pickled(value: object) -> bytes:
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {**copyreg.dispatch_table, MappingProxyType: _opened}
    pickler.dump(value)
    return buffer.getvalue()


def _opened(view: Mapping[str, object]) -> tuple[Callable[..., Mapping[str, object]], tuple[dict[str, object]]]:
    """How a view that cannot be written to is made anew; its own type has no name that pickle could find."""
    return _view, (dict(view),)


def _view(mapping: dict[str, object]) -> Mapping[str, object]:
    return MappingProxyType(mapping)
