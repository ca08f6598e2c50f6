"""Every flag and key of Kolla 23's own command is taken, in every spelling, and its files are read as they are."""

from dataclasses import replace
from typing import NamedTuple

import pytest
from tests.unit.options.machine import ARCH, Machine

from kollage import __version__
from kollage.errors import UsageError
from kollage.options import Done, SourceOptions, UserOptions
from kollage.options.settings import PROFILES, SOURCE_SECTIONS

HASH = "0123456789abcdef" * 4
MAINTAINER = "Kolla Project (https://launchpad.net/kolla)"


class Kolla(NamedTuple):
    """One row of Kolla's table: how it is said, what is said, and where that arrives."""

    long: str
    said: str
    arrives: object
    short: str = ""
    field: str = ""


# What takes a value; `{folder}` and `{file}` are there.
VALUES = [
    Kolla("base", "ubuntu", "ubuntu", short="b"),
    Kolla("base-tag", "9", "9"),
    Kolla("base-image", "quay.io/rockylinux/rockylinux", "quay.io/rockylinux/rockylinux"),
    Kolla("base-arch", "aarch64", "aarch64"),
    Kolla("debian-arch", "arm64", "arm64"),
    Kolla("build-args", "a:b,c:d", {"a": "b", "c": "d"}),
    Kolla("locals-base", "/src", "/src"),
    Kolla("namespace", "openstack.kolla", "openstack.kolla", short="n"),
    Kolla("network_mode", "bridge", "bridge"),
    Kolla("buildkit-builder", "mine", "mine"),
    Kolla("patches-path", "{folder}", "{folder}"),
    Kolla("platform", "linux/arm64", "linux/arm64"),
    Kolla("profile", "infra", ("infra",), short="p"),
    Kolla("push-threads", "2", 2),
    Kolla("retries", "0", 0, short="r"),
    Kolla("registry", "localhost:4000", "localhost:4000"),
    Kolla("save-dependency", "{root}/all.dot", "{root}/all.dot"),
    Kolla("format", "none", "none", short="f"),
    Kolla("summary-json-file", "{root}/summary.json", "{root}/summary.json"),
    Kolla("tarballs-base", "https://mirror.example.org", "https://mirror.example.org"),
    Kolla("threads", "2", 2, short="T"),
    Kolla("tag", "t1", "t1"),
    Kolla("timeout", "60", 60),
    Kolla("template-override", "{file}", ("{file}",)),
    Kolla("docker-dir", "{folder}", ("{folder}",), short="D"),
    Kolla("logs-dir", "{folder}", "{folder}"),
    Kolla("work-dir", "{folder}", "{folder}"),
    Kolla("openstack-release", "2026.1", "2026.1", field="release"),
    Kolla("openstack-release-codename", "Gazpacho", "Gazpacho"),
    Kolla("openstack-branch", "stable-2025.2", "stable-2025.2"),
    Kolla("openstack-branch-slashed", "stable/2025.2", "stable/2025.2"),
    Kolla("image-name-prefix", "my-", "my-"),
    Kolla("repos-yaml", "{file}", "{file}"),
    Kolla("engine", "docker", "docker"),
    Kolla("podman_base_url", "unix:///run/podman/podman.sock", "unix:///run/podman/podman.sock"),
]
# What is true or false, with Kolla's default.
SWITCHES = [
    ("use-dumb-init", "", True),
    ("debug", "d", False),
    ("skip-parents", "", False),
    ("skip-existing", "", False),
    ("keep", "", False),
    ("list-dependencies", "l", False),
    ("list-images", "", False),
    ("buildkit", "", True),
    ("cache", "", True),
    ("push", "", False),
    ("template-only", "", False),
    ("pull", "", True),
    ("squash", "", False),
    ("docker-healthchecks", "", True),
    ("quiet", "q", False),
    ("enable-unbuildable", "", False),
    ("summary", "", True),
]
# What only files say.
KEYS = [
    Kolla("maintainer", "Somebody", "Somebody"),
    Kolla("distro_package_manager", "yum", "yum"),
    Kolla("base_package_type", "rpm", "rpm"),
    Kolla("rpm_setup_config", "https://e/a.repo, b.rpm", ("https://e/a.repo", "b.rpm")),
    Kolla("apt_sources_list", "{file}", "{file}"),
    Kolla("apt_preferences", "{file}", "{file}"),
    Kolla("squash-cleanup", "false", False),
    Kolla("squash-tmp-dir", "{folder}", "{folder}"),
    Kolla("clean_package_cache", "false", False),
    Kolla("allowed-to-fail", "nova-api,heat-api", ("nova-api", "heat-api")),
    Kolla("pip_index_url", "https://i/simple", {"PIP_INDEX_URL": "https://i/simple"}, field="pip_arguments"),
    Kolla("pip_trusted_host", "i", {"PIP_TRUSTED_HOST": "i"}, field="pip_arguments"),
    Kolla("pip_extra_index_url", "https://e", {"PIP_EXTRA_INDEX_URL": "https://e"}, field="pip_arguments"),
]


