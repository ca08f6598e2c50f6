"""A `buildah` whose images are folders that can be looked into; it builds nothing."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

_BUILDAH = """#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
for last in "$@"; do :; done
case "$1" in
    --version) echo "buildah version 1.39.3" ;;
    images) cat "$here/images.json" ;;
    from) basename "$last" ;;
    mount) echo "$here/roots/$2" ;;
    inspect) echo '{"Docker": {"config": {}, "architecture": "amd64"}}' ;;
    rm) ;;
    *) echo "no such host"; exit 1 ;;
esac
"""


@dataclass(frozen=True)
class Store:
    """The folder of a fake `buildah` that is the first on PATH."""

    folder: Path

    def put(self, image: str, files: Mapping[str, str], names: Sequence[str] = (), size: str = "100 MB") -> Path:
        """Put an image with these files into the store, under an id and names; give its root file system."""
        root = self.folder / "roots" / image
        root.mkdir(parents=True)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for name in names:  # by which it is opened as well
            (self.folder / "roots" / name.rpartition("/")[2]).symlink_to(image)
        rows = json.loads((self.folder / "images.json").read_text(encoding="utf-8"))
        rows.append({"id": image, "names": [f"localhost/{name}" for name in names], "size": size})
        (self.folder / "images.json").write_text(json.dumps(rows), encoding="utf-8")
        return root

    def calls(self, verb: str) -> list[str]:
        """What was asked for with a verb."""
        lines = (self.folder / "calls").read_text(encoding="utf-8").splitlines()
        return [line for line in lines if line.split()[0] == verb]


def store_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    folder.mkdir()
    program = folder / "buildah"
    program.write_text(_BUILDAH, encoding="utf-8")
    program.chmod(0o755)
    (folder / "images.json").write_text("[]", encoding="utf-8")
    (folder / "calls").touch()
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return Store(folder)
