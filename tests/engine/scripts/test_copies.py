"""Copies, directories, files and permissions: what a start makes, and that it makes nothing else."""

import pytest

from tests.engine.scripts.box import MOUNT, NOVA, Box, entry, place, preserving

pytestmark = pytest.mark.engine


def started(box: Box, *entries: dict[str, object], **rest: object) -> dict[str, str]:
    """Start, which must go well and leave nothing to check, and tell what it changed."""
    box.config(*entries, **rest)
    box.mark()
    done = box.start()
    assert done.status == 0, done.err
    effects = box.effects()
    assert box.check().status == 0
    return effects


class TestCopies:
    def test_a_file_and_its_missing_parents(self, box: Box) -> None:
        box.plant({f"{MOUNT}/a": "text"})

        assert started(box, entry("a", "/srv/new/b.conf", owner="nova:kolla")) == {
            "/srv/new": "0755 0:0 /",
            "/srv/new/b.conf": f"0640 {NOVA}:42400 text",
        }

    @pytest.mark.parametrize(
        ("owner", "ids"), [("nova", f"{NOVA}:{NOVA}"), ("nova:", f"{NOVA}:{NOVA}"), ("nova:kolla", f"{NOVA}:42400")]
    )
    def test_an_owner_is_a_user_and_a_group(self, box: Box, owner: str, ids: str) -> None:
        box.plant({f"{MOUNT}/a": "text"})

        assert started(box, entry("a", "/srv/a", owner=owner)) == {"/srv/a": f"0640 {ids} text"}

    def test_a_destination_with_a_slash_is_a_directory(self, box: Box) -> None:
        box.plant({f"{MOUNT}/a": "1", f"{MOUNT}/d/x": "2"})

        assert started(box, entry("a", "/srv/"), entry("d/", "/srv/")) == {
            "/srv/a": "0640 0:0 1",
            "/srv/d": "0750 0:0 /",
            "/srv/d/x": "0640 0:0 2",
        }

    def test_wildcards_name_several_sources_and_may_match_nothing_if_they_are_optional(self, box: Box) -> None:
        box.plant({f"{MOUNT}/{name}": name for name in ("1.conf", "2.conf", "3.txt", ".4.conf")})

        assert started(box, entry("*.conf", "/srv/"), entry("*.none", "/srv/", optional=True)) == {
            "/srv/1.conf": "0640 0:0 1.conf",
            "/srv/2.conf": "0640 0:0 2.conf",
        }

    @pytest.mark.parametrize("source", ["absent", "absent*", "a/b"])
    def test_a_source_that_must_be_there_is_status_1(self, box: Box, source: str) -> None:
        box.plant({f"{MOUNT}/a": "text", "/srv/b": "kept"})
        box.config(entry(source, "/srv/b"))
        box.mark()

        done = box.start()
        assert done.status == 1
        assert "does not exist" in done.err
        assert "Traceback" not in done.err
        assert box.effects() == {}

    def test_a_tree_takes_the_place_of_another_one(self, box: Box) -> None:
        box.plant({f"{MOUNT}/d/new/x": "1", "/srv/d/old": "2"})

        effects = started(box, entry("d", "/srv/d", perm="0604"))
        assert {path: text for path, text in effects.items() if path.startswith("/srv")} == {
            "/srv/d": "0705 0:0 /",
            "/srv/d/new": "0705 0:0 /",
            "/srv/d/new/x": "0604 0:0 1",
            "/srv/d/old": "gone",
        }

    def test_a_tree_that_merges_keeps_what_it_does_not_bring(self, box: Box) -> None:
        box.plant({f"{MOUNT}/d/sub/x": "new", "/srv/d/sub/x": "old", "/srv/d/sub/y": {"text": "kept", "mode": 0o604}})

        effects = started(box, entry("d", "/srv/d", merge=True))
        assert effects["/srv/d/sub/x"] == "0640 0:0 new"
        assert "/srv/d/sub/y" not in effects

    def test_properties_are_those_of_the_source(self, box: Box) -> None:
        own = {"owner": [NOVA, 42400], "time": 10**18}
        box.plant(
            {
                f"{MOUNT}/d/x": {"text": "text", "mode": 0o4755} | own,
                f"{MOUNT}/d": {"folder": True, "mode": 0o2711} | own,
            }
        )
        box.config(preserving("d", "/srv/d"))
        box.mark()

        assert box.start().status == 0
        assert box.effects() == {"/srv/d": f"2711 {NOVA}:42400 /", "/srv/d/x": f"4755 {NOVA}:42400 text"}
        assert box.changes()["/srv/d/x"]["modified"] == 10**18
        assert box.check().status == 0

    def test_links_are_followed_unless_a_merge_preserves_them(self, box: Box) -> None:
        box.plant({f"{MOUNT}/real": "text", f"{MOUNT}/d/link": {"link": "../real"}})

        effects = started(box, entry("d", "/srv/1"), preserving("d", "/srv/2"), preserving("d", "/srv/3", merge=True))
        assert effects["/srv/1/link"] == "0640 0:0 text"
        assert effects["/srv/2/link"] == "0644 0:0 text"
        assert effects["/srv/3/link"].endswith("-> ../real")

    @pytest.mark.parametrize(
        ("perm", "file", "folder"),
        [("600", "0600", "0700"), ("0o644", "0644", "0755"), ("2664", "2664", "2775"), ("0711", "0711", "0711")],
    )
    def test_who_may_read_a_directory_may_enter_it(self, box: Box, perm: str, file: str, folder: str) -> None:
        box.plant({f"{MOUNT}/d/x": ""})

        assert started(box, entry("d", "/srv/d", perm=perm)) == {
            "/srv/d": f"{folder} 0:0 /",
            "/srv/d/x": f"{file} 0:0 ",
        }

    @pytest.mark.parametrize("perm", ["64", "06440", "0x644", "u=rw", "0648", " 644", 420, ["0640"], True])
    def test_what_is_no_mode_is_status_2(self, box: Box, perm: object) -> None:
        box.plant({f"{MOUNT}/a": "text"})
        box.config(entry("a", "/srv/a", perm=perm))

        done = box.start()
        assert done.status == 2
        assert "is no mode" in done.err

    def test_the_command_is_written_without_a_new_line(self, box: Box) -> None:
        box.config(command="naïve --flag 'x'  ")
        box.mark()

        assert box.start().status == 0
        assert brief_of(box, "/run_command") == "0644 0:0 naïve --flag 'x'  "


