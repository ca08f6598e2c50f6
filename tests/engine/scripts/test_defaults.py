"""The defaults: what is dropped from the configuration goes, or becomes again what the image brought."""

import json

import pytest

from tests.engine.scripts.box import MOUNT, STATE, Box, entry, place, preserving

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("starts", [1, 2, 5])
def test_the_packaged_file_and_nothing_else_comes_back_after_any_number_of_starts(box: Box, starts: int) -> None:
    box.plant(
        {f"{MOUNT}/a": "ours", f"{MOUNT}/d/x": "ours", "/srv/a": {"text": "packaged", "mode": 0o604, "time": 10**18}}
    )
    box.plant({"/srv/d/sub/y": "packaged", "/srv/d/link": {"link": "sub/y"}})
    box.mark()
    box.config(
        entry("a", "/srv/a"), entry("a", "/srv/new/"), entry("d", "/srv/d"), preserving("d", "/srv/e", merge=True)
    )
    for _ in range(starts):
        assert box.start().status == 0
        assert box.check().status == 0
        assert [box.text(path) for path in ("/srv/a", "/srv/new/a", "/srv/d/x", "/srv/e/x")] == ["ours"] * 4
        assert box.text("/etc/kolla/defaults/srv/a") == "packaged"

    box.config()
    assert box.check().status == 1
    for _ in range(2):
        assert box.start().status == 0
        left = {path: node for path, node in box.effects().items() if path.startswith("/srv")}
        assert left == {"/srv/new": "0755 0:0 /"}
        assert box.check().status == 0


def test_the_state_has_the_shape_that_kolla_copy_cacerts_reads(box: Box) -> None:
    box.plant({f"{MOUNT}/a": "1", f"{MOUNT}/ca-certificates/x.crt": "2", "/srv/a": "packaged"})
    shared = "/var/lib/kolla/share/ca-certificates"
    box.config(
        entry("a", "/srv/a"),
        entry("*", "/srv/all/"),
        entry("ca-certificates", shared),
        entry("no", "/b", optional=True),
    )

    assert box.start().status == box.start().status == 0
    text = box.text(STATE)
    assert f'"source": "{shared}"' in text
    assert json.loads(text) == {
        "/srv/a": {"source": "/srv/a", "preserve_properties": True, "dest": "/etc/kolla/defaults/srv/a"},
        shared: {"source": shared, "preserve_properties": True, "dest": None},
    }


def test_a_source_that_comes_and_goes_leaves_the_default(box: Box) -> None:
    box.plant({"/srv/a": "packaged"})
    box.config(entry("a", "/srv/a", optional=True))
    assert box.start().status == 0
    for _ in range(2):
        box.plant({f"{MOUNT}/a": "ours"})
        assert box.check().status == 1
        assert box.start().status == 0
        assert box.text("/srv/a") == "ours"
        box.run("rm", f"{MOUNT}/a")
        assert box.start().status == 0
        assert box.text("/srv/a") == "packaged"


@pytest.mark.parametrize(
    "state", ["", "{", "[]", '{"/srv/a": 7}', '{"/srv/a": {"dest": 7}}', '{"/srv/\\u0000": {"dest": null}}']
)
def test_a_damaged_state_is_a_sentence_and_status_2(box: Box, state: str) -> None:
    box.plant({f"{MOUNT}/a": "ours", "/srv/a": "kept", STATE: state})
    box.config(entry("a", "/srv/a"))
    box.mark()

    done = box.start()
    assert done.status == 2
    assert "is damaged" in done.err
    assert "Traceback" not in done.err
    assert box.changes() == {}


def test_a_backup_that_is_lost_leaves_the_file_that_is_there(box: Box) -> None:
    box.plant({"/srv/a": "kept", STATE: json.dumps({"/srv/a": {"dest": "/etc/kolla/defaults/srv/a"}})})
    box.config()
    box.mark()

    done = box.start()
    assert done.status == 1
    assert "/etc/kolla/defaults/srv/a" in done.err
    assert box.changes() == {}


class TestCheck:
    """--check: 0 for unchanged, 1 for changed, and 2 where a new start would not help; it never changes anything."""

    @pytest.fixture
    def running(self, box: Box) -> Box:
        box.plant({f"{MOUNT}/{name}": "text" for name in ("a", "d/sub/x", "own")})
        box.config(
            entry("a", "/srv/a", perm="600"),
            entry("d", "/srv/d"),
            preserving("own", "/srv/"),
            entry("absent*", "/srv/none/", optional=True),
            directories=[place("/srv/place")],
            files=[place("/srv/place/x")],
        )
        assert box.start().status == 0
        return box

    def test_nothing_changed(self, running: Box) -> None:
        running.mark()
        assert running.check().status == 0
        assert running.changes() == {}

    @pytest.mark.parametrize(
        "command",
        [
            f"echo more >> {MOUNT}/a",
            "echo more >> /srv/a",
            "chmod 0640 /srv/a",
            "chown nova /srv/a",
            "chgrp nova /srv/a",
            f"rm {MOUNT}/a",
            "rm /srv/a",
            "rm /srv/a && mkdir /srv/a",
            "chmod 0700 /srv/d/sub",
            f"touch {MOUNT}/d/sub/new",
            "rm -r /srv/d/sub",
            "echo more >> /srv/d/sub/x",
            f"chmod 0600 {MOUNT}/own",
            f"chown nova {MOUNT}/own",
            "echo other > /run_command",
            "rm /run_command",
            "rm /run_command && mkdir /run_command",
            f"rm {MOUNT}/config.json",
            "mv /srv/d /srv/e && touch /srv/d",
        ],
    )
    def test_a_change_on_either_side(self, running: Box, command: str) -> None:
        running.run("bash", "-c", command)
        running.mark()

        done = running.check()
        expected = 2 if "mkdir /run_command" in command else 1
        assert done.status == expected, done.err
        assert "Traceback" not in done.err
        assert running.changes() == {}

    @pytest.mark.parametrize(
        "command", ["touch /srv/d/sub/own", "rm /srv/place/x", "chmod 0777 /srv/place", "touch /srv/a"]
    )
    def test_what_the_service_does_beside_is_no_change(self, running: Box, command: str) -> None:
        running.run("bash", "-c", command)

        assert running.check().status == 0

    def test_an_entry_that_came_or_went_is_a_change(self, running: Box) -> None:
        running.config(entry("a", "/srv/a", perm="600"))
        assert running.check().status == 1

        running.config(
            entry("a", "/srv/a", perm="600"), entry("d", "/srv/d"), preserving("own", "/srv/"), entry("own", "/srv/b")
        )
        assert running.check().status == 1

    def test_an_owner_that_is_not_there_is_status_2(self, running: Box) -> None:
        running.config(entry("a", "/srv/a", owner="nobody-knows"), entry("d", "/srv/d"), preserving("own", "/srv/"))

        assert running.check().status == 2
