"""Input that means harm, or meets a container in a strange state: a sentence and a status, and nothing else touched."""

import pytest

from tests.engine.scripts.box import ALWAYS, MOUNT, NOVA, Box, entry, place

pytestmark = pytest.mark.engine

SVC = {"folder": True, "owner": [NOVA, NOVA]}
TRAP = {"link": "/etc", "owner": [NOVA, NOVA]}


def refused(box: Box, status: int) -> str:
    """Start, which must end with a status and a sentence, and have touched nothing but its own records."""
    box.mark()
    done = box.start()
    assert done.status == status, done.err
    assert "Traceback" not in done.err
    assert box.effects() == {}
    return done.err


@pytest.mark.parametrize("dest", ["/.", "/..", "/srv/..", "/etc/../srv/..", "/srv/root", "//"])
def test_the_root_is_never_replaced(box: Box, dest: str) -> None:
    box.plant({f"{MOUNT}/a": "text", "/srv/root/keep": "kept"})
    box.config(entry("/srv/root/keep" if dest == "/srv/root" else "a", dest if dest != "//" else "/./."))

    assert "cannot be replaced" in refused(box, 2)


@pytest.mark.parametrize(
    "dest", ["/etc", "/etc/kolla", "/etc/kolla/defaults", "/etc/kolla/defaults/state", MOUNT, "/var/lib"]
)
def test_what_the_start_itself_needs_is_never_replaced(box: Box, dest: str) -> None:
    box.plant({f"{MOUNT}/a": "text", "/etc/kolla/defaults/state": "{}"})
    box.config(entry("a", dest))

    assert "cannot be replaced" in refused(box, 2)


@pytest.mark.parametrize(("source", "dest"), [("/srv/d/a", "/srv/d/a"), ("/srv/d/a", "/srv/d"), ("/srv/d/*", "/srv/d")])
def test_a_source_is_not_lost_to_its_own_target(box: Box, source: str, dest: str) -> None:
    box.plant({"/srv/d/a": "kept"})
    box.config(entry(source, dest))

    assert "cannot be replaced" in refused(box, 2)


def test_a_link_to_its_own_source_becomes_a_copy(box: Box) -> None:
    box.plant({f"{MOUNT}/a": "text", "/srv/a": {"link": f"{MOUNT}/a"}})
    box.config(entry("a", "/srv/a"))
    box.mark()

    assert box.start().status == 0
    assert box.effects() == {"/srv/a": "0640 0:0 text"}


@pytest.mark.parametrize(
    "links",
    [{"d/l": "."}, {"d/l": ".."}, {"d/l": "/"}, {"d/l": "../e", "e/l": "../d"}, {"d/1": ".", "d/2": "..", "d/3": "/"}],
)
def test_links_that_lead_in_circles_end(box: Box, links: dict[str, str]) -> None:
    box.plant({f"{MOUNT}/{name}": {"link": target} for name, target in links.items()})
    box.config(entry("d", "/srv/d"))

    assert "leads back to where it is" in refused(box, 1)


@pytest.mark.parametrize("node", [{"link": "absent"}, {"link": "a"}, {"pipe": True}])
@pytest.mark.parametrize("name", ["a", "d/a"])
def test_what_is_neither_file_nor_directory_is_status_1(box: Box, name: str, node: dict[str, object]) -> None:
    box.plant({f"{MOUNT}/{name}": node})
    box.config(entry(name.partition("/")[0], "/srv/x"))

    assert "neither a file nor a directory" in refused(box, 1)


@pytest.mark.parametrize("section", ["directories", "permissions"])
@pytest.mark.parametrize("path", ["/", "/srv/root", "/srv/above", "/srv/root/srv/.."])
def test_everything_there_is_cannot_be_taken(box: Box, section: str, path: str) -> None:
    """A link that root made may lead anywhere; of a whole root that is none the less a mistake."""
    box.plant({"/srv/root": {"link": "/"}, "/srv/above": {"link": ".."}})
    box.config(**{section: [place(path, perm="0700", recurse=True)]})

    assert "not all that is there can be taken" in refused(box, 2)


class TestTraps:
    """A service owns /svc and left a link there that leads root to what is not its own."""

    @pytest.mark.parametrize(
        "wanted",
        [
            {"config_files": [entry("a", "/svc/trap/passwd", owner="nova")]},
            {"config_files": [entry("d", "/svc", owner="nova", merge=True)]},
            {"config_files": [entry("d/trap", "/svc/trap", owner="nova", merge=True)]},
            {"config_files": [entry("a", "/svc/indirect/passwd", owner="nova")]},
            {"directories": [place("/svc/trap", perm="0777", recurse=True)]},
            {"directories": [place("/svc/trap/new", perm="0777")]},
            {"files": [place("/svc/trap/new")]},
            {"permissions": [place("/svc/trap", perm="0777", recurse=True)]},
            {"permissions": [place("/svc/*/passwd", perm="0777")]},
            {"permissions": [place("/svc/trap/shadow", perm="0777")]},
        ],
    )
    def test_it_is_told_and_nothing_happens(self, box: Box, wanted: dict[str, list[dict[str, object]]]) -> None:
        box.plant({f"{MOUNT}/a": "evil", f"{MOUNT}/d/trap/passwd": "evil", "/svc": SVC, "/svc/trap": TRAP})
        box.plant({"/svc/indirect": {"link": "trap"}})
        box.config(*wanted.pop("config_files", []), **wanted)

        assert "is a link of another owner than what it leads to" in refused(box, 2)

    def test_links_that_root_made_or_that_stay_with_their_owner_are_followed(self, box: Box) -> None:
        box.plant({f"{MOUNT}/a": "text", "/svc": SVC, "/svc/own": SVC, "/srv/other": None})
        box.plant({"/svc/1": {"link": "/srv/other"}, "/svc/2": {"link": "own", "owner": [NOVA, NOVA]}})
        box.config(entry("a", "/svc/1/"), entry("a", "/svc/2/"))
        box.mark()

        assert box.start().status == 0
        assert box.effects() == {"/srv/other/a": "0640 0:0 text", "/svc/own/a": "0640 0:0 text"}

    def test_links_below_a_path_or_in_the_place_of_a_target_lead_nowhere(self, box: Box) -> None:
        box.plant({f"{MOUNT}/a": "text", "/svc": SVC, "/svc/trap": TRAP, "/svc/a": {"link": "/etc/passwd"} | TRAP})
        box.config(
            entry("a", "/svc/a"), permissions=[place("/svc", perm="0700", recurse=True), place("/svc/*", perm="0600")]
        )
        box.mark()

        assert box.start().status == 0
        assert {path for path in box.effects() if not path.startswith("/svc")} == set()


