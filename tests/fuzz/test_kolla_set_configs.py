"""kolla_set_configs with anything: documents valid and broken, trees, links, states, and any order of starts.

Each case runs inside one container, in a process that sees nothing but a small root of its own; nothing of it can
reach the host. KOLLAGE_FUZZ_CASES says how many cases each property gets; without it there are few, always the same.
"""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engine.scripts.box import ALWAYS, MOUNT, STATE, Box, opened

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(os.geteuid() != 0, reason="a container with users of its own needs root"),
]

CASES = os.environ.get("KOLLAGE_FUZZ_CASES", "")
PROPERTIES = 3
profile = settings(
    max_examples=-(-int(CASES or 500) // PROPERTIES),
    derandomize=not CASES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
NOVA = 42436
CONFIG = f"{MOUNT}/config.json"
RECORDS = ("/etc/kolla", "/run_command", "/configured")
Tree = dict[str, Any]


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with opened() as found:
        yield found


# Trees: few names, so that things meet

NAMES = st.sampled_from(["a", "b", "c d", "e\nf"])
TEXTS = st.sampled_from(["", "1", "2"])
OWNERS = st.sampled_from([[0, 0], [NOVA, NOVA]])
LINKS = st.sampled_from([".", "..", "a", "b", "absent", "/outside", "/outside/x", "/svc/a", "/", MOUNT, "/etc/passwd"])
MODES = st.sampled_from([0o600, 0o644, 0o755, 0o2775, 0o4755, 0o000])
FILES = st.builds(lambda text, owner, mode: {"text": text, "owner": owner, "mode": mode}, TEXTS, OWNERS, MODES)
FOLDERS = st.builds(lambda owner: {"folder": True, "owner": owner}, OWNERS)
HOSTILE = st.builds(lambda link, owner: {"link": link, "owner": owner}, LINKS, OWNERS) | st.just({"pipe": True})
OUTSIDE = {"/outside/x": {"text": "kept", "mode": 0o600}, "/outside/y/z": "kept"}


@st.composite
def trees(draw: st.DrawFn, top: str, hostile: bool = True) -> Tree:
    """What lies below a directory, parents first and no path twice; a link or file has nothing below it."""
    nodes = FILES | FOLDERS | (HOSTILE if hostile else FILES)
    found: Tree = {top: {"folder": True}}
    for _ in range(draw(st.integers(0, 5))):
        parent = draw(st.sampled_from([path for path, node in found.items() if "folder" in node]))
        found.setdefault(f"{parent}/{draw(NAMES)}", draw(nodes))
    return found


# Documents

PERMS = st.sampled_from(["600", "0640", "0o755", "2775", "0711", "4711"])
USERS = st.sampled_from(["root", "nova", "nova:kolla", "nova:", "nobody-knows"])
SOURCES = st.sampled_from(["a", "b", "*", "a/*", "a/a", "c d", "absent", "?"]).map(lambda name: f"{MOUNT}/{name}")
DESTS = st.sampled_from(["/svc/a", "/svc/b", "/svc/a/b", "/svc/", "/svc/a/", "/svc", "/svc/c d/x/y", "/svc/e\nf"])
PATHS = st.sampled_from(["/svc/a", "/svc/b", "/svc/a/b", "/svc", "/svc/c d"])
GLOBS = PATHS | st.sampled_from(["/svc/*", "/svc/?", "/svc/*/*", "/svc/absent*"])
FLAGS: st.SearchStrategy[Any] = st.booleans()
copies: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"source": SOURCES, "dest": DESTS, "owner": USERS, "perm": PERMS},
    optional={"optional": st.just(True) | FLAGS, "merge": FLAGS, "preserve_properties": FLAGS},
)
plain = copies.filter(
    lambda entry: re.search("[*?]", str(entry["source"])) is None
)  # wildcards have no default, as in Kolla
excludes = st.lists(st.sampled_from(["a$", "^/svc/a", "b", "."]), max_size=2)
places = st.fixed_dictionaries(
    {"path": PATHS, "owner": USERS, "perm": PERMS}, optional={"recurse": FLAGS, "exclude": excludes}
)
permissions = st.fixed_dictionaries(
    {"path": GLOBS, "owner": USERS}, optional={"perm": PERMS, "recurse": FLAGS, "exclude": excludes}
)
documents: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"command": st.sampled_from(["service", "service --flag 'a'", ""]), "config_files": st.lists(copies, max_size=3)},
    optional={
        "directories": st.lists(places, max_size=2),
        "files": st.lists(places, max_size=2),
        "permissions": st.lists(permissions, max_size=2),
    },
)
anything: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | FLAGS
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["\0", "\ud800", "/", "..", "["]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
tops: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("command", "config_files", "directories", "files", "permissions", "other"), anything)
)