def spellings(name: str) -> set[str]:
    return {name, name.replace("-", "_"), name.replace("_", "-")}


def filled(machine: Machine, text: str) -> str:
    """Put a file and a folder of the machine into a text."""
    file, folder = machine.write("there/file", ""), machine.root / "there"
    return text.replace("{file}", str(file)).replace("{folder}", str(folder)).replace("{root}", str(machine.root))


def arrived(machine: Machine, row: Kolla, *argv: str) -> object:
    """What a field holds in the end, with paths as texts."""
    value = getattr(machine.load("kolla-build", *argv), row.field or row.long.replace("-", "_"))
    paths = type(value)(map(str, value)) if isinstance(value, tuple) else value
    return str(paths) if hasattr(paths, "parts") else paths


def expected(machine: Machine, row: Kolla) -> object:
    if isinstance(row.arrives, tuple):
        return tuple(filled(machine, each) for each in row.arrives)
    return filled(machine, row.arrives) if isinstance(row.arrives, str) else row.arrives


@pytest.mark.parametrize("row", VALUES, ids=lambda row: row.long)
def test_a_flag_with_a_value_is_taken_by_every_name(machine: Machine, row: Kolla) -> None:
    said = filled(machine, row.said)
    lines = [[f"--{name}", said] for name in spellings(row.long)]
    lines += [[f"--{name}={said}"] for name in spellings(row.long)]
    lines += [[f"-{row.short}", said], [f"-{row.short}{said}"]] if row.short else []
    for line in lines:
        assert arrived(machine, row, *line) == expected(machine, row), line


@pytest.mark.parametrize("row", [*VALUES, *KEYS], ids=lambda row: row.long)
def test_a_key_is_read_in_every_spelling(machine: Machine, row: Kolla) -> None:
    for key in spellings(row.long):
        conf = machine.conf(f"[DEFAULT]\n{key} = {filled(machine, row.said)}\n")
        assert arrived(machine, row, conf) == expected(machine, row), key


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row.long)
def test_what_only_files_say_is_no_flag(machine: Machine, row: Kolla) -> None:
    with pytest.raises(UsageError, match=f"there is no flag '--{row.long}'"):
        machine.load("kolla-build", f"--{row.long}=x")


@pytest.mark.parametrize(("long", "short", "default"), SWITCHES)
def test_a_flag_that_is_true_or_false_is_taken_by_every_name(
    machine: Machine, long: str, short: str, default: bool
) -> None:
    row = Kolla(long, "", arrives=default)
    assert arrived(machine, row) is default
    for name in spellings(long):
        assert arrived(machine, row, f"--no{name}", f"--{name}") is True
        assert arrived(machine, row, f"--{name}", f"--no{name}") is False
        assert arrived(machine, row, machine.conf(f"[DEFAULT]\n{name} = {not default}\n")) is not default
    if short:
        assert arrived(machine, row, f"-{short}") is True


def test_expressions_are_arguments(machine: Machine) -> None:
    assert machine.load("kolla-build", "-b", "debian", "^nova-api$", "heat|(glance$|x)").regex == (
        "^nova-api$",
        "heat|(glance$|x)",
    )
    assert machine.load("kolla-build", "-q", "--", "--heat").regex == ("--heat",)


def test_what_may_be_said_several_times_adds_up_in_order(machine: Machine) -> None:
    one, two = machine.write("a/x.j2", ""), machine.write("b/x.j2", "")
    flags = [f"--template-override={one}", f"--template_override={two}", "-D", f"{one.parent}", "-D", f"{two.parent}"]
    options = machine.load("kolla-build", "-p", "infra", "-p", "main", *flags)
    assert options.profile == ("infra", "main")
    assert (options.template_override, options.docker_dir) == ((one, two), (one.parent, two.parent))
    conf = machine.conf(
        f"[DEFAULT]\nprofile = infra\nprofile = main\ntemplate_override = {one}\ntemplate_override = {two}\n"
    )
    options = machine.load("kolla-build", conf)
    assert (options.profile, options.template_override) == (("infra", "main"), (one, two))


def test_an_empty_line_of_many_names_nothing(machine: Machine) -> None:
    conf = machine.conf("[DEFAULT]\nprofile =\ntemplate_override =\ndocker-dir =\n")
    assert machine.build(conf) == machine.default


def test_short_flags_may_stand_together(machine: Machine) -> None:
    options = machine.load("kolla-build", "-dqlT3")
    assert (options.debug, options.quiet, options.list_dependencies, options.threads) == (True, True, True, 3)


