"""kolla_set_configs: what a start makes of a container, and when --check wants it started anew."""

from __future__ import annotations

import ast
import grp
import json
import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from types import ModuleType

SCRIPT = Path(__file__).parents[3] / "src" / "kollage" / "images" / "base" / "kolla_set_configs"
MOUNT = "/var/lib/kolla/config_files"
STATE = "/etc/kolla/defaults/state"
USER = pwd.getpwuid(os.getuid()).pw_name
GROUP = grp.getgrgid(os.getgid()).gr_name
OWNER = f"{USER}:{GROUP}"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
AS_USER = pytest.mark.skipif(os.geteuid() == 0, reason="root is refused nothing")
Entry = dict[str, Any]


def load_script() -> ModuleType:
    """The script as a module, without leaving compiled code in the image's folder."""
    loader = SourceFileLoader(SCRIPT.name, str(SCRIPT))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)
        patch.setitem(sys.modules, loader.name, module)
        loader.exec_module(module)
    return module


script = load_script()


@dataclass(frozen=True)
class Container:
    root: Path

    def __truediv__(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def file(self, path: str, content: str = "", *, mode: int = 0o644) -> Path:
        place = self / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        place.chmod(mode)
        return place

    def mount(self, name: str, content: str = "", *, mode: int = 0o600) -> str:
        """A file among the mounted configuration, and its path for an entry."""
        self.file(f"{MOUNT}/{name}", content, mode=mode)
        return f"{MOUNT}/{name}"

    def config(self, *config_files: Entry, **rest: Any) -> None:
        document = {"command": "service", "config_files": list(config_files)} | rest
        self.file(f"{MOUNT}/config.json", json.dumps(document))

    def start(self, strategy: str | None = "COPY_ALWAYS") -> int:
        environ = {} if strategy is None else {"KOLLA_CONFIG_STRATEGY": strategy}
        status: int = script.main([], self.root, environ)
        return status

    def check(self) -> int:
        status: int = script.main(["--check"], self.root, {})
        return status

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self / STATE).read_text())
        return found


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path)


def entry(source: str, dest: str, **rest: Any) -> Entry:
    return {"source": source, "dest": dest, "owner": OWNER, "perm": "0640"} | rest


def preserving(source: str, dest: str, **rest: Any) -> Entry:
    return {"source": source, "dest": dest, "preserve_properties": True} | rest


def place(path: str, **rest: Any) -> Entry:
    return {"path": path, "owner": OWNER, "perm": "0750"} | rest


def mode(path: Path) -> str:
    return f"{path.lstat().st_mode & 0o7777:04o}"


def tree(top: Path) -> dict[str, object]:
    """All that is below a directory: modes of directories, modes and contents of files, targets of links."""

    def value(path: Path) -> object:
        if path.is_symlink():
            return path.readlink()
        return mode(path) if path.is_dir() else (mode(path), path.read_bytes())

    return {str(path.relative_to(top)): value(path) for path in sorted(top.rglob("*"))}


class TestReading:
    def test_yaml_comes_before_json(self, container: Container) -> None:
        container.config(command="from json")
        container.file(f"{MOUNT}/config.yaml", "command: from yaml\nconfig_files:\n")

        assert container.start() == 0
        assert (container / "run_command").read_text() == "from yaml"

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "null", "{}", '{"command": 7}', '{"command": "a", "files": ["b"]}', "\x00"]
    )
    @pytest.mark.parametrize("name", ["config.json", "config.yaml"])
    def test_what_is_no_configuration_is_a_failure(self, container: Container, name: str, text: str) -> None:
        container.file(f"{MOUNT}/{name}", text)

        assert container.start() == 1
        assert container.check() == 1

    def test_no_configuration_is_a_failure(self, container: Container) -> None:
        assert container.start() == 1

    @pytest.mark.parametrize("key", ["source", "dest", "owner", "perm"])
    @pytest.mark.parametrize("value", ["", None])
    def test_a_copy_needs_its_keys(self, container: Container, key: str, value: str | None) -> None:
        container.config(entry("/a", "/b", optional=True) | {key: value})

        assert container.start() == 1

    @pytest.mark.parametrize("section", ["directories", "files"])
    @pytest.mark.parametrize("key", ["path", "owner", "perm"])
    def test_a_place_needs_its_keys(self, container: Container, section: str, key: str) -> None:
        for bad in (place("/a") | {key: None}, {k: v for k, v in place("/a").items() if k != key}):
            container.config(**{section: [bad]})
            assert container.start() == 1

    @pytest.mark.parametrize("section", ["directories", "files"])
    def test_only_permissions_have_wildcards(self, container: Container, section: str) -> None:
        container.config(**{section: [place("/a*")]})

        assert container.start() == 1

    def test_an_unknown_key_of_a_copy_is_an_error_and_elsewhere_of_no_account(self, container: Container) -> None:
        container.config(directories=[place("/srv", colour="red")], permissions=[place("/srv", colour="red")])
        assert container.start() == 0

        container.config(entry("/a", "/b", optional=True, colour="red"))
        assert container.start() == 2

    @pytest.mark.parametrize("perm", ["64", "06440", "0o64", "0x644", "u=rw", "0648", " 644", 420])
    def test_a_mode_is_3_or_4_octal_digits(self, container: Container, perm: object) -> None:
        container.config(entry(container.mount("a"), "/b", perm=perm))

        assert container.start() == 2

    @pytest.mark.parametrize("owner", ["no-such-user", f"{USER}:no-such-group", f"no-such-user:{GROUP}"])
    def test_an_unknown_owner_is_an_error(self, container: Container, owner: str) -> None:
        container.config(entry(container.mount("a"), "/b", owner=owner))

        assert container.start() == 2

    def test_an_owner_that_is_not_needed_need_not_exist(self, container: Container) -> None:
        container.config(entry("/absent", "/b", optional=True, owner="no-such-user"))

        assert container.start() == 0


