"""The page about image.toml describes every key that is read, and no other."""

import re
from pathlib import Path

import pytest

from kollage.catalogue import load_catalogue
from kollage.errors import CatalogueError

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "image-toml.md"
STRANGER = "zzz-qqq-xxx = 1\n"  # a key like no other, so that all known ones are listed
GOOD = 'description = "d"\n'
TABLES = {
    "": (GOOD, ""),
    "packages.": (GOOD, "[packages]\n"),
    "user.": (GOOD, '[user]\nname = "n"\n'),
    "source.": (GOOD, '[source]\ntype = "git"\nlocation = "l"\n'),
    "source..": (GOOD, '[source]\ntype = "pypi"\nproject = "p"\n'),
    "python.": (GOOD, "[python]\n"),
    "file.": (GOOD, '[[file]]\nname = "f"\nto = "t"\n'),
    "hooks.": (GOOD, "[hooks]\n"),
    "verify.": (GOOD, "[verify]\n"),
}
SHARED = {
    "users.": ("users.toml", "[one]\nuid = 1\n"),
    "repositories.": ("repositories.toml", '[one]\nbaseurl = "b"\ngpgkey = "k"\n'),
}


def documented() -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def known(root: Path, texts: dict[str, str]) -> set[str]:
    """The keys that a complaint about an unknown one names."""
    for name, text in {"a/image.toml": GOOD, "a/f": "", **texts}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(root)
    return set(caught.value.hint.removeprefix("known keys: ").split(", "))


def read_by_the_code(root: Path) -> set[str]:
    keys: set[str] = set()
    for prefix, (before, table) in TABLES.items():
        found = known(root / (prefix or "image"), {"a/image.toml": before + table + STRANGER})
        keys |= {f"{prefix.replace('..', '.')}{key}" for key in found}
    for prefix, (name, text) in SHARED.items():
        keys |= {f"{prefix}{key}" for key in known(root / prefix, {name: text + STRANGER})}
    return keys


def test_every_key_is_described_once_and_none_that_is_not_read(tmp_path: Path) -> None:
    assert sorted(documented()) == sorted(read_by_the_code(tmp_path))


@pytest.mark.parametrize(
    "line",
    [
        'run-as = "nova"',
        'packages.centos = ["jq"]',
        'package-lists = ["x_packages"]',
        'unsupported.rocky-aarch64 = "nobody builds it"',
        'source = { type = "pypi", project = "nova", sha256 = { "" = "0" } }',
        'hooks.python = ["nova_constraints"]',
        '[[file]]\nname = "f"\nto = "/f"\nmode = "0755"\nonly = "rpm"',
    ],
)
def test_what_the_page_shows_can_be_written(tmp_path: Path, line: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "f").touch()
    (tmp_path / "a" / "image.toml").write_text(f"{GOOD}{line}\n", encoding="utf-8")
    assert list(load_catalogue(tmp_path).images) == ["a"]
