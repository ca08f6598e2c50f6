"""A root file system that is made for a test."""

from collections.abc import Mapping
from pathlib import Path

from kollage.size import Tree, tree

METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n\nText\n"
INFO = "var/lib/dpkg/info"


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def package(name: str, version: str, *paths: str, arch: str = "") -> dict[str, str]:
    """What dpkg notes of a package: its files; its paragraph is for the status file."""
    return {f"{INFO}/{name}{arch}.list": "/.\n" + "".join(f"{path}\n" for path in paths)}


def status(**versions: str) -> dict[str, str]:
    text = "\n".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
        for name, version in versions.items()
    )
    return {"var/lib/dpkg/status": text}


def distribution(site: str, name: str, version: str, files: Mapping[str, str], record: str = "") -> dict[str, str]:
    """A Python distribution; `record` has lines beside those of its files."""
    info = f"{name}-{version}.dist-info"
    lines = "".join(f"{path},sha256=x,1\n" for path in files)
    return {
        **{f"{site}/{path}": text for path, text in files.items()},
        f"{site}/{info}/METADATA": METADATA.format(name, version),
        f"{site}/{info}/RECORD": f"{lines}{info}/METADATA,,\n{info}/RECORD,,\n{record}",
    }


def tree_of(root: Path, files: Mapping[str, str]) -> Tree:
    write(root, files)
    return tree(root)
