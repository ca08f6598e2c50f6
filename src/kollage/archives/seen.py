"""What images were seen to hold, kept by the image's id, which stands for its content: no image is opened twice.

A file that is broken, or was written by another version, is read as if it were not there, and written anew.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import asdict
from pathlib import Path

from kollage.archives.installed import Installed
from kollage.archives.lists import Archive
from kollage.archives.state import State

_FORM = 1  # of the files; another number is another version's


def load(folder: Path, image: str) -> State | None:
    """What an image was seen to hold; None where that is not known."""
    try:
        told = json.loads((folder / f"{image}.json").read_text(encoding="utf-8"))
        return _state(told) if told["form"] == _FORM else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def save(folder: Path, image: str, state: State) -> None:
    """Keep what an image holds."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "form": _FORM,
        "packages": [asdict(package) for package in state.packages.values()],
        "archives": [
            {**asdict(archive), "keys": [b64encode(key).decode() for key in archive.keys]} for archive in state.archives
        ],
        "unread": state.unread,
    }
    half = folder / f"{image}.half"
    half.write_text(json.dumps(told), encoding="utf-8")
    half.replace(folder / f"{image}.json")


def _state(told: dict[str, list[dict[str, object]]]) -> State:
    packages = [Installed(**each) for each in told["packages"]]  # type: ignore[arg-type] # a TypeError is expected
    return State(
        packages={package.name: package for package in packages},
        archives=tuple(map(_archive, told["archives"])),
        unread=tuple(map(str, told["unread"])),
    )


def _archive(told: dict[str, object]) -> Archive:
    keys, components = told.pop("keys"), told.pop("components")
    if not isinstance(keys, list) or not isinstance(components, list):
        raise TypeError("no lists")
    return Archive(keys=tuple(map(b64decode, keys)), components=tuple(components), **told)  # type: ignore[arg-type]
