"""What kolla_set_configs reads: one of two files, the keys of the contract, and the strategy."""

import json

import pytest

from tests.engine.scripts.box import ALWAYS, MOUNT, NOVA, ONCE, Box, entry, place

pytestmark = pytest.mark.engine


def refused(box: Box, status: int) -> str:
    """Start, which must end with a status and a sentence, and change nothing. The sentence is given."""
    box.mark()
    done = box.start()
    assert done.status == status, done.err
    assert "Traceback" not in done.err
    assert box.changes() == {}
    return done.err


def test_yaml_comes_before_json_and_its_values_are_the_same(box: Box) -> None:
    box.config(command="from json")
    document = f"command: from yaml\nconfig_files:\n- {json.dumps(entry('a', '/srv/a'))}\n"
    box.plant({f"{MOUNT}/config.yaml": document, f"{MOUNT}/a": "text"})

    assert box.start().status == 0
    assert box.text("/run_command") == "from yaml"
    assert box.text("/srv/a") == "text"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        "{}",
        '{"command": 7}',
        '{"command": null}',
        '{"command": "a\\u0000b"}',
        "[" * 3000,
        '{"command": "a", "files": ["b"]}',
        '{"command": "a", "files": 7}',
        '{"command": "a", "config_files": {"a": 1}}',
        '{"command": "a", "config_files": "text"}',
        '{"command": "\\ud800"}',
        "\x00",
        "command: [",
        "\udcff\udcfe",
    ],
)
def test_what_is_no_configuration_is_a_sentence_and_status_1(box: Box, text: str) -> None:
    for name in ("config.json", "config.yaml"):
        box.plant({f"{MOUNT}/{name}": text})
        assert f"Invalid configuration: {MOUNT}/{name}" in refused(box, 1)
    assert box.check().status == 1


def test_yaml_makes_no_objects(box: Box) -> None:
    box.plant({f"{MOUNT}/config.yaml": "command: !!python/object/apply:os.system ['touch /srv/trap']"})

    refused(box, 1)


@pytest.mark.parametrize("tree", [{}, {"config.json": None}, {"config.yaml": None, "config.json": '{"command": "a"}'}])
def test_a_configuration_that_is_absent_or_a_directory_is_status_1(box: Box, tree: dict[str, object]) -> None:
    box.plant({f"{MOUNT}/{name}": node for name, node in tree.items()})

    assert "Invalid configuration" in refused(box, 1)


@pytest.mark.parametrize("key", ["source", "dest", "owner", "perm"])
def test_a_copy_needs_its_keys(box: Box, key: str) -> None:
    for value in ("", None):
        box.config(entry("a", "/srv/a", optional=True) | {key: value})
        assert f"lacks {key}" in refused(box, 1)


def test_a_place_needs_its_keys_and_only_permissions_do_without_perm_or_with_wildcards(box: Box) -> None:
    for section in ("directories", "files"):
        for key in ("path", "owner", "perm"):
            box.config(**{section: [place("/srv/a") | {key: None}]})
            assert f"lacks {key}" in refused(box, 1)
        box.config(**{section: [place("/srv/*")]})
        assert "wildcards" in refused(box, 1)
    for key in ("path", "owner"):
        box.config(permissions=[place("/srv/*") | {key: None}])
        assert f"lacks {key}" in refused(box, 1)

    box.config(permissions=[{"path": "/srv/*", "owner": "nova"}])
    assert box.start().status == 0


def test_a_key_that_nobody_knows_is_status_2_in_a_copy_and_of_no_account_elsewhere(box: Box) -> None:
    box.config(entry("a", "/srv/a", optional=True, colour="red"))
    assert "colour" in refused(box, 2)

    box.config(directories=[place("/srv/new", colour="red")], permissions=[place("/srv/new", colour="red")])
    assert box.start().status == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("source", 7),
        ("source", ["a"]),
        ("dest", {}),
        ("dest", 1.5),
        ("owner", 0),
        ("dest", "/srv/\0"),
        ("dest", "\ud800"),
    ],
)
def test_what_cannot_be_a_name_is_status_1(box: Box, key: str, value: object) -> None:
    box.plant({f"{MOUNT}/a": "text"})
    box.config(entry("a", "/srv/a") | {key: value})

    assert f"names something: {key}" in refused(box, 1) or value == {}


@pytest.mark.parametrize("exclude", ["text", ["["], [7], {"a": 1}, 7])
def test_exclude_is_a_list_of_expressions(box: Box, exclude: object) -> None:
    box.config(permissions=[place("/srv", recurse=True, exclude=exclude)])

    assert "no list of expressions" in refused(box, 1)


@pytest.mark.parametrize("strategy", [None, "", "copy_always", "COPY_NEVER"])
def test_a_strategy_that_nobody_knows_is_status_1(box: Box, strategy: str | None) -> None:
    box.plant({f"{MOUNT}/a": "text"})
    box.config(entry("a", "/srv/a"))
    box.mark()

    done = box.start({} if strategy is None else {"KOLLA_CONFIG_STRATEGY": strategy})
    assert done.status == 1
    assert "COPY_ALWAYS or COPY_ONCE" in done.err
    assert box.changes() == {}


def test_copy_once_configures_once_and_copy_always_each_time(box: Box) -> None:
    box.plant({f"{MOUNT}/a": "first"})
    box.config(entry("a", "/srv/a"))
    assert box.start(ONCE).status == 0
    box.plant({f"{MOUNT}/a": "second"})
    box.mark()
    assert box.start(ONCE).status == 0
    assert box.changes() == {}

    assert box.start(ALWAYS).status == 0
    assert box.text("/srv/a") == "second"


def test_copy_once_counts_only_if_it_went_well(box: Box) -> None:
    box.config(entry("absent", "/srv/a"))
    box.mark()
    assert box.start(ONCE).status == 1
    assert "/configured" not in box.changes()

    box.plant({f"{MOUNT}/absent": "text"})
    assert box.start(ONCE).status == 0
    assert box.text("/srv/a") == "text"


def test_variables_of_old_releases_mean_nothing(box: Box) -> None:
    box.config(command="from the file")
    box.plant({"/srv/other.json": '{"command": "from the other file"}'})

    old = {"KOLLA_CONFIG": '{"command": "from the variable"}', "KOLLA_CONFIG_FILE": "/srv/other.json"}
    assert box.start(ALWAYS | old).status == 0
    assert box.text("/run_command") == "from the file"


def test_only_root_can_and_others_get_a_sentence(box: Box) -> None:
    box.plant({f"{MOUNT}/a": "text"})
    box.config(entry("a", "/srv/a"))
    box.mark()

    done = box.run("kolla_set_configs", env=ALWAYS, user=NOVA)
    assert done.status == 2
    assert "Permission denied" in done.err
    assert "Traceback" not in done.err
    assert box.changes() == {}


def test_an_argument_that_nobody_knows_is_status_2(box: Box) -> None:
    box.config()
    done = box.run("kolla_set_configs", "--chekc", env=ALWAYS)
    assert done.status == 2
    assert "unrecognized arguments" in done.err


def test_the_environment_of_the_caller_brings_no_code(box: Box) -> None:
    box.plant({"/srv/lib/yaml.py": "open('/srv/trap', 'w')\nraise SystemExit(9)"})
    box.config()

    assert box.start(ALWAYS | {"PYTHONPATH": "/srv/lib", "PYTHONSTARTUP": "/srv/lib/yaml.py"}).status == 0
    assert box.run("test", "-e", "/srv/trap").status == 1