class TestDanger:
    @pytest.mark.parametrize("dest", ["/srv/a", "/srv", "/srv/.."])
    def test_a_source_is_not_lost_to_its_own_target(
        self, container: Container, caplog: pytest.LogCaptureFixture, dest: str
    ) -> None:
        kept = container.file("/srv/a", "kept")
        container.config(entry("/srv/a", dest))

        assert container.start() == 2
        assert "cannot be replaced" in caplog.text
        assert kept.read_text() == "kept"
        assert not (container / STATE).exists()

    def test_a_tree_that_links_to_itself_ends(self, container: Container, caplog: pytest.LogCaptureFixture) -> None:
        container.mount("d/x")
        for name, target in (("one", "."), ("two", "..")):
            (container / f"{MOUNT}/d/{name}").symlink_to(target)
        container.config(entry(f"{MOUNT}/d", "/etc/d"))

        assert container.start() == 1
        assert "leads back to where it is" in caplog.text

    @AS_ROOT
    @pytest.mark.parametrize("owner", ["root", "daemon"])
    def test_only_links_of_root_lead_to_what_is_not_their_owners(self, container: Container, owner: str) -> None:
        (container / "srv").mkdir()
        (container / "etc").mkdir()
        (container / "srv/link").symlink_to("../etc")
        os.chown(container / "srv/link", pwd.getpwnam(owner).pw_uid, -1, follow_symlinks=False)
        container.config(entry(container.mount("a"), "/srv/link/a"))

        assert container.start() == (0 if owner == "root" else 2)
        assert (container / "etc/a").exists() == (owner == "root")

    def test_an_entry_that_went_is_forgotten_so_that_nothing_is_left_to_check(self, container: Container) -> None:
        container.config(entry(container.mount("a"), "/etc/a"))
        assert container.start() == 0

        container.config()
        assert container.check() == 1
        assert container.start() == 0
        assert container.check() == 0
        assert container.state() == {}

    @pytest.mark.parametrize("exclude", ["text", ["["], [7]])
    def test_exclude_is_a_list_of_expressions(self, container: Container, exclude: object) -> None:
        container.config(permissions=[place("/srv", exclude=exclude)])

        assert container.start() == 1


class TestStrategy:
    @pytest.mark.parametrize("strategy", [None, "", "copy_always", "COPY_NEVER"])
    def test_it_has_to_be_known_and_nothing_happens_if_it_is_not(
        self, container: Container, strategy: str | None
    ) -> None:
        container.config(entry(container.mount("a"), "/b"))

        assert container.start(strategy) == 1
        assert [path.name for path in container.root.iterdir()] == ["var"]

    def test_copy_once_configures_once(self, container: Container) -> None:
        container.config(entry(container.mount("a", "first"), "/b"))
        assert container.start("COPY_ONCE") == 0
        container.mount("a", "second")

        assert container.start("COPY_ONCE") == 0
        assert (container / "b").read_text() == "first"

    def test_copy_once_counts_only_if_it_went_well(self, container: Container) -> None:
        container.config(entry("/absent", "/b"))

        assert container.start("COPY_ONCE") == 1
        assert not (container / "configured").exists()

    def test_copy_always_configures_each_time(self, container: Container) -> None:
        container.config(entry(container.mount("a", "first"), "/b"))
        assert container.start() == 0
        container.mount("a", "second")

        assert container.start() == 0
        assert (container / "b").read_text() == "second"
        assert not (container / "configured").exists()


