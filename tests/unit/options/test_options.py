"""What flags, files and the environment become, and what is said about those that cannot be."""

import logging
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.options.machine import DEBIAN_ARCH, Machine

from kollage import __version__
from kollage.errors import UsageError
from kollage.options import Done, Options, SourceOptions, UserOptions, load_options
from kollage.options.manual import configuration_page
from kollage.options.settings import GROUPS, PROFILES, SETTINGS
from kollage.options.verbs import VERBS, usage

HASH = "0123456789abcdef" * 4


# defaults and flags


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"show", "why", "registry", "logs"}))  # these need an argument
def test_without_flags_and_files_every_verb_gets_the_defaults(machine: Machine, verb: str) -> None:
    assert machine.load(verb) == replace(machine.default, verb=verb)


@pytest.mark.parametrize(
    ("base", "base_tag"), [("debian", "trixie"), ("ubuntu", "24.04"), ("rocky", "10"), ("centos", "stream10")]
)
def test_the_base_decides_its_tag_and_the_tag_of_images(machine: Machine, base: str, base_tag: str) -> None:
    expected = replace(machine.default, base=base, base_tag=base_tag, tag=f"2026.2-{base}-{base_tag}")
    assert machine.build("-b", base) == expected


def test_every_flag_arrives_in_its_field(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(machine.root)
    override = machine.write("override.j2", "")
    bundle = machine.write("ca.pem", "")
    patches = machine.write("patches/series", "").parent
    assert machine.build(
        *("nova-.*", "^keystone$", "--base", "rocky", "--base-tag", "9", "--base-image", "quay.io/r/r"),
        *("--base-source=bootstrap", "--base-arch", "aarch64", "--tag", "t1", "--namespace", "a.b/c"),
        *("--registry", "localhost:5000", "--image-name-prefix", "my-", "--engine", "podman", "-T", "3"),
        *("-r", "0", "--release", "2026.1", "--work-dir", "w", "--logs-dir", "~/l", "--cache-dir", "/c"),
        *(
            "-d",
            "-q",
            "-f",
            "json",
            "--template-override",
            "override.j2",
            "--template-override",
            str(override),
        ),
        *("--patches-path", "patches", "--build-args", "a:b,proxy:http://p:3128", "--nouse-dumb-init"),
        *("--nodocker-healthchecks", "--locals-base", "/src", "--tarballs-base", "https://t", "--force"),
        *("--ca-bundle", "ca.pem"),
    ) == Options(
        regex=("nova-.*", "^keystone$"),
        base="rocky",
        base_tag="9",
        base_image="quay.io/r/r",
        base_source="bootstrap",
        base_arch="aarch64",
        debian_arch="arm64",
        platform="linux/arm64",
        release="2026.1",
        openstack_branch="stable-2026.1",
        openstack_branch_slashed="stable/2026.1",
        registry="localhost:5000",
        namespace="a.b/c",
        image_name_prefix="my-",
        tag="t1",
        engine="podman",
        threads=3,
        retries=0,
        use_dumb_init=False,
        docker_healthchecks=False,
        build_args={"a": "b", "proxy": "http://p:3128"},
        template_override=(override, override),
        patches_path=patches,
        locals_base="/src",
        tarballs_base="https://t",
        work_dir=machine.root / "w",
        logs_dir=machine.root / "home/l",
        cache_dir=Path("/c"),
        ca_bundle=bundle,
        debug=True,
        quiet=True,
        format="json",
        force=True,
        profiles=PROFILES,
    )


def test_list_shows_a_tree_or_json(machine: Machine) -> None:
    assert machine.load("list", "--tree", "--json", "nova") == replace(
        machine.default, verb="list", regex=("nova",), tree=True, format="json"
    )


def test_show_is_about_one_image(machine: Machine) -> None:
    assert machine.load("show", "nova-api", "--base=debian") == replace(machine.default, verb="show", image="nova-api")


@pytest.mark.parametrize("flag", ["--release", "--openstack-release"])
def test_kollas_name_of_the_release_works_without_a_word(
    machine: Machine, flag: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    conf = machine.conf("[DEFAULT]\nopenstack_release = 2025.1\nbase_tag = x-$openstack_release\n")
    options = machine.build(flag, "2026.1", conf)
    assert (options.release, options.base_tag) == ("2026.1", "x-2026.1")
    assert (capfd.readouterr(), caplog.records) == (("", ""), [])


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--release=2026.1", "--base-arch=x86_64"], ("stable-2026.1", "stable/2026.1", "amd64")),
        (["--release=master", "--base-arch=aarch64"], ("master", "master", "arm64")),
        (["--openstack-branch=unmaintained-2025.1"], ("unmaintained-2025.1", "unmaintained/2025.1", DEBIAN_ARCH)),
        (["--openstack-branch-slashed=x/y", "--debian-arch=arm64"], ("stable-2026.2", "x/y", "arm64")),
    ],
)
def test_what_follows_from_release_and_architecture(
    machine: Machine, flags: list[str], expected: tuple[str, str, str]
) -> None:
    made = machine.build(*flags)
    assert (made.openstack_branch, made.openstack_branch_slashed, made.debian_arch) == expected