def test_kollas_own_defaults_are_those_of_its_command_alone(machine: Machine) -> None:
    expected = replace(
        machine.default,
        verb="kolla-build",
        base="rocky",
        base_tag="10",
        tag="2026.2-rocky-10",
        format="json",
        maintainer=MAINTAINER,
        registry_cache=False,
    )
    assert machine.load("kolla-build") == expected
    assert machine.load("kolla-build", machine.conf("[DEFAULT]\nbase = debian\n")).base == "debian"


def test_the_commands_version_begins_with_its_name(machine: Machine) -> None:
    with pytest.raises(Done) as caught:
        machine.load("kolla-build", "--version")
    assert caught.value.text == f"kolla-build {__version__}\n"


# files


# every name that Kolla 23 has a source or an account for, besides those of SOURCE_SECTIONS
PARTS = ["horizon-plugin-heat-dashboard", "nova-base-plugin-blazar", "neutron-base-additions-jumpstart"]
ACCOUNTS = ["kolla", "ansible", "td-agent", "ironic-inspector", "opensearch-dashboards", "hsmusers", "qemu"]


@pytest.mark.parametrize("name", [*SOURCE_SECTIONS, *PARTS])
def test_every_source_of_kolla_may_have_its_section(machine: Machine, name: str) -> None:
    conf = machine.conf(
        f"""\
[{name}]
type = url
location = $tarballs_base/{name}/{name}-${{openstack_branch}}-v${{version}}-linux-${{debian_arch}}.tar.gz
version = 1.0
sha256 = amd64:{HASH},arm64:{HASH}
enabled = True
"""
    )
    location = f"https://tarballs.opendev.org/{name}/{name}-stable-2026.2-v1.0-linux-arm64.tar.gz"
    assert machine.load("kolla-build", conf, "--base-arch=aarch64").sources == {
        name: SourceOptions(
            type="url", location=location, version="1.0", sha256={"amd64": HASH, "arm64": HASH}, enabled=True
        )
    }


def test_other_settings_are_put_into_values(machine: Machine) -> None:
    conf = machine.conf(
        """\
[DEFAULT]
locals_base = /srv
namespace = $base-$base_tag
maintainer = costs 3 $$, made of $engine at $base_arch for ${base_package_type}x
[keystone-base]
type = git
location = $locals_base/keystone
reference = $openstack_branch_slashed
[nova-base]
type = local
location = ${locals_base}/$base/nova
"""
    )
    options = machine.load("kolla-build", conf)
    assert options.namespace == "rocky-10"
    assert options.maintainer == f"costs 3 $, made of auto at {ARCH} for x"
    assert options.sources == {
        "keystone-base": SourceOptions(type="git", location="/srv/keystone", reference="stable/2026.2"),
        "nova-base": SourceOptions(type="local", location="/srv/rocky/nova"),
    }


@pytest.mark.parametrize("name", ACCOUNTS)
def test_every_account_of_kolla_may_have_its_section(machine: Machine, name: str) -> None:
    conf = machine.conf(f"[{name}-user]\nuid = 42400\ngid = $uid\ngroup = {name}\n")
    assert machine.load("kolla-build", conf).users == {name: UserOptions(uid=42400, gid=42400, group=name)}


def test_profiles_are_changed_and_added(machine: Machine) -> None:
    conf = machine.conf("[profiles]\ninfra = cron,\n  ^mariadb-server$\nown = keystone\n")
    expected = {**PROFILES, "infra": ("cron", "^mariadb-server$"), "own": ("keystone",)}
    assert machine.load("kolla-build", conf).profiles == expected


def test_the_last_of_two_files_says_it_whatever_its_spelling(machine: Machine) -> None:
    one = machine.write("one.conf", "[DEFAULT]\nbase-tag = 1\nallowed-to-fail = a\n")
    two = machine.write("two.conf", "[DEFAULT]\nbase_tag = 2\nallowed_to_fail = b\n")
    first = machine.load("kolla-build", "--config-file", str(one), "--config_file", str(two))
    last = machine.load("kolla-build", "--config-file", str(two), "--config_file", str(one))
    assert (first.base_tag, first.allowed_to_fail, last.base_tag, last.allowed_to_fail) == ("2", ("b",), "1", ("a",))


def test_a_file_with_everything_commented_out_changes_nothing(machine: Machine) -> None:
    text = "[DEFAULT]\n\n#\n# From kolla\n#\n\n# The base (string value)\n#base = debian\n#build_args =\n\n\n"
    text += "".join(f"[{name}]\n\n#\n# From kolla\n#\n\n#type = url\n" for name in (*SOURCE_SECTIONS, "nova-user"))
    assert machine.build(machine.conf(f"{text}[profiles]\n#main = nova\n")) == machine.default
