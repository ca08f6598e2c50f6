"""What was proven before: an image that passed is not looked at again until it, its checks or its facts change."""

from dataclasses import fields
from pathlib import Path

from kollage import __version__
from kollage.fingerprint import content, fingerprint
from kollage.image import Image, Verify


def key(image: Image, identity: str, architecture: str) -> str:
    """What a verdict is kept under: the image itself, what it was held to, and the version of the checks."""
    facts = {
        "image": identity,
        "architecture": architecture,
        "checks": __version__,
        "verify": _said(image.verify),
        "commands": repr(image.commands),
        "python": repr(image.python.packages),
        "configuration": {name: content(file.path.read_bytes()) for name, file in image.configuration.items()},
    }
    return fingerprint(facts)


def _said(facts: Verify) -> dict[str, str]:
    """What an image says of its verification; what it leaves out is not told, so that a new key changes no verdict."""
    values = {field.name: repr(getattr(facts, field.name)) for field in fields(facts)}
    usual = Verify()
    return {name: text for name, text in values.items() if text != repr(getattr(usual, name))}


def folder(cache: Path) -> Path:
    """Where verdicts are kept."""
    return cache / "verified"


def passed(folder: Path, name: str) -> bool:
    """Whether an image has passed."""
    return (folder / name).is_file()


def excepted(folder: Path, name: str) -> int:
    """How many findings the catalogue had a reason for when an image passed."""
    noted = (folder / name).read_text(encoding="utf-8").splitlines()[1:]
    return int(noted[0]) if noted and noted[0].isdigit() else 0


def keep(folder: Path, name: str, *, image: str, excepted: int = 0) -> None:
    """Note that an image has passed, with its name for who looks into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f"{name}.half"
    half.write_text(f"{image}\n{excepted}\n", encoding="utf-8")
    half.replace(folder / name)