def test_the_environment_arrives_for_templates(machine: Machine) -> None:
    environ = {"HOME": str(machine.root), "TOKEN": "hunter2"}
    options = load_options("build", [], environ, etc=machine.root)
    assert options.environ == environ
    assert "hunter2" not in repr(options)


def test_the_cache_follows_the_environment(machine: Machine) -> None:
    assert machine.build(XDG_CACHE_HOME="/var/x").cache_dir == Path("/var/x/kollage")
    assert machine.build(machine.conf("[DEFAULT]\ncache_dir =\n")) == machine.default


# help


def test_help_is_a_text_to_print(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Done) as caught:
        machine.load("list", "--help")
    assert caught.value.text.startswith("usage: kollage list [flags] [REGEX ...]\n")
    assert "--threads" not in caught.value.text
    assert "completion" not in caught.value.text
    assert capfd.readouterr() == ("", "")


def test_help_is_given_whatever_the_files_say(machine: Machine) -> None:
    with pytest.raises(Done):
        machine.build(machine.conf("[DEFAULT]\nthreads = many\n"), "-h")


def test_version_is_a_text_to_print(machine: Machine) -> None:
    with pytest.raises(Done) as caught:
        machine.build("--version")
    assert caught.value.text == f"kollage {__version__}\n"


# files


def test_a_file_of_kolla_is_read_as_it_is(machine: Machine) -> None:
    conf = machine.conf(
        f"""\
# made for the tests
[DEFAULT]
base = ubuntu
openstack_release = 2026.1
namespace = 'openstack.kolla'
threads=4
debug = yes
use_dumb_init = False
maintainer = Somebody (https://example.org)
locals_base = /srv/src
regex = ^nova-
regex = glance$
build_args = a:b

[openstack-base]
location = $tarballs_base/requirements/requirements-${{openstack_branch}}.tar.gz
type = url

[keystone-base]
type = local
location = $locals_base/keystone
enabled: 0

[etcd]
version = 3.6.15
location = https://example.org/v${{version}}/etcd-${{debian_arch}}.tar.gz
sha256 = amd64:{HASH},arm64:{HASH.upper()}

[influxdb]
location = https://example.org/v${{version}}.tar.gz
sha256 = {HASH}

[horizon-plugin-x]
type = git
reference = stable/2026.1

[neutron-base-additions-jumpstart]
type = pypi

[nova-user]
uid = 1000
gid = 1001
group = compute

[heat-user]
uid = 7

[profiles]
my-edge = keystone, nova-
"""
    )
    options = machine.build(conf, "--base-arch=x86_64")
    assert options == replace(
        machine.default,
        base="ubuntu",
        base_tag="24.04",
        base_arch="x86_64",
        debian_arch="amd64",
        release="2026.1",
        openstack_branch="stable-2026.1",
        openstack_branch_slashed="stable/2026.1",
        tag="2026.1-ubuntu-24.04",
        namespace="openstack.kolla",
        threads=4,
        debug=True,
        use_dumb_init=False,
        maintainer="Somebody (https://example.org)",
        locals_base="/srv/src",
        regex=("^nova-", "glance$"),
        build_args={"a": "b"},
        sources={
            "openstack-base": SourceOptions(
                type="url",
                location="https://tarballs.opendev.org/requirements/requirements-stable-2026.1.tar.gz",
            ),
            "keystone-base": SourceOptions(type="local", location="/srv/src/keystone", enabled=False),
            "etcd": SourceOptions(
                type="",
                version="3.6.15",
                location="https://example.org/v3.6.15/etcd-amd64.tar.gz",
                sha256={"amd64": HASH, "arm64": HASH},
            ),
            "influxdb": SourceOptions(type="", location="https://example.org/v${version}.tar.gz", sha256={"": HASH}),
            "horizon-plugin-x": SourceOptions(type="git", reference="stable/2026.1"),
            "neutron-base-additions-jumpstart": SourceOptions(type="pypi"),
        },
        users={
            "nova": UserOptions(uid=1000, gid=1001, group="compute"),
            "heat": UserOptions(uid=7),
        },
        profiles={**PROFILES, "my-edge": ("keystone", "nova-")},
    )


