"""What whole templates filled to before, kept between runs: the same templates and values give the same texts.

Everything that a text depends on is in its key: all templates of the tree, the operator's files, each value that
templates see, and the program itself. A file that cannot be read back is as good as none.
"""

import hashlib
import importlib.util
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import kollage
from kollage.catalogue import Catalogue, kolla
from kollage.options import Options

Texts = Mapping[str, str]
_ENDING = ".j2"
_OF_SHELLS = {"_", "OLDPWD", "PWD", "SHLVL"}  # which change with every command and that templates have no use for
_SETS = 16  # of texts that are kept: a few bases, architectures and releases


def filled_before(
    catalogue: Catalogue, options: Options, shared: Mapping[str, object], fill: Callable[[], Texts]
) -> Texts:
    """The text of each image with a whole template; filled now where they were not with just these inputs."""
    folder = private(options.cache_dir / "templates" / "filled")
    if not folder:
        return fill()
    kept = folder / f"{_key(catalogue, options, shared)}.json"
    texts = _read(kept)
    if texts is None:
        texts = fill()
        _keep(kept, texts)
    return texts


def private(folder: Path) -> Path | None:
    """The folder, made where it is missing, if this user alone can write to it; what lies there is trusted."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError:
        return None
    own = found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return folder if own and os.access(folder, os.W_OK) else None


def _key(catalogue: Catalogue, options: Options, shared: Mapping[str, object]) -> str:
    digest = hashlib.sha256()
    for part in _inputs(catalogue, options, shared):
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def _inputs(catalogue: Catalogue, options: Options, shared: Mapping[str, object]) -> Iterator[bytes]:
    yield repr(sorted(shared.items(), key=str)).encode()
    yield repr(sorted(item for item in options.environ.items() if item[0] not in _OF_SHELLS)).encode()
    yield repr([(image.name, image.place) for image in catalogue.images.values() if image.whole]).encode()
    for place, layered in catalogue.tree.items():
        if place.endswith(_ENDING):
            yield place.encode()
            yield _content(layered.path)
    facts = kolla.facts_file(catalogue.root, "repos.yaml")
    for path in (*options.template_override, options.repos_yaml, facts):
        yield str(path).encode()
        yield _content(path) if path else b""
    yield from _program()


def _program() -> Iterator[bytes]:
    """The program and its Jinja, by what changes when they are installed anew or edited."""
    jinja = importlib.util.find_spec("jinja2")
    yield _stamp(Path(jinja.origin if jinja and jinja.origin else ""))
    own = Path(kollage.__file__).parent
    for path in (
        *sorted(own.glob("*.py")),
        *sorted(own.glob("templates/*.py")),
        *sorted(own.glob("repositories/*.py")),
    ):
        yield _stamp(path)


def _stamp(path: Path) -> bytes:
    try:
        found = path.stat()
    except OSError:
        return b""
    return b"%s %d %d" % (os.fsencode(path), found.st_size, found.st_mtime_ns)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # who needs it says so


def _read(kept: Path) -> Texts | None:
    try:
        texts = json.loads(kept.read_bytes())
    except (OSError, ValueError):
        return None
    good = isinstance(texts, dict) and all(isinstance(text, str) for text in texts.values())
    return texts if good else None


def _keep(kept: Path, texts: Texts) -> None:
    """Write the texts at once, and forget the oldest."""
    with suppress(OSError):  # a full disk costs time only
        with tempfile.NamedTemporaryFile("w", dir=kept.parent, suffix=".part", delete=False) as file:
            json.dump(texts, file)
        Path(file.name).replace(kept)
        found = sorted(kept.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for old in found[_SETS:]:
            old.unlink()
