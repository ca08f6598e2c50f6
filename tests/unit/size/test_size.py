"""Every byte of a root file system is told of once, under whoever brought it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from tests.unit.size.roots import distribution, package, status, tree_of, write

from kollage.size import Change, Duplicate, File, Inventory, Share, changes, inventory, tree
from kollage.size.inventory import LARGEST, folder_of

SITE = "var/lib/kolla/venv/lib/python3.13/site-packages"

IMAGE = {
    **status(bash="5.2-1", libc6="2.41-1"),
    **package("bash", "5.2-1", "/bin", "/bin/bash", "/usr/share/doc/bash/gone"),
    **package("libc6", "2.41-1", "/lib/libc.so.6", "/usr/lib/python3/dist-packages/apt.py", arch=":amd64"),
    **package("removed", "1", "/usr/bin/tool"),  # dpkg keeps the list of one whose configuration stays
    "usr/bin/bash": "b" * 100,
    "usr/bin/tool": "t" * 7,
    "usr/lib/libc.so.6": "c" * 200,
    "usr/lib/python3/dist-packages/apt.py": "a" * 10,
    **distribution("usr/lib/python3/dist-packages", "Apt", "1.0", {"apt.py": "a" * 10}),
    **distribution(SITE, "Oslo.Config", "10.0", {"oslo_config/cfg.py": "o" * 50}, "../../../bin/oslo,,\n\n"),
    f"{SITE}/oslo_config/__pycache__/cfg.cpython-313.pyc": "p" * 30,
    f"{SITE}/oslo_config/__pycache__/lost.cpython-313.pyc": "l" * 3,
    "var/lib/kolla/venv/bin/oslo": "s" * 5,
    "opt/mine": "m" * 9,
}


@pytest.fixture
def found(tmp_path: Path) -> Inventory:
    root = tmp_path / "root"
    write(root, IMAGE)
    (root / "bin").symlink_to("usr/bin")
    (root / "lib").symlink_to("/usr/lib")
    return inventory(tree(root))


def named(shares: Sequence[Share]) -> dict[str, tuple[str, int, int]]:
    return {share.name: (share.version, share.size, share.files) for share in shares}


def test_a_package_has_the_files_of_its_list_whatever_links_lead_there(found: Inventory) -> None:
    assert named(found.packages) == {"libc6": ("2.41-1", 210, 2), "bash": ("5.2-1", 100, 1)}


def test_a_distribution_has_what_its_record_names_and_what_was_compiled_of_it(found: Inventory) -> None:
    sizes = {name: len(text) for name, text in IMAGE.items() if "dist-info" in name}
    own = sum(size for name, size in sizes.items() if "Oslo" in name)
    apt = sum(size for name, size in sizes.items() if "Apt" in name)
    assert named(found.distributions) == {
        "oslo-config": ("10.0", 50 + 30 + 5 + own, 5),
        "apt": ("1.0", apt, 2),  # its module is the package's
    }


def test_what_nobody_brought_is_told_by_its_folder(found: Inventory) -> None:
    info = sum(len(text) for name, text in IMAGE.items() if "dpkg" in name)
    assert named(found.unowned) == {
        "/var/lib": ("", info + 3, 5),
        "/opt": ("", 9, 1),
        "/usr/bin": ("", 7, 1),
    }


def test_every_byte_counts_once(found: Inventory) -> None:
    owned = (*found.packages, *found.distributions, *found.unowned)
    whole = sum(map(len, IMAGE.values()))
    assert sum(share.size for share in owned) == sum(share.size for share in found.folders) == found.size == whole
    assert sum(share.files for share in owned) == found.files == len(IMAGE)


def test_the_largest_come_first(found: Inventory) -> None:
    for shares in (found.folders, found.packages, found.distributions, found.unowned):
        assert [share.size for share in shares] == sorted((share.size for share in shares), reverse=True)
    assert found.largest[0] == max(found.largest, key=lambda file: file.size)


def test_no_more_than_twenty_files_are_the_largest(tmp_path: Path) -> None:
    found = inventory(tree_of(tmp_path, {f"f{number:02}": "x" * number for number in range(30)}))
    assert found.largest == tuple(File(path=f"/f{number}", size=number) for number in range(29, 9, -1))
    assert len(found.largest) == LARGEST


@pytest.mark.parametrize(
    ("path", "folder"), [("/a", "/"), ("/etc/a", "/etc"), ("/usr/lib/a", "/usr/lib"), ("/usr/lib/x/y/a", "/usr/lib")]
)
def test_a_file_is_counted_under_two_levels(path: str, folder: str) -> None:
    assert folder_of(path) == folder


def test_a_distribution_of_two_environments_is_one(tmp_path: Path) -> None:
    files = {**distribution("a", "x", "1", {"x.py": "1"}), **distribution("b", "x", "2", {"x.py": "22"})}
    (share,) = inventory(tree_of(tmp_path, files)).distributions
    assert (share.name, share.version, share.files) == ("x", "1, 2", 6)


def test_metadata_that_makes_no_sense_is_no_error(tmp_path: Path) -> None:
    files = {
        "s/x-1.dist-info/RECORD": '"not closed\nx.py,,\n../../../../../../etc/passwd,,\n\0,,\n',
        "s/y.dist-info/RECORD": "",
        "etc/passwd": "root",
        "var/lib/dpkg/status": "no paragraph",
        "var/lib/dpkg/info/a.list": "/etc/passwd\n",
    }
    found = inventory(tree_of(tmp_path, files))
    assert found.size == sum(map(len, files.values()))
    assert found.packages == ()


class TestDuplicates:
    def test_are_files_of_one_content(self, tmp_path: Path) -> None:
        files = {
            "a": "same!",
            "b/c": "same!",
            "d": "other",
            "e": "",
            "f": "",
            "g": "longer",
            "h": "longer",
            "i": "longer",
        }
        found = inventory(tree_of(tmp_path, files)).duplicates
        assert found == (
            Duplicate(size=6, paths=("/g", "/h", "/i")),
            Duplicate(size=5, paths=("/a", "/b/c")),
        )
        assert [each.wasted for each in found] == [12, 5]

    def test_are_neither_hard_links_nor_symbolic_ones(self, tmp_path: Path) -> None:
        root = tmp_path / "root"
        write(root, {"a": "same!"})
        (root / "b").hardlink_to(root / "a")
        (root / "c").symlink_to("a")
        found = inventory(tree(root))
        assert (found.duplicates, found.size, found.files) == ((), 5, 2)


def test_a_link_out_of_the_root_leads_nowhere(tmp_path: Path) -> None:
    write(tmp_path, {"outside/secret": "x" * 1000, "root/usr/a": "1"})
    root = tmp_path / "root"
    (root / "out").symlink_to("../outside")
    (root / "file").symlink_to(tmp_path / "outside/secret")
    write(root, {**status(bash="1"), **package("bash", "1", "/out/secret", "/file", "/usr/a")})
    found = inventory(tree(root))
    assert named(found.packages) == {"bash": ("1", 1, 1)}
    assert found.size < 1000


def test_a_hard_link_belongs_to_whom_either_name_belongs(tmp_path: Path) -> None:
    write(tmp_path, {"usr/bin/perl": "perl", **status(perl="5"), **package("perl", "5", "/usr/bin/perl5.40")})
    (tmp_path / "usr/bin/perl5.40").hardlink_to(tmp_path / "usr/bin/perl")
    assert named(inventory(tree(tmp_path)).packages) == {"perl": ("5", 4, 1)}


@pytest.mark.parametrize("place", ["usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/Packages"])
def test_that_the_rpm_database_is_not_read_is_said(tmp_path: Path, place: str) -> None:
    assert "rpm database is not read" in inventory(tree_of(tmp_path, {place: "x"})).note


# --- comparison ---


@pytest.fixture
def compared(tmp_path: Path) -> Callable[[Mapping[str, str], Mapping[str, str]], tuple[Change, ...]]:
    def compare(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
        return changes(*(inventory(tree_of(tmp_path / name, each)) for name, each in (("b", before), ("a", after))))

    return compare


Compare = Callable[[Mapping[str, str], Mapping[str, str]], tuple[Change, ...]]


def test_what_came_went_grew_and_shrank_is_told_by_bytes(compared: Compare) -> None:
    before = {
        **distribution("s", "gone", "1", {"gone.py": "x" * 5000}),
        **distribution("s", "grown", "1", {"grown.py": "x"}),
        **distribution("s", "less", "1", {"less.py": "x" * 900}),
        **distribution("s", "same", "1", {"same.py": "x"}),
        **distribution("s", "new", "1", {"new.py": "x"}),
        "opt/a": "a",
    }
    after = {
        **distribution("s", "grown", "2", {"grown.py": "x" * 3001}),
        **distribution("s", "less", "1", {"less.py": "x" * 100}),
        **distribution("s", "same", "1", {"same.py": "y"}),
        **distribution("s", "new", "2", {"new.py": "x"}),
        **distribution("s", "come", "1", {"come.py": "x" * 9000}),
        "opt/a": "aa",
    }
    found = compared(before, after)
    assert [(each.name, each.what) for each in found] == [
        ("come", "came"),
        ("gone", "went"),
        ("grown", "grew"),
        ("less", "shrank"),
        ("/opt", "grew"),
        ("new", "changed"),
    ]
    assert [each.size for each in found][2:] == [3000, -800, 1, 0]


def test_an_image_differs_in_nothing_from_itself(compared: Compare) -> None:
    assert compared(IMAGE, IMAGE) == ()