def test_a_flag_wins_over_a_file_and_a_later_file_over_an_earlier_one(machine: Machine) -> None:
    one = machine.write("one.conf", "[DEFAULT]\nthreads = 1\nretries = 1\ntag = one\n")
    two = machine.write("two.conf", "[DEFAULT]\nthreads = 2\nretries = 2\n")
    options = machine.build("--threads", "3", "--config-file", str(one), f"--config-file={two}")
    assert (options.threads, options.retries, options.tag) == (3, 2, "one")


def test_arguments_win_over_the_expressions_of_a_file(machine: Machine) -> None:
    assert machine.build(machine.conf("[DEFAULT]\nregex = nova\n"), "heat").regex == ("heat",)


@pytest.mark.parametrize(
    "name",
    ["home/.kolla/kolla-build.conf", "home/kolla-build.conf", "etc/kolla/kolla-build.conf", "etc/kolla.conf"],
)
def test_kollas_files_are_found_where_kolla_finds_them(machine: Machine, name: str) -> None:
    machine.write(name, "[DEFAULT]\ntag = found\n")
    assert machine.build().tag == "found"


def test_the_users_file_hides_the_machines(machine: Machine) -> None:
    machine.write("home/.kolla/kolla-build.conf", "[DEFAULT]\ntag = mine\n")
    machine.write("etc/kolla/kolla-build.conf", "[DEFAULT]\ntag = machines\nthreads = 2\n")
    assert machine.build() == replace(machine.default, tag="mine")


def test_a_named_file_hides_those_that_would_be_found(machine: Machine) -> None:
    machine.write("etc/kolla/kolla-build.conf", "[DEFAULT]\nthreads = 2\n")
    assert machine.build(machine.conf("[DEFAULT]\ntag = x\n")) == replace(machine.default, tag="x")


def test_folders_of_files_are_read_in_the_order_of_names(machine: Machine) -> None:
    machine.write("etc/kolla/kolla-build.conf.d/10.conf", "[DEFAULT]\ntag = ten\nthreads = 1\n")
    machine.write("etc/kolla/kolla-build.conf.d/20.conf", "[DEFAULT]\ntag = twenty\n")
    machine.write("own/1.conf", "[DEFAULT]\nretries = 1\n")
    assert machine.build() == replace(machine.default, tag="twenty", threads=1)
    assert machine.build("--config-dir", str(machine.root / "own")) == replace(machine.default, retries=1)


def test_an_empty_path_is_no_path(machine: Machine) -> None:
    assert machine.build(machine.conf("[DEFAULT]\nwork_dir =\npatches_path =\n")) == machine.default


# what cannot be, on the command line


SOURCE_KEYS = "type, location, reference, version, enabled, sha256"
BASES = "debian, ubuntu, rocky, centos"
TAG_HINT = "a tag has up to 128 of letters, digits, '_', '.' and '-', and begins with none of the last two"