class TestPlaces:
    def test_directories_come_with_their_parents_and_before_all_else(self, box: Box) -> None:
        effects = started(box, directories=[place("/srv/log/nova", perm="2770")], files=[place("/srv/log/nova/x")])

        assert effects == {
            "/srv/log": "0755 0:0 /",
            "/srv/log/nova": f"2770 {NOVA}:{NOVA} /",
            "/srv/log/nova/x": f"0640 {NOVA}:{NOVA} ",
        }

    def test_what_is_in_a_directory_follows_if_the_entry_says_so(self, box: Box) -> None:
        box.plant({"/srv/d/a/x": "1", "/srv/d/a/y": "2"})

        effects = started(box, directories=[place("/srv/d", recurse=True, exclude=["^/srv/d/a/x$"])])
        assert effects == dict.fromkeys(("/srv/d", "/srv/d/a"), f"0750 {NOVA}:{NOVA} /") | {
            "/srv/d/a/y": f"0640 {NOVA}:{NOVA} 2"
        }

    def test_a_file_that_is_there_keeps_its_content(self, box: Box) -> None:
        box.plant({"/srv/old.log": "lines"})

        assert started(box, files=[place("/srv/old.log")]) == {"/srv/old.log": f"0640 {NOVA}:{NOVA} lines"}

    @pytest.mark.parametrize("node", [None, {"link": "/etc/passwd"}, {"link": "absent"}, {"pipe": True}])
    @pytest.mark.parametrize("path", ["/srv/x", "/srv/x/y/z"])
    def test_anything_else_in_the_place_of_a_file_or_no_parent_is_status_2(
        self, box: Box, node: object, path: str
    ) -> None:
        box.plant({"/srv/x": node})
        box.config(files=[place(path, perm="0666")])
        box.mark()

        done = box.start()
        assert done.status == 2
        assert box.effects() == {}
        assert "Traceback" not in done.err

    def test_a_file_in_the_place_of_a_directory_is_status_2(self, box: Box) -> None:
        box.plant({"/srv/x": "kept"})
        box.config(directories=[place("/srv/x")])
        box.mark()

        done = box.start()
        assert done.status == 2
        assert "File exists: '/srv/x'" in done.err
        assert box.effects() == {}


class TestPermissions:
    def test_they_come_last(self, box: Box) -> None:
        box.plant({f"{MOUNT}/a": "text"})

        effects = started(box, entry("a", "/srv/a"), permissions=[place("/srv/*", perm="0604")])
        assert effects == {"/srv/a": f"0604 {NOVA}:{NOVA} text"}

    def test_without_a_mode_only_the_owner_changes_and_nothing_that_matches_is_fine(self, box: Box) -> None:
        box.plant({"/srv/a": {"text": "1", "mode": 0o604}})

        effects = started(box, permissions=[{"path": "/srv/a", "owner": "nova"}, place("/absent/*")])
        assert effects == {"/srv/a": f"0604 {NOVA}:{NOVA} 1"}

    def test_recursion_leaves_out_what_one_of_the_expressions_finds_but_never_the_top(self, box: Box) -> None:
        box.plant({f"/srv/d/{name}": "1" for name in ("keep.log", "b/keep", "b/other", "c")})

        effects = started(box, permissions=[place("/srv/d", recurse=True, exclude=["^/srv/d$", "log$", "b/k"])])
        assert sorted(effects) == ["/srv/d", "/srv/d/b", "/srv/d/b/other", "/srv/d/c"]

    def test_without_recursion_only_the_match_changes(self, box: Box) -> None:
        box.plant({"/srv/d/x": "1"})

        assert list(started(box, permissions=[place("/srv/*")])) == ["/srv/d"]

    @pytest.mark.parametrize("section", ["directories", "files", "permissions"])
    @pytest.mark.parametrize("owner", ["no-such-user", "nova:no-such-group", ":", ":nova", "nova:kolla:kolla"])
    def test_an_owner_that_is_not_there_is_status_2(self, box: Box, section: str, owner: str) -> None:
        box.plant({"/srv/x": "1"})
        box.config(**{section: [place("/srv/x" if section != "directories" else "/srv/d", owner=owner)]})

        done = box.start()
        assert done.status == 2
        assert "no such owner" in done.err


def brief_of(box: Box, path: str) -> str:
    node = box.changes()[path]
    return f"{node['mode']} {node['owner'][0]}:{node['owner'][1]} {node['content']}"
