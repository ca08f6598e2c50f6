"""What was proven before: an image that passed is not looked at again until it, its checks or its facts change."""

import json
from pathlib import Path

from kollage import __version__
from kollage.fingerprint import content, fingerprint
from kollage.image import Image


def key(image: Image, identity: str) -> str:
    """What a verdict is kept under: the image itself, what is known of it, and the version of the checks."""
    facts = {
        "image": identity,
        "checks": __version__,
        "verify": repr(image.verify),  # values whose texts say all of them
        "commands": repr(image.commands),
        "python": repr(image.python.packages),
        "configuration": {name: content(path.read_bytes()) for name, path in image.configuration.items()},
    }
    return fingerprint(facts)


def passed(folder: Path, name: str) -> int | None:
    """How many findings an image had that passed, all with a reason; None where it has not passed yet."""
    try:
        return int(json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["excepted"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(folder: Path, name: str, *, image: str, excepted: int) -> None:
    """Note that an image has passed."""
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / f"{name}.json"
    half = note.with_suffix(".half")
    half.write_text(json.dumps({"image": image, "excepted": excepted}), encoding="utf-8")
    half.replace(note)