@pytest.mark.parametrize(
    ("argv", "message", "hint"),
    [
        (["--thraeds", "3"], "there is no flag '--thraeds'", "did you mean '--threads'?"),
        (["--zzz=1"], "there is no flag '--zzz'", "see kollage build --help"),
        (["--tree"], "kollage build takes no --tree", "it belongs to kollage list"),
        (["--dry_run"], "kollage build takes no --dry_run", "it belongs to kollage clean"),
        (["--shell_completion", "bash"], "there is no flag '--shell_completion'", "see kollage build --help"),
        (["--debug=true"], "--debug takes no value", "usage: kollage build [flags] [REGEX ...]"),
        (["--threads", "many"], "--threads: 'many' is not a whole number", "write digits only"),
        (["--threads", "0"], "--threads: 0 is too small", "the least is 1"),
        (["-r", "-1"], "--retries: -1 is too small", "the least is 0"),
        (["-b", "debain"], f"--base: 'debain' is not one of {BASES}", "did you mean 'debian'?"),
        (
            ["--base-arch", "arm64"],
            "--base-arch: 'arm64' is not one of x86_64, aarch64",
            "did you mean 'aarch64'?",
        ),
        (
            ["--engine=dokcer"],
            "--engine: 'dokcer' is not one of buildah, podman, docker, auto",
            "did you mean 'docker'?",
        ),
        (["--tag"], "--tag needs a value", "usage: kollage build [flags] [REGEX ...]"),
        (["--config-file"], "--config-file needs a path", ""),
        (["--tag", "a/b"], "--tag: 'a/b' is not valid", TAG_HINT),
        (["--tag", "-a"], "--tag needs a value", "usage: kollage build [flags] [REGEX ...]"),
        (["--tag=.a"], "--tag: '.a' is not valid", TAG_HINT),
        (["--base-tag", "a" * 128], f"--tag: '2026.2-debian-{'a' * 128}' is not valid", TAG_HINT),
        (["--release", "stable/1"], "--release: 'stable/1' is not valid", "such as 2026.2, or master"),
        (
            ["--namespace", "Kolla"],
            "--namespace: 'Kolla' is not valid",
            "lower-case letters and digits, with '.', '_', '-' or '/' between them",
        ),
        (
            ["--registry", "https://quay.io"],
            "--registry: 'https://quay.io' is not valid",
            "write host or host:port, without https:// and without a slash at its end",
        ),
        (
            ["--registry", "quay.io/"],
            "--registry: 'quay.io/' is not valid",
            "write host or host:port, without https:// and without a slash at its end",
        ),
        (
            ["--image-name-prefix", "My/"],
            "--image-name-prefix: 'My/' is not valid",
            "lower-case letters and digits, with '.', '_' or '-' behind them",
        ),
        (["--base-image", "a b"], "--base-image: 'a b' is not valid", "a name has no blanks"),
        (
            ["--build-args", "a=b"],
            "--build-args: 'a=b' is no pair",
            "write name:value, several with commas between them",
        ),
        (
            ["nova", "keystone-["],
            "REGEX: the expression 'keystone-[' does not compile: unterminated character set at position 9",
            "put a backslash before a literal sign",
        ),
        (
            ["nova", "--tag", "x", "heat"],
            "'heat' is one argument too many",
            "usage: kollage build [flags] [REGEX ...]; flags come last",
        ),
        (
            ["--ca-bundle", "/no/ca.pem"],
            "--ca-bundle: there is no file '/no/ca.pem'",
            "see whether the path is right",
        ),
        (
            ["--template-override", "/no/o.j2"],
            "--template-override: there is no file '/no/o.j2'",
            "see whether the path is right",
        ),
        (
            ["--patches-path", "/no/p"],
            "--patches-path: there is no folder '/no/p'",
            "see whether the path is right",
        ),
        (["--tag", "$typo"], "'$typo': there is no setting 'typo' to put in", "write $$ for a dollar sign"),
        (
            ["--tag", "x-${rlease}"],
            "'x-${rlease}': there is no setting 'rlease' to put in",
            "did you mean 'release'?",
        ),
        (["--tag", "${q.b}"], "'${q.b}': there is no setting 'q' to put in", "write $$ for a dollar sign"),
        (["--tag", "${tag}"], "a setting's value refers to itself", "look for $name in your settings"),
        (
            ["--config-file", "/no/kolla-build.conf"],
            "the configuration file /no/kolla-build.conf cannot be read: No such file or directory",
            "name another file with --config-file",
        ),
        (
            ["--config-dir=/no/d"],
            "--config-dir: there is no folder '/no/d'",
            "it holds files that end in .conf",
        ),
    ],
)
def test_a_flag_that_cannot_be_is_told(machine: Machine, argv: list[str], message: str, hint: str) -> None:
    assert machine.error(*argv) == (message, hint)


def test_a_verb_that_is_not_there_is_told(machine: Machine) -> None:
    assert machine.error(verb="bulid") == ("there is no verb 'bulid'", "did you mean 'build'?")
    assert machine.error(verb="x") == ("there is no verb 'x'", f"one of {', '.join(VERBS)}")


def test_show_needs_an_image(machine: Machine) -> None:
    assert machine.error(verb="show") == ("IMAGE is missing", "usage: kollage show [flags] IMAGE")
    assert machine.error("", verb="show") == ("IMAGE is missing", "")