@st.composite
def broken(draw: st.DrawFn) -> str:
    """The text of a document in which something is wrong, maybe."""
    document: dict[str, Any] = draw(st.one_of(documents, tops))
    entries = [
        entry for part in document.values() if isinstance(part, list) for entry in part if isinstance(entry, dict)
    ]
    for entry in entries:
        if draw(st.booleans()) and entry:
            entry[draw(st.sampled_from([*entry, "colour", "optional", "exclude", "recurse"]))] = draw(anything)
    text = json.dumps(document)
    cut = draw(st.integers(0, len(text)))
    return draw(st.sampled_from([text, text, text[:cut], text[:cut] + draw(st.text(max_size=2)) + text[cut:]]))


states = st.dictionaries(
    PATHS | st.sampled_from(["", "/", "relative"]),
    st.fixed_dictionaries({"dest": st.none() | st.just("/etc/kolla/defaults/svc/a") | anything}) | anything,
    max_size=2,
).map(json.dumps) | st.sampled_from(["", "{", "null", "[]"])


def start(**plant: Any) -> dict[str, Any]:
    return {"plant": plant, "argv": [], "env": ALWAYS}


CHECK: dict[str, Any] = {"argv": ["--check"]}


def sound(step: dict[str, Any]) -> None:
    """What holds for every step: a status of the contract, no traceback, and a failure tells why."""
    assert step["status"] in {0, 1, 2}, step["log"]
    assert "Traceback" not in step["log"], step["log"]
    if step["status"]:
        assert "ERROR" in step["log"] or step["log"].strip(), step


def linked_by_root(packaged: Tree) -> bool:
    """Whether root has linked something: a place to anywhere, if it likes."""
    return any("link" in node and node["owner"] == [0, 0] for node in packaged.values())


def unharmed(step: dict[str, Any], *touched: str) -> None:
    """Nothing is different but what lies at or below the paths that may be touched, and directories on the way."""
    before, after = step["before"], step["after"]
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert {path for path in changed if not path.startswith(touched)} == set(), step["log"]


@profile
@given(text=broken(), mounted=trees(MOUNT), packaged=trees("/svc"), state=st.none() | states)
def test_any_text_ends_with_a_status_and_a_sentence_and_harms_nothing(
    box: Box, text: str, mounted: Tree, packaged: Tree, state: str | None
) -> None:
    old = {} if state is None else {STATE: state}
    steps = box.case([{"plant": OUTSIDE | packaged | mounted | {CONFIG: text} | old}, start(), CHECK])
    for step in steps[1:]:
        sound(step)
        for path in ("/outside/x", "/etc/passwd"):
            before, after = steps[0]["after"][path], step["after"][path]
            assert after["content"] == before["content"]
            assert after == before or linked_by_root(packaged)
    unharmed(steps[2])


@profile
@given(document=documents, mounted=trees(MOUNT), packaged=trees("/svc"))
def test_a_start_touches_only_its_targets_and_the_next_one_changes_nothing(
    box: Box, document: dict[str, Any], mounted: Tree, packaged: Tree
) -> None:
    text = json.dumps(document)
    steps = box.case([{"plant": OUTSIDE | packaged | mounted | {CONFIG: text}}, start(), CHECK, start(), CHECK])
    for step in steps[1:]:
        sound(step)
        if not linked_by_root(packaged):
            unharmed(step, "/svc", *RECORDS)
    assert steps[2]["before"] == steps[2]["after"]


@profile
@given(
    histories=st.lists(st.lists(plain, max_size=3), min_size=1, max_size=4),
    mounted=trees(MOUNT, hostile=False),
    packaged=trees("/svc", hostile=False),
)
def test_after_five_starts_of_any_kind_an_empty_configuration_is_the_packaged_one(
    box: Box, histories: list[list[dict[str, Any]]], mounted: Tree, packaged: Tree
) -> None:
    documents = [{"command": "service", "config_files": entries} for entries in histories]
    starts = [start(**{CONFIG: json.dumps(document)}) for document in documents]
    last = start(**{CONFIG: json.dumps({"command": "service"})})
    steps = box.case([{"plant": OUTSIDE | packaged | mounted}, *starts, last, CHECK])
    for step in steps[1:]:
        sound(step)
        unharmed(step, "/svc", *RECORDS)
    assert steps[-1]["status"] == 0, steps[-1]["log"]
    assert files(steps[-1]["after"]) == files(steps[0]["after"])


def files(nodes: dict[str, Any]) -> dict[str, Any]:
    """The files of the service; parents that a start made may stay."""
    return {path: node for path, node in nodes.items() if path.startswith("/svc") and node["kind"] != "folder"}
