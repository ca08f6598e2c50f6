"""The sample files load as they are, and with every setting taken out of its comment."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.options.machine import Machine

from kollage.options import Options, SourceOptions, UserOptions
from kollage.options.sample import list_opts, sample
from kollage.options.settings import PROFILES, SETTINGS, SOURCE_SETTINGS, USER_SETTINGS

IN_FILES = [setting for setting in SETTINGS if setting.in_file]
INDEX, EXTRA = "https://pypi.org/simple", "https://example.org/simple"
SHA256 = {"amd64": "0" * 64, "arm64": "1" * 64}


def generated() -> str:
    """What oslo.config's own generator writes."""
    program = str(Path(sys.executable).with_name("oslo-config-generator"))
    done = subprocess.run([program, "--namespace", "kollage"], capture_output=True, text=True, check=True)
    return done.stdout


WRITERS = pytest.mark.parametrize("write", [sample, generated])


def uncommented(text: str) -> str:
    return re.sub(r"(?m)^#(?=[a-z0-9_-]+ =)", "", text)


def with_examples(default: Options) -> Options:
    """What the files say when nothing in them is a comment."""
    return replace(
        default,
        regex=("^keystone",),
        profile=("default",),
        base_arch="x86_64",
        debian_arch="amd64",
        base_package_type="deb",
        network={
            "UV_DEFAULT_INDEX": INDEX,
            "PIP_INDEX_URL": INDEX,
            "UV_INDEX": EXTRA,
            "PIP_EXTRA_INDEX_URL": EXTRA,
        },
        pip_arguments={"PIP_INDEX_URL": INDEX, "PIP_EXTRA_INDEX_URL": EXTRA},
        sources={
            "keystone-base": SourceOptions(
                type="git", location="https://opendev.org/openstack/keystone", reference="stable/2026.2"
            ),
            "etcd": SourceOptions(
                type="url",
                location="https://example.org/etcd-v3.6.15-linux-amd64.tar.gz",
                version="3.6.15",
                sha256=SHA256,
            ),
            "horizon-plugin-example": SourceOptions(
                type="url", location="https://tarballs.opendev.org/openstack/example/example-stable-2026.2.tar.gz"
            ),
            "neutron-server-additions-example": SourceOptions(type="local", location=".//example"),
        },
        users={"nova": UserOptions(uid=42436, gid=42436, group="nova")},
        profiles=PROFILES,
    )


@WRITERS
def test_a_file_that_nobody_changed_changes_nothing(machine: Machine, write: Callable[[], str]) -> None:
    assert machine.build(machine.conf(write())) == machine.default


@WRITERS
def test_every_line_may_be_taken_out_of_its_comment(machine: Machine, write: Callable[[], str]) -> None:
    assert machine.build(machine.conf(uncommented(write()))) == with_examples(machine.default)


@WRITERS
def test_every_setting_stands_there_once(machine: Machine, write: Callable[[], str]) -> None:
    default = write().partition("\n[")[0] if write is generated else write().partition("\n[profiles]")[0]
    keys = re.findall(r"(?m)^#([a-z0-9_-]+) =", default)
    assert sorted(keys) == sorted(setting.key for setting in IN_FILES)


def test_every_setting_of_a_section_has_an_example() -> None:
    named = {opt.name for section, opts in list_opts() if section not in ("DEFAULT", "profiles") for opt in opts}
    assert named == {setting.name for setting in (*SOURCE_SETTINGS, *USER_SETTINGS)}


def test_the_sample_says_what_a_setting_is_and_may_be() -> None:
    text = sample()
    assert "\n\n# How many steps run at once (whole number). At least 1.\n#threads = 8\n\n" in text
    assert "Default: {release}-{base}-{base_tag}.\n#tag = 2026.2-debian-trixie\n" in text
    assert "One of debian, ubuntu, rocky, centos. With kolla-build:\n# rocky.\n#base = debian\n" in text


def test_the_sample_is_plain_and_fits_a_screen() -> None:
    comments = [line for line in sample().splitlines() if line.startswith("# ")]
    assert max(map(len, comments)) <= 102
    assert not [line for line in sample().splitlines() if line != line.rstrip()]
    assert "`" not in sample()


def test_every_default_stands_in_its_line() -> None:
    for setting in IN_FILES:
        if setting.default:
            assert f"\n#{setting.key} = {setting.default}\n" in sample()