def test_without_a_home_the_cache_has_to_be_named(machine: Machine) -> None:
    assert machine.error(HOME="") == (
        "'~/.cache/kollage' needs a home folder, and HOME is not set",
        "set HOME, or name a path",
    )
    assert machine.build("--cache-dir=/c", HOME="") == replace(machine.default, cache_dir=Path("/c"))


@given(st.text(max_size=140))
def test_a_tag_is_taken_exactly_when_a_registry_would_take_it(text: str) -> None:
    tag = text.replace("$", "")  # a dollar sign refers to another setting

    def load() -> str:
        return load_options("build", [f"--tag={tag}"], {"HOME": "/no"}, etc=Path("/no/etc")).tag

    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", tag.strip()):
        assert load() == tag.strip()
    else:
        with pytest.raises(UsageError):
            load()


@given(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True))
def test_every_valid_tag_arrives_unchanged(tag: str) -> None:
    assert load_options("build", ["--tag", tag], {"HOME": "/no"}, etc=Path("/no/etc")).tag == tag


# what cannot be, in a file


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "[DEFAULT]\n# more\nthreads = many\n",
            "kolla-build.conf:3: threads: 'many' is not a whole number",
            "write digits only",
        ),
        ("[DEFAULT]\nthreads = 0", "kolla-build.conf:2: threads: 0 is too small", "the least is 1"),
        (
            "[DEFAULT]\ndebug = perhaps\n",
            "kolla-build.conf:2: debug: 'perhaps' is neither true nor false",
            "write one of the two",
        ),
        (
            "[DEFAULT]\n\nbase = debain\n",
            f"kolla-build.conf:3: base: 'debain' is not one of {BASES}",
            "did you mean 'debian'?",
        ),
        ("[DEFAULT]\ntag = a/b\n", "kolla-build.conf:2: tag: 'a/b' is not valid", TAG_HINT),
        (
            "[DEFAULT]\ntag = $namespace/b\n",
            "kolla-build.conf:2: tag: 'kolla/b' is not valid",
            TAG_HINT,
        ),
        (
            "[DEFAULT]\nregex = nova\nregex = *\n",
            "kolla-build.conf:3: regex: the expression '*' does not compile: nothing to repeat at position 0",
            "put a backslash before a literal sign",
        ),
        (
            "[DEFAULT]\npip_index_url = file:///srv/index\n",
            "kolla-build.conf:2: pip_index_url: 'file:///srv/index' is not valid",
            "write http:// or https://: a build reaches no files of this machine",
        ),
        (
            "[DEFAULT]\nca_bundle = /no/ca.pem\n",
            "kolla-build.conf:2: ca_bundle: there is no file '/no/ca.pem'",
            "see whether the path is right",
        ),
        (
            "[DEFAULT]\nbuild_args =\n  a:b,\n  c:d\nthraeds = 3\n",
            "kolla-build.conf:5: thraeds: there is no such setting",
            "did you mean 'threads'?",
        ),
        (
            "[DEFAULT]\nbase-tga = 3\n",
            "kolla-build.conf:2: base-tga: there is no such setting",
            "did you mean 'base-tag'?",
        ),
        (
            "[DEFAULT]\nbase-tag = a/b\n",
            "kolla-build.conf:2: base-tag: 'a/b' is not valid",
            TAG_HINT,
        ),
        (
            "[DEFAULT]\ndocker-dir = /no/dir\n",
            "kolla-build.conf:2: docker-dir: there is no folder '/no/dir'",
            "see whether the path is right",
        ),
        (
            "[DEFAULT]\nforce = true\n",
            "kolla-build.conf:2: force: there is no such setting",
            "the reference of the configuration names every one",
        ),
        (
            "[DEFAULT]\npush_threads = 0\n",
            "kolla-build.conf:2: push_threads: 0 is too small",
            "the least is 1",
        ),
        (
            "[DEFAULT]\ntimeout = soon\n",
            "kolla-build.conf:2: timeout: 'soon' is not a whole number",
            "write digits only",
        ),
        (
            "[profiles]\nedge = keystone, nova-*, *\n",
            "kolla-build.conf:2: [profiles] edge: the expression '*' does not compile: nothing to repeat at position 0",
            "put a backslash before a literal sign",
        ),
        (
            "[DEFAULT]\ntag = $typo\n",
            "kolla-build.conf:2: tag: there is no setting 'typo' to put in",
            "write $$ for a dollar sign",
        ),
        (
            "[keystone-base]\ntpye = git\nlocation = x\n",
            "kolla-build.conf:2: [keystone-base] tpye: there is no such setting",
            "did you mean 'type'?",
        ),
        (
            "[keystone-base]\ntype = ftp\n",
            "kolla-build.conf:2: [keystone-base] type: 'ftp' is not one of url, git, local, pypi",
            "",
        ),
        (
            "[keystone-base]\nlocation = $locals_bas/x\n",
            "kolla-build.conf:2: [keystone-base] location: there is no setting 'locals_bas' to put in",
            "did you mean 'locals_base'?",
        ),
        (
            "[keystone-base]\ntype = $engine\n",
            "kolla-build.conf:2: [keystone-base] type: 'auto' is not one of url, git, local, pypi",
            "",
        ),
        (
            "[keystone-base]\nenabled = $engine\n",
            "kolla-build.conf:2: [keystone-base] enabled: 'auto' is neither true nor false",
            "write one of the two",
        ),
        (
            "[etcd]\nsha256 = amd64:abc\n",
            "kolla-build.conf:2: [etcd] sha256: 'abc' is no SHA-256",
            "it has 64 hexadecimal digits",
        ),
        (
            "[horizon-plugin-x]\nzzz = 1\n",
            "kolla-build.conf:2: [horizon-plugin-x] zzz: there is no such setting",
            f"one of {SOURCE_KEYS}",
        ),
        (
            "[nova-user]\nuid = nova\n",
            "kolla-build.conf:2: [nova-user] uid: 'nova' is not a whole number",
            "write digits only",
        ),
        (
            "[nova-user]\nname = nova\n",
            "kolla-build.conf:2: [nova-user] name: there is no such setting",
            "one of uid, gid, group",
        ),
        (
            "[defaults]\nthreads = 3\n",
            "kolla-build.conf:2: the section [defaults] is not known",
            "did you mean 'DEFAULT'?",
        ),
        (
            "[keystone-bsae]\nzzz = 3\n",
            "kolla-build.conf:2: the section [keystone-bsae] is not known",
            "did you mean 'keystone-base'?",
        ),
        (
            "[keystone-base]\nzzz = 3\n",
            "kolla-build.conf:2: [keystone-base] zzz: there is no such setting",
            f"one of {SOURCE_KEYS}",
        ),
        (
            "[build]\nthreads = 3\n",
            "kolla-build.conf:2: the section [build] is not known",
            f"settings belong into [DEFAULT]; a source has {SOURCE_KEYS}",
        ),
        ("threads = 3\n", "kolla-build.conf:1: 'threads' stands before any section", "begin with [DEFAULT]"),
        (
            "[DEFAULT]\nthreads 3\n",
            "kolla-build.conf:2: No ':' or '=' found in assignment: 'threads 3'",
            "write [section], key = value or # comment",
        ),
        (
            "[DEFAULT\n",
            "kolla-build.conf:1: Invalid section (must end with ]): '[DEFAULT'",
            "write [section], key = value or # comment",
        ),
    ],
)
def test_a_file_that_cannot_be_is_told_with_its_line(machine: Machine, text: str, message: str, hint: str) -> None:
    assert machine.error(machine.conf(text)) == (message, hint)