class TestCopies:
    def test_a_file_gets_the_path_the_content_and_the_mode_of_the_entry(self, container: Container) -> None:
        container.config(entry(container.mount("a", "text"), "/etc/new/b.conf"))

        assert container.start() == 0
        assert tree(container / "etc/new") == {"b.conf": ("0640", b"text")}

    def test_a_destination_with_a_slash_is_the_directory(self, container: Container) -> None:
        container.mount("d/x")
        container.config(entry(container.mount("a"), "/etc/"), entry(f"{MOUNT}/d/", "/srv/"))

        assert container.start() == 0
        assert (container / "etc/a").is_file()
        assert (container / "srv/d/x").is_file()

    def test_a_missing_source_is_a_failure_unless_it_is_optional(self, container: Container) -> None:
        container.config(entry("/absent", "/b", optional=True), entry("/absent*", "/b", optional=True))
        assert container.start() == 0

        container.config(entry("/absent*", "/b"))
        assert container.start() == 1

    def test_wildcards_name_several_sources(self, container: Container) -> None:
        sources = [container.mount(name) for name in ("1.conf", "2.conf", "3.txt")]
        container.config(entry(sources[0].replace("1", "*"), "/etc/conf.d/"))

        assert container.start() == 0
        assert list(tree(container / "etc/conf.d")) == ["1.conf", "2.conf"]

    def test_a_tree_replaces_what_was_there(self, container: Container) -> None:
        container.mount("d/new/x")
        container.file("/etc/d/old")
        container.config(entry(f"{MOUNT}/d", "/etc/d"))

        assert container.start() == 0
        assert list(tree(container / "etc/d")) == ["new", "new/x"]

    def test_merging_keeps_trees_and_replaces_files(self, container: Container) -> None:
        container.mount("d/sub/x", "new")
        container.file("/etc/d/sub/x", "old")
        container.file("/etc/d/sub/y", "old", mode=0o604)
        container.config(entry(f"{MOUNT}/d", "/etc/d", merge=True))

        assert container.start() == 0
        assert tree(container / "etc/d") == {
            "sub": "0750",
            "sub/x": ("0640", b"new"),
            "sub/y": ("0604", b"old"),
        }

    @pytest.mark.parametrize("merge", [False, True])
    def test_a_file_may_take_the_place_of_a_tree_and_the_other_way_round(
        self, container: Container, merge: bool
    ) -> None:
        container.file("/etc/1/x")
        container.file("/etc/2")
        container.mount("2/y")
        container.config(entry(container.mount("1"), "/etc/1", merge=merge), entry(f"{MOUNT}/2", "/etc/2", merge=merge))

        assert container.start() == 0
        assert (container / "etc/1").is_file()
        assert (container / "etc/2/y").is_file()

    @pytest.mark.parametrize("merge", [False, True])
    def test_a_link_at_the_target_is_replaced_and_not_followed(self, container: Container, merge: bool) -> None:
        kept = container.file("/srv/kept", "kept", mode=0o604)
        for name in ("file", "folder"):
            (container / "etc").mkdir(exist_ok=True)
            (container / f"etc/{name}").symlink_to("../srv/kept" if name == "file" else "../srv")
        source = container.mount("a", "new")
        container.config(entry(source, "/etc/file", merge=merge), entry(source, "/etc/folder", merge=merge))

        assert container.start() == 0
        assert tree(container / "etc")["file"] == tree(container / "etc")["folder"] == ("0640", b"new")
        assert (kept.read_text(), mode(kept)) == ("kept", "0604")

    def test_links_in_the_source_are_followed(self, container: Container) -> None:
        container.mount("real/x", "text")
        (container / f"{MOUNT}/d").mkdir()
        (container / f"{MOUNT}/d/folder").symlink_to("../real")
        (container / f"{MOUNT}/d/file").symlink_to("../real/x")
        container.config(entry(f"{MOUNT}/d", "/etc/d"))

        assert container.start() == 0
        assert tree(container / "etc/d") == {
            "file": ("0640", b"text"),
            "folder": "0750",
            "folder/x": ("0640", b"text"),
        }

    def test_merging_with_all_properties_keeps_links_to_files(self, container: Container) -> None:
        container.mount("d/real/x", "text", mode=0o604)
        (container / f"{MOUNT}/d/file").symlink_to("real/x")
        (container / f"{MOUNT}/d/nowhere").symlink_to("absent")
        container.file("/etc/d/file", "old")
        container.config(preserving(f"{MOUNT}/d", "/etc/d", merge=True))

        assert container.start() == 0
        assert tree(container / "etc/d") == tree(container / f"{MOUNT}/d")
        assert container.check() == 0

    def test_what_is_neither_file_nor_directory_is_a_failure(self, container: Container) -> None:
        container.mount("d/x")
        os.mkfifo(container / f"{MOUNT}/d/pipe")
        container.config(entry(f"{MOUNT}/d", "/etc/d"))
        assert container.start() == 1

        (container / f"{MOUNT}/d/pipe").unlink()
        (container / f"{MOUNT}/d/pipe").symlink_to("absent")
        assert container.start() == 1

    def test_properties_are_preserved_times_too(self, container: Container) -> None:
        source = container / container.mount("d/x", mode=0o604)
        source.parent.chmod(0o711)
        for path in (source, source.parent):
            os.utime(path, ns=(10**18, 10**18 + 1))
        container.config(preserving(f"{MOUNT}/d", "/etc/d"))

        assert container.start() == 0
        copies = [container / "etc/d", container / "etc/d/x"]
        assert [mode(path) for path in copies] == ["0711", "0604"]
        assert [path.stat().st_mtime_ns for path in copies] == [10**18 + 1] * 2

    @pytest.mark.parametrize(
        ("perm", "file", "folder"),
        [
            ("600", "0600", "0700"),
            ("0640", "0640", "0750"),
            ("0o644", "0644", "0755"),
            ("0o2664", "2664", "2775"),
            ("1777", "1777", "1777"),
            ("0711", "0711", "0711"),
        ],
    )
    def test_who_may_read_a_directory_may_enter_it(
        self, container: Container, perm: str, file: str, folder: str
    ) -> None:
        container.mount("d/x")
        container.config(entry(f"{MOUNT}/d", "/etc/d", perm=perm))

        assert container.start() == 0
        assert [mode(container / "etc/d"), mode(container / "etc/d/x")] == [folder, file]
        assert container.check() == 0

    @AS_ROOT
    @pytest.mark.parametrize(
        ("owner", "expected"),
        [("daemon", ("daemon", "daemon")), ("daemon:", ("daemon", "daemon")), ("daemon:bin", ("daemon", "bin"))],
    )
    def test_an_owner_is_a_user_and_a_group(self, container: Container, owner: str, expected: tuple[str, str]) -> None:
        container.mount("d/x")
        container.config(entry(f"{MOUNT}/d", "/etc/d", owner=owner), directories=[place("/srv", owner=owner)])

        assert container.start() == 0
        for path in ("etc/d", "etc/d/x", "srv"):
            assert ((container / path).owner(), (container / path).group()) == expected
        assert container.check() == 0

    @AS_USER
    def test_an_owner_that_is_refused_does_not_stop_the_start(
        self, container: Container, caplog: pytest.LogCaptureFixture
    ) -> None:
        container.config(entry(container.mount("a"), "/b", owner="root", perm="0604"))

        assert container.start() == 0
        assert mode(container / "b") == "0604"
        assert "chown" in caplog.text

    def test_a_refusal_is_told(self, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
        script.attempt(Path("/mounted"), os.chmod, str(tmp_path / "absent"), 0o600)

        assert "chmod of /mounted failed" in caplog.text

    def test_nothing_else_is_left_beside_a_target(self, container: Container) -> None:
        container.config(entry(container.mount("a"), "/etc/a/b"))
        container.file("/etc/a/b/c")

        assert container.start() == 0
        assert list(tree(container / "etc/a")) == ["b"]

    def test_the_command_is_written_as_it_is_for_everyone_to_read(self, container: Container) -> None:
        container.config(command="naïve --flag 'x'  ")

        assert container.start() == 0
        assert (container / "run_command").read_bytes() == "naïve --flag 'x'  ".encode()
        assert mode(container / "run_command") == "0644"


class TestDirectories:
    def test_they_are_made_with_their_parents_and_before_all_else(self, container: Container) -> None:
        container.config(
            directories=[place("/var/log/kolla/nova", perm="2770")], files=[place("/var/log/kolla/nova/x")]
        )

        assert container.start() == container.start() == 0
        assert mode(container / "var/log/kolla/nova") == "2770"

    def test_their_content_follows_if_they_say_so(self, container: Container) -> None:
        container.file("/srv/a/x", mode=0o600)
        container.config(directories=[place("/srv", perm="0750", recurse=True, exclude=["/srv/a/.$"])])

        assert container.start() == 0
        assert [mode(container / path) for path in ("srv", "srv/a", "srv/a/x")] == ["0750", "0750", "0600"]

    def test_a_file_in_the_way_is_an_error(self, container: Container) -> None:
        container.file("/srv")
        container.config(directories=[place("/srv")])

        assert container.start() == 2


class TestFiles:
    def test_a_file_is_made_empty_and_never_emptied(self, container: Container) -> None:
        container.file("/var/log/old.log", "lines", mode=0o600)
        container.config(files=[place(f"/var/log/{name}.log", perm="0664") for name in ("new", "old")])

        assert container.start() == 0
        assert tree(container / "var/log") == {"new.log": ("0664", b""), "old.log": ("0664", b"lines")}

    @pytest.mark.parametrize("kind", ["link", "link to nowhere", "directory", "pipe", "nothing"])
    def test_anything_else_there_is_an_error_and_stays_as_it_was(self, container: Container, kind: str) -> None:
        secret = container.file("/secret", "secret", mode=0o600)
        parent = container / "var/log"
        if kind != "nothing":
            parent.mkdir(parents=True)
        if kind.startswith("link"):
            (parent / "x").symlink_to(secret if kind == "link" else container / "absent")
        if kind == "directory":
            (parent / "x").mkdir(mode=0o700)
        if kind == "pipe":
            os.mkfifo(parent / "x", 0o600)
        before = tree(container.root) if kind != "pipe" else {}
        container.config(files=[place("/var/log/x", perm="0664")])

        assert container.start() == 2
        (container / f"{MOUNT}/config.json").unlink()
        assert mode(secret) == "0600"
        assert not (container / "absent").exists()
        if kind in {"link", "directory"}:
            assert before.items() <= tree(container.root).items()


class TestPermissions:
    def test_they_come_last_and_may_change_what_was_copied(self, container: Container) -> None:
        container.config(entry(container.mount("a"), "/etc/a"), permissions=[place("/etc/*", perm="0604")])

        assert container.start() == 0
        assert mode(container / "etc/a") == "0604"
        assert container.check() == 0

    def test_nothing_that_matches_is_fine_and_no_mode_leaves_the_mode(self, container: Container) -> None:
        container.file("/srv/x", mode=0o604)
        container.config(permissions=[place("/absent/*"), {"path": "/srv/x", "owner": OWNER}])

        assert container.start() == 0
        assert mode(container / "srv/x") == "0604"

    def test_a_program_that_changes_hands_without_a_mode_is_no_longer_set_id(self, container: Container) -> None:
        source = container.mount("a")
        container.config(
            entry(source, "/etc/a", perm="6755"),
            entry(source, "/etc/b", perm="2640"),
            permissions=[{"path": "/etc/?", "owner": OWNER}],
        )

        assert container.start() == 0
        assert [mode(container / "etc/a"), mode(container / "etc/b")] == ["0755", "2640"]
        assert container.check() == 0

    def test_without_recursion_only_what_matches_is_changed(self, container: Container) -> None:
        container.file("/srv/a/x", mode=0o604)
        container.config(permissions=[place("/srv/*", perm="0700")])

        assert container.start() == 0
        assert tree(container / "srv") == {"a": "0700", "a/x": ("0604", b"")}

    def test_recursion_skips_what_any_of_the_expressions_finds_but_never_the_top(self, container: Container) -> None:
        for name in ("keep.log", "b/keep", "b/other", "c"):
            container.file(f"/srv/{name}", mode=0o604)
        (container / "srv").chmod(0o711)
        container.config(permissions=[place("/srv", perm="0600", recurse=True, exclude=["^/srv$", "log$", "b/k"])])

        assert container.start() == 0
        assert mode(container / "srv") == "0700"
        assert tree(container / "srv") == {
            "b": "0700",
            "b/keep": ("0604", b""),
            "b/other": ("0600", b""),
            "c": ("0600", b""),
            "keep.log": ("0604", b""),
        }

    @pytest.mark.parametrize("path", ["/srv/*", "/srv"])
    def test_a_link_that_a_service_left_leads_to_no_other_file(self, container: Container, path: str) -> None:
        outside = [container.file("/etc/shadow", mode=0o600), container.file("/etc/d/x", mode=0o600)]
        container.file("/srv/own.log")
        (container / "srv/file.log").symlink_to("../etc/shadow")
        (container / "srv/folder").symlink_to("../etc/d")
        (container / "srv/nowhere").symlink_to("absent")
        container.config(permissions=[place(path, perm="0666", recurse=True)])

        assert container.start() == 0
        assert [mode(path) for path in outside] == ["0600", "0600"]
        assert mode(container / "srv/own.log") == "0666"

    def test_a_link_that_is_the_path_of_an_entry_is_followed(self, container: Container) -> None:
        container.file("/srv/real/x", mode=0o600)
        (container / "srv/link").symlink_to("real")
        container.config(permissions=[place("/srv/link", perm="0644", recurse=True)])

        assert container.start() == 0
        assert tree(container / "srv/real") == {"x": ("0644", b"")}


class TestDefaults:
    def test_the_state_names_each_target_with_its_backup(self, container: Container) -> None:
        container.file("/etc/a", "packaged")
        container.config(
            entry(container.mount("a"), "/etc/a"),
            entry(container.mount("b"), "/etc/"),
            entry(f"{MOUNT}/*", "/srv/"),
            entry("/absent", "/etc/c", optional=True),
        )

        assert container.start() == 0
        assert container.state() == {
            "/etc/a": {"source": "/etc/a", "preserve_properties": True, "dest": "/etc/kolla/defaults/etc/a"},
            "/etc/b": {"source": "/etc/b", "preserve_properties": True, "dest": None},
        }
        assert (container / "etc/kolla/defaults/etc/a").read_text() == "packaged"

    @pytest.mark.parametrize("starts", [1, 2, 3, 4])
    def test_the_packaged_file_comes_back_when_its_entry_goes(self, container: Container, starts: int) -> None:
        packaged = container.file("/etc/a", "packaged", mode=0o604)
        os.utime(packaged, ns=(10**18, 10**18))
        container.config(entry(container.mount("a", "ours"), "/etc/a"))
        assert [container.start() for _ in range(starts)] == [0] * starts
        assert packaged.read_text() == "ours"

        container.config()
        for _ in range(2):
            assert container.start() == 0
            assert (packaged.read_text(), mode(packaged)) == ("packaged", "0604")
            assert packaged.stat().st_mtime_ns == 10**18

    @pytest.mark.parametrize("starts", [1, 2, 3, 4])
    def test_a_file_that_was_not_packaged_goes_with_its_entry(self, container: Container, starts: int) -> None:
        container.config(entry(container.mount("a", "ours"), "/etc/a"))
        for _ in range(starts):
            assert container.start() == 0

        container.config()
        assert container.start() == container.start() == 0
        assert not (container / "etc/a").exists()

    def test_the_backup_stays_what_was_packaged_however_often_the_container_starts(self, container: Container) -> None:
        container.file("/etc/a", "packaged")
        container.config(entry(container.mount("a", "ours"), "/etc/a"))

        for _ in range(4):
            assert container.start() == 0
            assert (container / "etc/kolla/defaults/etc/a").read_text() == "packaged"
            assert container.state()["/etc/a"]["source"] == "/etc/a"

    def test_a_target_may_lie_inside_another_one_whatever_their_order(self, container: Container) -> None:
        container.file("/etc/a/a", "packaged")
        before = tree(container / "etc")
        source = container.mount("a", "ours")
        container.config(entry(source, "/etc/a/"), entry(source, "/etc/a"))
        assert container.start() == container.start() == 0

        container.config()
        assert container.start() == 0
        assert before.items() <= tree(container / "etc").items()

    def test_a_packaged_tree_comes_back_with_its_links(self, container: Container) -> None:
        container.file("/etc/d/sub/x", "packaged", mode=0o604)
        (container / "etc/d/link").symlink_to("sub/x")
        (container / "etc/d/folder").symlink_to("sub")
        (container / "etc/other").symlink_to("nowhere")
        before = tree(container / "etc")
        container.mount("d/y")
        container.config(entry(f"{MOUNT}/d", "/etc/d"), entry(container.mount("a"), "/etc/other"))
        assert container.start() == 0

        container.config()
        assert container.start() == 0
        (container / STATE).unlink()
        assert before.items() <= tree(container / "etc").items()
        assert not (container / "etc/d/y").exists()

    def test_a_source_that_appears_later_finds_its_default(self, container: Container) -> None:
        container.file("/etc/a", "packaged")
        container.config(entry(f"{MOUNT}/a", "/etc/a", optional=True))
        assert container.start() == 0
        assert container.state() == {}

        container.mount("a", "ours")
        assert container.check() == 1
        assert container.start() == 0
        (container / f"{MOUNT}/a").unlink()
        assert container.start() == 0
        assert (container / "etc/a").read_text() == "packaged"

    def test_a_target_that_lost_its_parent_is_no_obstacle(self, container: Container) -> None:
        container.config(entry(container.mount("a"), "/srv/d/a"))
        assert container.start() == 0
        (container / "srv/d/a").unlink()
        (container / "srv/d").rmdir()
        container.file("/srv/d")

        container.config()
        assert container.start() == 0

    def test_the_certificate_helper_finds_the_text_it_looks_for(self, container: Container) -> None:
        container.mount("ca-certificates/a.crt")
        container.config(entry(f"{MOUNT}/ca-certificates", "/var/lib/kolla/share/ca-certificates", perm="0600"))

        assert container.start() == 0
        assert '"source": "/var/lib/kolla/share/ca-certificates"' in (container / STATE).read_text()


class TestCheck:
    @pytest.fixture
    def running(self, container: Container) -> Container:
        container.mount("d/sub/deep/x", "text")
        container.mount("own", "text", mode=0o604)
        container.config(
            entry(container.mount("a", "text"), "/etc/a", perm="600"),
            entry(f"{MOUNT}/d", "/etc/d", perm="0o640"),
            preserving(f"{MOUNT}/own", "/etc/"),
            entry("/absent*", "/etc/none/", optional=True),
        )
        assert container.start() == 0
        return container

    def test_nothing_has_changed_after_a_start_and_nothing_is_touched(self, running: Container) -> None:
        before = tree(running.root)

        assert running.check() == 0
        assert tree(running.root) == before

    def test_a_container_that_was_never_configured_is_to_be_started(self, running: Container) -> None:
        (running / "run_command").unlink()

        assert running.check() == 1

    @pytest.mark.parametrize("command", ["other", "service "])
    def test_another_command_is_a_change(self, running: Container, command: str) -> None:
        document = json.loads((running / f"{MOUNT}/config.json").read_text())
        running.config(*document["config_files"], command=command)

        assert running.check() == 1

    def test_a_dropped_entry_is_a_change(self, running: Container) -> None:
        document = json.loads((running / f"{MOUNT}/config.json").read_text())
        running.config(*document["config_files"][1:])

        assert running.check() == 1

    @pytest.mark.parametrize("path", ["a", "own", "d/sub/deep/x"])
    def test_another_content_on_either_side_is_a_change(self, running: Container, path: str) -> None:
        for side in (MOUNT, "/etc"):
            changed = running / f"{side}/{path}"
            changed.write_text("TEXT")
            assert running.check() == 1
            changed.write_text("text")
            assert running.check() == 0

    @pytest.mark.parametrize("path", ["a", "own", "d", "d/sub/deep", "d/sub/deep/x"])
    def test_another_mode_is_a_change(self, running: Container, path: str) -> None:
        (running / f"etc/{path}").chmod(0o777)

        assert running.check() == 1

    @AS_ROOT
    @pytest.mark.parametrize("path", ["a", "own", "d", "d/sub/deep", "d/sub/deep/x"])
    @pytest.mark.parametrize("ids", [(1, 0), (0, 1), (54321, 54321)])
    def test_another_owner_is_a_change(self, running: Container, path: str, ids: tuple[int, int]) -> None:
        os.chown(running / f"etc/{path}", *ids)

        assert running.check() == 1

    def test_a_mode_that_is_preserved_is_that_of_the_source(self, running: Container) -> None:
        (running / f"{MOUNT}/own").chmod(0o600)

        assert running.check() == 1

    @pytest.mark.parametrize("path", ["etc/a", f"{MOUNT}/a", "etc/d/sub/deep/x"])
    def test_a_missing_file_on_either_side_is_a_change(self, running: Container, path: str) -> None:
        (running / path).unlink()

        assert running.check() == 1

    def test_a_new_file_in_a_source_directory_is_a_change(self, running: Container) -> None:
        running.mount("d/sub/new")

        assert running.check() == 1

    def test_files_of_the_service_in_a_target_are_none(self, running: Container) -> None:
        running.file("/etc/d/sub/own", "by the service")

        assert running.check() == 0

    def test_a_file_in_the_place_of_a_directory_is_a_change(self, running: Container) -> None:
        (running / "etc/d").rename(running / "etc/e")
        running.file("/etc/d")

        assert running.check() == 1

    def test_another_link_is_a_change(self, container: Container) -> None:
        container.mount("d/x")
        (container / f"{MOUNT}/d/link").symlink_to("x")
        container.config(preserving(f"{MOUNT}/d", "/etc/d", merge=True))
        assert container.start() == 0

        (container / "etc/d/link").unlink()
        assert container.check() == 1
        (container / "etc/d/link").symlink_to("y")
        assert container.check() == 1

    def test_directories_files_and_permissions_are_not_checked(self, container: Container) -> None:
        container.config(directories=[place("/srv")], files=[place("/srv/a")], permissions=[place("/srv/*")])
        assert container.start() == 0
        (container / "srv/a").unlink()
        (container / "srv").chmod(0o700)

        assert container.check() == 0


class TestProgram:
    def test_what_nobody_foresaw_has_a_status_of_its_own_and_a_traceback(
        self, container: Container, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert script.main([], None, {}) == 2
        assert "Traceback" in caplog.text

    @pytest.mark.parametrize("state", ["{", "[]", "7", '{"/etc/a": 7}', '{"/etc/a": {}}', '{"/etc/a": {"dest": 7}}'])
    def test_a_damaged_state_is_told_in_a_sentence(
        self, container: Container, caplog: pytest.LogCaptureFixture, state: str
    ) -> None:
        container.config()
        container.file(STATE, state)

        assert container.start() == 2
        assert "is damaged" in caplog.text
        assert "Traceback" not in caplog.text

    def test_a_failure_is_a_sentence(self, container: Container, caplog: pytest.LogCaptureFixture) -> None:
        container.config(entry("/absent", "/b"))

        assert container.start() == 1
        assert "/absent does not exist" in caplog.text
        assert "Traceback" not in caplog.text

    def test_an_unknown_argument_is_an_error(self, container: Container) -> None:
        with pytest.raises(SystemExit, match="2"):
            script.main(["--chekc"], container.root, {})

    def test_the_environment_of_the_caller_does_not_reach_the_interpreter(self) -> None:
        assert SCRIPT.read_text().startswith("#!/usr/bin/python3 -I\n")

    def test_it_understands_itself_from_python_3_9_on(self) -> None:
        ast.parse(SCRIPT.read_text(), feature_version=(3, 9))

    def test_it_runs_on_its_own(self) -> None:
        done = subprocess.run([sys.executable, SCRIPT, "--help"], capture_output=True, text=True, check=True)

        assert "--check" in done.stdout


# Any configuration


NAMES = st.sampled_from("abc")
TEXTS = st.sampled_from(["", "1", "2"])
TREES = st.recursive(TEXTS, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=6)
Tree = Any  # the text of a file, or a dictionary of trees
PERMS = st.sampled_from(["600", "0640", "0o755", "2775", "0711", "2600", "4711", "6775"])
PATHS = st.sampled_from(["/etc/a", "/etc/b", "/etc/a/b", "/etc/a/b/c", "/srv/new/a", "/etc/", "/etc/a/", "/srv/"])


def plant(top: Path, found: Tree) -> None:
    if isinstance(found, str):
        top.write_text(found)
    else:
        top.mkdir(exist_ok=True)
        for name, inner in found.items():
            plant(top / name, inner)


@st.composite
def copies(draw: st.DrawFn, *, wildcards: bool) -> Entry:
    source, dest = f"{MOUNT}/{draw(NAMES)}", draw(PATHS)
    if wildcards and draw(st.booleans()):
        source, dest = f"{source}/*", "/srv/new/"  # has no default, so it must not be in the way of anything
    flags = {name: draw(st.booleans()) for name in ("merge", "preserve_properties")}
    return entry(source, dest, perm=draw(PERMS), optional=True, **flags)


@st.composite
def permissions(draw: st.DrawFn) -> Entry:
    path = draw(st.sampled_from(["/etc/*", "/etc/a", "/etc/?/b", "/srv", "/absent"]))
    exclude = draw(st.lists(st.sampled_from(["a$", "^/etc/a", "b"]), max_size=2))
    perm = draw(st.none() | PERMS)
    return {"path": path, "owner": OWNER, "perm": perm, "recurse": draw(st.booleans()), "exclude": exclude}


PACKAGED = st.dictionaries(NAMES, TREES, max_size=3)
MOUNTED = st.dictionaries(NAMES, TREES, max_size=3)
relaxed = settings(
    deadline=None, database=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


def image(factory: pytest.TempPathFactory, packaged: Tree, mounted: Tree) -> Container:
    container = Container(factory.mktemp("root"))
    for path, found in (("etc", packaged), (MOUNT, mounted)):
        (container / path).mkdir(parents=True)
        plant(container / path, found)
    return container


def live(container: Container) -> dict[str, object]:
    """What a service sees of its configuration."""
    seen = {top: tree(container / top) for top in ("etc", "srv")}
    return {f"{top}/{path}": value for top in seen for path, value in seen[top].items()} | {
        "command": (container / "run_command").read_text()
    }


@relaxed
@given(
    packaged=PACKAGED,
    mounted=MOUNTED,
    entries=st.lists(copies(wildcards=True), max_size=4),
    permitted=st.lists(permissions(), max_size=2),
)
def test_after_any_start_nothing_has_changed_and_another_start_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    packaged: Tree,
    mounted: Tree,
    entries: list[Entry],
    permitted: list[Entry],
) -> None:
    container = image(tmp_path_factory, packaged, mounted)
    container.config(*entries, permissions=permitted)
    assume(container.start() == 0)  # a file may be in the way of a directory
    first = live(container)
    assert container.check() == 0

    for _ in range(2):
        assert container.start() == 0
        assert live(container) == first
        assert container.check() == 0


@relaxed
@given(
    packaged=PACKAGED,
    mounted=MOUNTED,
    configurations=st.lists(st.lists(copies(wildcards=False), max_size=3), min_size=1, max_size=4),
)
def test_after_any_history_an_empty_configuration_is_the_packaged_one(
    tmp_path_factory: pytest.TempPathFactory,
    packaged: Tree,
    mounted: Tree,
    configurations: list[list[Entry]],
) -> None:
    container = image(tmp_path_factory, packaged, mounted)
    before = {path: value for path, value in tree(container / "etc").items() if not isinstance(value, str)}
    for entries in configurations:
        container.config(*entries)
        assume(container.start() == 0)

    container.config()
    assert container.start() == 0
    found = tree(container / "etc").items() | tree(container / "srv").items()
    files = {path: value for path, value in found if not isinstance(value, str) and not path.startswith("kolla/")}
    assert files == before
