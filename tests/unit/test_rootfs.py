"""A root file system is read as it is seen from inside, and nothing of the outside is."""

from pathlib import Path

import pytest

from kollage.rootfs import Root


@pytest.fixture
def root(tmp_path: Path) -> Root:
    (tmp_path / "secret").write_text("outside", encoding="utf-8")
    inside = tmp_path / "root"
    (inside / "usr/lib").mkdir(parents=True)
    (inside / "usr/lib/os").write_bytes(b"inside \xff")
    for name, target in {
        "lib": "usr/lib",
        "usr/lib/again": "/lib/os",
        "usr/up": "../../../../usr/lib/os",
        "out": "../secret",
        "far": str(tmp_path / "secret"),
        "round": "round",
        "one": "/two",
        "two": "/one",
    }.items():
        (inside / name).symlink_to(target)
    return Root(inside)


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("/usr/lib/os", "/usr/lib/os"),
        ("/lib/os", "/usr/lib/os"),
        ("/lib/again", "/usr/lib/os"),
        ("/usr/up", "/usr/lib/os"),
        ("/../../usr/./lib/../lib/os", "/usr/lib/os"),
        ("/", "/"),
        ("", "/"),
        ("/none", ""),
        ("/out", ""),
        ("/far", ""),
        ("/round", ""),
        ("/one", ""),
        ("/usr/lib/os/x", ""),
        ("/a\0b", ""),
    ],
)
def test_links_are_followed_inside(root: Root, path: str, real: str) -> None:
    assert root.resolved(path) == real


def test_a_file_has_a_content_and_nothing_else_has(root: Root) -> None:
    assert root.content("/lib/os") == b"inside \xff"
    assert root.text("/lib/os") == "inside \N{REPLACEMENT CHARACTER}"
    assert [root.content(path) for path in ("/lib", "/none", "/out", "/far")] == [b""] * 4


def test_the_names_in_a_folder_have_an_order(root: Root) -> None:
    assert list(root.names("/lib")) == ["again", "os"]
    assert list(root.names("/lib/os")) == list(root.names("/none")) == []