def test_a_file_that_is_no_text_is_told(machine: Machine) -> None:
    path = machine.root / "x.conf"
    path.write_bytes(b"\xff\xfe[DEFAULT]")
    assert machine.error("--config-file", str(path)) == (
        "x.conf is not a text in UTF-8",
        "name another file with --config-file",
    )


def test_a_file_that_is_a_folder_is_told(machine: Machine) -> None:
    assert machine.error("--config-file", str(machine.root / "")) == (
        f"the configuration file {machine.root} cannot be read: Is a directory",
        "name another file with --config-file",
    )


def test_a_flag_is_named_where_both_a_flag_and_a_file_speak(machine: Machine) -> None:
    conf = machine.conf("[DEFAULT]\nthreads = 4\n")
    assert machine.error(conf, "-Tmany") == ("--threads: 'many' is not a whole number", "write digits only")


# the network


def test_proxies_and_indexes_come_from_the_environment(machine: Machine) -> None:
    proxies = {"http_proxy": "http://p:1", "HTTPS_PROXY": "http://p:2", "no_proxy": ".example.org"}
    environ = {
        **proxies,
        "UV_INDEX_URL": "https://u/simple",
        "PIP_EXTRA_INDEX_URL": "https://e/simple",
        "all_proxy": "",
    }
    assert machine.build(**environ).network == {
        **proxies,
        "UV_DEFAULT_INDEX": "https://u/simple",
        "PIP_INDEX_URL": "https://u/simple",
        "UV_INDEX": "https://e/simple",
        "PIP_EXTRA_INDEX_URL": "https://e/simple",
    }


