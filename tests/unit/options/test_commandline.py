"""A flag may be written in several ways; what is unclear is told, and help is given whatever else is said."""

import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.options.machine import Machine

from kollage.options import Done
from kollage.options.commandline import settled
from kollage.options.settings import SETTINGS
from kollage.options.verbs import KOLLA_BUILD, VERBS, Verb, repeated

BUILD = VERBS["build"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--network_mode", "none"], ["--network-mode", "none"]),
        (["--podman_base_url=unix:///x_y"], ["--podman-base-url=unix:///x_y"]),
        (["--openstack-release", "master"], ["--release", "master"]),
        (["--nouse_dumb_init", "--nocac"], ["--nouse-dumb-init", "--nocache"]),
        (["--base"], ["--base"]),
        (["--thr", "3", "-T3", "a_b"], ["--threads", "3", "-T3", "a_b"]),
        (["--config_file", "a_b", "--config-d=c"], ["--config-file", "a_b", "--config-dir=c"]),
        (["--un_known=1", "-"], ["--un_known=1", "-"]),
        (["--thr", "3", "--", "--thr", "--network_mode"], ["--threads", "3", "--", "--thr", "--network_mode"]),
    ],
)
def test_a_flag_is_settled(words: list[str], expected: list[str]) -> None:
    assert settled(BUILD, words) == expected


@given(st.lists(st.text(max_size=8).filter(lambda text: not text.startswith("--")), max_size=4))
def test_what_is_no_long_flag_is_left_as_it_is(words: list[str]) -> None:
    assert settled(KOLLA_BUILD, words) == words


@pytest.mark.parametrize("verb", [*VERBS.values(), KOLLA_BUILD], ids=lambda verb: verb.name)
def test_settling_twice_changes_nothing(verb: Verb) -> None:
    words = [flag for setting in verb.flags if not setting.positional for flag in setting.flags]
    once = settled(verb, words)
    assert settled(verb, once) == once


def test_a_flag_that_may_be_several_is_told(machine: Machine) -> None:
    several = "--base, --base-tag, --base-image, --base-source, --base-arch"
    assert machine.error("--pa", "x", "--bas", "x") == (f"'--bas' may be {several}", "write it out")
    # the codename begins so, too
    assert machine.error("--openstack_rel=x")[0] == ("'--openstack_rel' may be --release, --openstack-release-codename")
    assert machine.error("--push-") == ("--push-threads needs a value", "usage: kollage build [flags] [REGEX ...]")


def test_arguments_behind_two_dashes_are_no_flags(machine: Machine) -> None:
    options = machine.build("--tag=t", "--", "--help", "--config-file")
    assert options == replace(machine.default, tag="t", regex=("--help", "--config-file"))


@pytest.mark.parametrize("line", ["--help", "-h", "--hel", "-qh", "--tag t --threads many --help", "--zzz -h"])
def test_help_is_given_whatever_else_is_said(machine: Machine, line: str) -> None:
    with pytest.raises(Done) as caught:
        machine.load("kolla-build", *line.split())
    assert caught.value.text.startswith(
        "usage: kolla-build [flags] [REGEX ...]\n\nBuild images and what they stand on.\n"
    )


@pytest.mark.parametrize("verb", [*VERBS.values(), KOLLA_BUILD], ids=lambda verb: verb.name)
def test_help_names_every_flag_of_the_verb_and_no_other(machine: Machine, verb: Verb) -> None:
    with pytest.raises(Done) as caught:
        machine.load(verb.name, "--help")
    words = caught.value.text.replace("--[no]", "--").replace(",", " ").split()
    named = {word for word in words if word.startswith("--") and len(word) > 2}
    positional = {setting.said for setting in verb.flags if setting.positional}
    long = {f"--{name}" for setting in verb.flags if not setting.positional for name in (setting.name, *setting.also)}
    mentioned = {"--format"} if verb.name == "list" else set()
    assert named == long | {"--help", "--version", "--config-file", "--config-dir"} | mentioned
    assert positional <= set(words)
    assert max(map(len, caught.value.text.splitlines())) <= 100


def test_help_says_the_defaults_of_the_command(machine: Machine) -> None:
    texts = []
    for verb in ("build", "kolla-build"):
        with pytest.raises(Done) as caught:
            machine.load(verb, "-h")
        texts.append(" ".join(caught.value.text.split()))
    assert "-b, --base TEXT The distribution that images stand on. One of debian, ubuntu, rocky, centos. " in texts[0]
    assert ("Default: debian." in texts[0], "Default: debian." in texts[1]) == (True, False)
    assert ("Default: rocky." in texts[0], "Default: rocky." in texts[1]) == (False, True)


def test_the_dropped_flag_of_oslo_config_is_no_flag(machine: Machine) -> None:
    for line in (["--shell_completion", "bash"], ["--shell_completion=zsh"], ["--shell-completion", "zsh"]):
        message, _ = machine.error(*line, verb="kolla-build")
        assert message == f"there is no flag '{line[0].partition('=')[0]}'"


@pytest.mark.parametrize(
    ("verb", "argv", "regex", "expected"),
    [
        ("build", ["-b", "debian", "nova", "heat"], ["nova", "heat"], "kollage build -b debian '^nova-api$'"),
        ("kolla-build", ["--tag", "a b", "nova"], ["nova"], "kolla-build --tag 'a b' '^nova-api$'"),
        ("kolla-build", ["-q"], [], "kolla-build -q '^nova-api$'"),
        ("push", ["nova", "-q"], ["nova"], "kollage push -q '^nova-api$'"),
    ],
)
def test_a_run_is_repeated_for_one_image(verb: str, argv: list[str], regex: list[str], expected: str) -> None:
    assert repeated(verb, argv, regex, "nova-api") == expected
    assert shlex.split(expected)[-1] == "^nova-api$"


def test_no_two_settings_share_a_name() -> None:
    keys = [key for setting in SETTINGS for key in setting.keys]
    assert sorted(keys) == sorted(set(keys))
    for verb in (*VERBS.values(), KOLLA_BUILD):
        flags = [flag for setting in verb.flags if not setting.positional for flag in setting.flags]
        assert sorted(flags) == sorted(set(flags))