@pytest.mark.parametrize("name", ["a b", "a\nb", " ", "-rf", "a'\"$(touch x)`;&", "é", "\udcff", "a\\b", "x" * 255])
def test_names_are_names_whatever_is_in_them(box: Box, name: str) -> None:
    box.plant({f"{MOUNT}/d/{name}": "text"})
    box.config(entry("d", "/srv/d"), entry("d/*", "/srv/e/"), entry(f"d/{name.replace('[', '[[]')}", f"/srv/{name}"))
    box.mark()

    assert box.start().status == 0
    wanted = dict.fromkeys((f"/srv/d/{name}", f"/srv/e/{name}", f"/srv/{name}"), "0640 0:0 text")
    assert box.effects() == wanted | {"/srv/d": "0750 0:0 /", "/srv/e": "0755 0:0 /"}
    assert box.check().status == 0


def test_a_name_that_is_too_long_is_a_sentence(box: Box) -> None:
    box.plant({f"{MOUNT}/a": "text"})
    box.config(entry("a", "/srv/" + "x" * 256))

    assert "File name too long" in refused(box, 2)


@pytest.mark.parametrize("merge", [False, True])
def test_a_file_in_the_way_of_a_directory_is_a_sentence(box: Box, merge: bool) -> None:
    box.plant({f"{MOUNT}/a": "text", "/srv/file": "kept"})
    box.config(entry("a", "/srv/file/a", merge=merge))

    assert "'/srv/file'" in refused(box, 2)


def test_a_read_only_mount_refuses_copies_but_not_the_start_for_the_sake_of_owners_and_modes(box: Box) -> None:
    box.config(permissions=[place("/readonly", recurse=True)], directories=[place("/readonly")])
    done = box.start()
    assert done.status == 0
    assert "chown of /readonly failed: Read-only file system" in done.err
    assert "chmod of /readonly failed: Read-only file system" in done.err

    box.plant({f"{MOUNT}/a": "text"})
    box.config(entry("a", "/readonly/a"))
    assert "Read-only file system" in refused(box, 2)


def test_ten_thousand_files_are_copied_checked_and_forgotten(box: Box) -> None:
    box.run("bash", "-c", f"mkdir -p {MOUNT}/d && cd {MOUNT}/d && seq 10000 | split -l 1 -a 4 -")
    box.config(entry("d", "/srv/d"))
    assert box.start().status == 0
    assert box.run("diff", "-r", f"{MOUNT}/d", "/srv/d").status == 0
    assert len(box.run("ls", "/srv/d").out.split()) == 10000
    assert box.check().status == 0

    box.config()
    assert box.start().status == 0
    assert box.run("ls", "-A", "/srv").out == ""
    box.run("rm", "-r", f"{MOUNT}/d")


def test_sources_that_vanish_while_a_start_runs_are_a_sentence(box: Box) -> None:
    box.plant({f"{MOUNT}/d/{number}": "text" for number in range(300)})
    box.config(entry("d", "/srv/d"))
    script = f"kolla_set_configs & sleep 0.0$((RANDOM % 10)); rm -r {MOUNT}/d; wait $!"

    done = box.run("bash", "-c", script, env=ALWAYS)
    assert done.status in {0, 1, 2}
    assert "Traceback" not in done.err
    assert box.start().status == 1  # gone for good


def test_a_start_that_was_killed_is_made_good_by_the_next(box: Box) -> None:
    box.plant(
        {f"{MOUNT}/d/{number}": "ours" for number in range(200)}
        | {f"/srv/d/{number}": "packaged" for number in range(200)}
    )
    box.mark()
    box.config(entry("d", "/srv/d"))
    for hundredths in range(4, 20, 2):
        box.run("timeout", "--signal=KILL", f"0.{hundredths:02d}", "kolla_set_configs", env=ALWAYS)
    box.run("bash", "-c", "rm -f /srv/.kolla-* /srv/d/.kolla-*")
    assert box.start().status == 0
    assert box.check().status == 0

    box.config()
    assert box.start().status == 0
    assert {path: text for path, text in box.effects().items() if path.startswith("/srv")} == {}