def test_a_tool_gets_its_own_variable_before_the_others(machine: Machine) -> None:
    environ = {"UV_DEFAULT_INDEX": "mine=https://u/simple", "PIP_INDEX_URL": "https://p/simple"}
    assert machine.build(**environ).network == environ
    assert machine.build(UV_DEFAULT_INDEX="mine=https://u/simple").network == {
        "UV_DEFAULT_INDEX": "mine=https://u/simple",
        "PIP_INDEX_URL": "https://u/simple",
    }


def test_kollas_file_wins_over_the_environment(machine: Machine) -> None:
    conf = machine.conf(
        "[DEFAULT]\npip_index_url = https://k/simple\npip_extra_index_url = https://a https://b\npip_trusted_host = k\n"
    )
    assert machine.build(conf, UV_DEFAULT_INDEX="https://u/simple", PIP_INDEX_URL="https://p").network == {
        "UV_DEFAULT_INDEX": "https://k/simple",
        "PIP_INDEX_URL": "https://k/simple",
        "UV_INDEX": "https://a https://b",
        "PIP_EXTRA_INDEX_URL": "https://a https://b",
        "UV_INSECURE_HOST": "k",
        "PIP_TRUSTED_HOST": "k",
    }


def index(url: str) -> dict[str, str]:
    return {"UV_DEFAULT_INDEX": url, "PIP_INDEX_URL": url}


@pytest.mark.parametrize(
    "name", ["etc/xdg/pip/pip.conf", "etc/pip.conf", "home/.pip/pip.conf", "home/.config/pip/pip.conf"]
)
def test_pips_files_are_read(machine: Machine, name: str) -> None:
    machine.write("etc/xdg/pip/pip.conf", "[global]\ntimeout = 60\n")
    machine.write(name, "[global]\nindex-url = https://i/simple\n")
    assert machine.build().network == index("https://i/simple")


def test_the_users_pip_file_wins_and_the_named_one_most(machine: Machine) -> None:
    machine.write("etc/pip.conf", "[global]\nindex-url = https://etc\nextra_index_url =\n  https://a\n  https://b\n")
    machine.write("home/.config/pip/pip.conf", "[global]\nindex-url = https://home\n")
    named = machine.write("named.conf", "[global]\nindex-url = https://named\n")
    extra = {"UV_INDEX": "https://a https://b", "PIP_EXTRA_INDEX_URL": "https://a https://b"}
    assert machine.build().network == index("https://home") | extra
    assert machine.build(PIP_CONFIG_FILE=str(named)).network == index("https://named") | extra
    assert machine.build(PIP_CONFIG_FILE="/dev/null").network == {}


def test_an_index_that_a_build_cannot_reach_is_left_out(machine: Machine) -> None:
    machine.write("home/.config/pip/pip.conf", "[global]\nindex-url = file:///srv/i\nextra-index-url = ./w https://e\n")
    assert machine.build(UV_DEFAULT_INDEX="/srv/i").network == {
        "UV_INDEX": "https://e",
        "PIP_EXTRA_INDEX_URL": "https://e",
    }


def test_uvs_files_are_read_before_pips(machine: Machine) -> None:
    machine.write("etc/pip.conf", "[global]\nindex-url = https://pip\n")
    machine.write("etc/uv/uv.toml", 'index-url = "https://etc"\nextra-index-url = ["https://old"]\n')
    machine.write(
        "home/.config/uv/uv.toml",
        '[[index]]\nurl = "https://more"\n[[index]]\nurl = "https://uv"\ndefault = true\n'
        '[[index]]\nname = "pinned"\nurl = "https://pinned"\nexplicit = true\n',
    )
    more = {"UV_INDEX": "https://more", "PIP_EXTRA_INDEX_URL": "https://more"}
    assert machine.build().network == index("https://uv") | more
    assert machine.build(UV_NO_CONFIG="1").network == index("https://pip")
    named = machine.write("uv.toml", 'index-url = "https://named"\n')
    assert machine.build(UV_CONFIG_FILE=str(named)).network == index("https://named")


def test_a_key_of_uvs_file_that_has_another_type_is_left_to_uv(machine: Machine) -> None:
    machine.write("home/.config/uv/uv.toml", 'index = 3\nextra-index-url = "https://e"\n')
    assert machine.build().network == {}


def test_a_tools_file_that_cannot_be_understood_is_told(machine: Machine) -> None:
    path = machine.write("home/.config/uv/uv.toml", "index-url = \n")
    message, hint = machine.error()
    assert message.startswith("uv's configuration home/.config/uv/uv.toml cannot be understood: Invalid value")
    assert hint == "mend it, or set UV_CONFIG_FILE to another"
    path.unlink()
    machine.write("etc/pip.conf", "index-url = https://x\n")
    message, hint = machine.error()
    assert message.startswith("pip's configuration etc/pip.conf cannot be understood: File contains no section")
    assert hint == "mend it, or set PIP_CONFIG_FILE to another"


def test_the_first_bundle_that_is_there_is_trusted(machine: Machine) -> None:
    one, two = machine.write("one.pem", ""), machine.write("two.pem", "")
    environ = {"SSL_CERT_FILE": "/no/ca.pem", "PIP_CERT": str(one), "REQUESTS_CA_BUNDLE": str(two)}
    assert machine.build(**environ) == replace(machine.default, ca_bundle=one)
    assert machine.build("--ca-bundle", str(two), **environ) == replace(machine.default, ca_bundle=two)


def test_nothing_of_the_real_environment_is_read(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    real = machine.root / "real"
    monkeypatch.setenv("HOME", str(real))
    monkeypatch.setenv("OS_DEFAULT__THREADS", "2")
    monkeypatch.setenv("PIP_INDEX_URL", "https://real")
    machine.write("real/.kolla/kolla-build.conf", "[DEFAULT]\nthreads = 3\n")
    assert machine.build() == machine.default


# the table, and what derives from it


def test_every_setting_has_its_field_and_every_field_its_setting() -> None:
    named = {setting.field or setting.key for setting in SETTINGS if setting.field != "-"}
    sections = {"sources", "users", "profiles"}
    derived = {"verb", "environ", "network", "pip_arguments", *sections}
    assert named | derived == {field.name for field in fields(Options)}


def test_every_setting_is_in_a_group_that_some_verb_takes() -> None:
    taken = {group for verb in VERBS.values() for group in verb.groups}
    assert {setting.group for setting in SETTINGS} == taken == set(GROUPS)


def test_usage_has_a_line_for_every_verb() -> None:
    assert (
        usage()
        == """\
usage: kollage VERB [flags] ...

Builds the container images of an OpenStack cloud and proves that they run.

verbs:
  build        build images and what they stand on
  plan         say what a build would do, and why
  why          say why an image is built, or what it is made of
  list         list the images of the catalogue
  show         show what an image is made of
  push         push images that are built
  verify       prove that images have what they need, and run
  size         say where the bytes of images are
  updates      say which packages of images have updates
  clean        remove images that Kollage made
  runs         say what earlier runs did
  lock         resolve a release's Python packages and write them down
  registry     start or stop a registry on this machine
  up           launch a cloud from the images, or go on with it
  status       say how the services of the cloud are
  logs         show what a service of the cloud says
  reconfigure  bring other settings or new secrets to the cloud
  upgrade      bring newer images to the cloud
  smoke        prove that the cloud does its work
  down         stop the cloud
  worker       take steps of builds from a scheduler, on this host
  certs        make the certificates of many hosts
  genconfig    write a sample configuration file
  diag         say what this machine has, for a bug report

`kollage VERB --help` shows the flags of a verb. `kollage --version` prints the version.
"""
    )


def test_the_reference_is_up_to_date() -> None:
    page = Path(__file__).parents[3] / "docs/reference/configuration.md"
    assert page.read_text(encoding="utf-8") == configuration_page(), (
        f"run: python -m kollage.options.manual > {page.name}"
    )


def test_oslo_config_is_imported_only_where_options_are_loaded() -> None:
    # it takes longer to import than everything else together
    script = "import sys, kollage.options, kollage.options.verbs; print('oslo_config.cfg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_release_that_stands_on_another_suite_brings_it(machine: Machine) -> None:
    options = machine.load("build", "--release=zed")
    assert (options.base_tag, options.tag) == ("bookworm", "zed-debian-bookworm")
    assert machine.load("build", "--release=zed", "--base-tag=trixie").base_tag == "trixie"
    assert machine.load("build", "--release=zed", "--base=ubuntu").base_tag == "24.04"
