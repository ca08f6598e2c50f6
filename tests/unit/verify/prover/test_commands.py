"""Commands of rootwrap's filters and of a service's code, in the image and not."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.verify.prover.environments import SITE, VENV, distribution, service
from tests.unit.verify.roots import Made, link, program

from kollage.image import Image, Verify
from kollage.verify.prover.commands import check_commands

CONFIGURATION = "[DEFAULT]\nfilters_path=/etc/nova/rootwrap.d\nexec_dirs=/sbin, /opt/vendor/bin,\n"


def found(root: Path, files: Mapping[str, Made]) -> dict[str, str]:
    system = {"/usr/bin/ip": program(), "/usr/bin/env": program(), "/usr/bin/readable": program(0o644)}
    return {each.subject: each.message for each in check_commands(service(root, {**system, **files}))}


def filters(*lines: str, path: str = "/etc/nova/rootwrap.d/compute.filters") -> Mapping[str, Made]:
    rows = "\n".join(f"name{number}: {line}" for number, line in enumerate(lines))
    return {path: f"# comments\n[Filters]\n{rows}\n"}


def nova(code: str, path: str = "nova/disk.py", *, tree: bool = True) -> Mapping[str, Made]:
    return distribution("nova", modules={"nova/__init__.py": "", path: code}, tree=tree)


@pytest.mark.parametrize(
    "line",
    [
        "CommandFilter, ip, root",
        "RegExpFilter, /usr/bin/ip, root, ip, .*",
        "EnvFilter, env, root, LC_ALL=C, A=, ip",
        "KillFilter, root, missing, -9",
        "ReadFileFilter, /etc/missing",
        "CommandFilter",
        "",
    ],
)
def test_a_filter_for_what_is_there_is_fine(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, filters(line)) == {}


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("CommandFilter, lvs, root", "lvs"),
        ("ChainingRegExpFilter, nice, root, nice, -?\\d+", "nice"),
        ("PathFilter, /usr/bin/chown, root, nova, /var", "/usr/bin/chown"),
        ("EnvFilter, env, root, LC_ALL=C, vgs", "vgs"),
        ("IpFilter, readable, root", "readable"),
        ("CommandFilter, %(x)s, root", "%(x)s"),
    ],
)
def test_a_filter_for_what_is_missing_is_told(tmp_path: Path, line: str, command: str) -> None:
    place = "/etc/nova/rootwrap.d/compute.filters"
    message = f"{place} can start {command}, which is not in the image"
    assert found(tmp_path, filters(line, "CommandFilter, ip, root")) == {command: message}


@pytest.mark.parametrize(("by", "held"), [((), True), (("nova-compute",), False), (("app", "nova-compute"), True)])
def test_the_commands_of_shared_code_are_missed_where_they_are_started(
    tmp_path: Path, by: tuple[str, ...], *, held: bool
) -> None:
    image = Image(name="app", folder=Path("app"), description="", parent=None, verify=Verify(commands_by=by))
    missed = check_commands(service(tmp_path, filters("CommandFilter, lvs, root"), image=image))
    assert [finding.subject for finding in missed] == (["lvs"] if held else [])


def test_the_folders_of_rootwrap_count(tmp_path: Path) -> None:
    files = {**filters("CommandFilter, tool, root"), "/opt/vendor/bin/tool": program()}
    assert list(found(tmp_path, files)) == ["tool"]
    assert found(tmp_path, {**files, "/etc/nova/rootwrap.conf": CONFIGURATION}) == {}


def test_the_environments_own_commands_are_on_the_path(tmp_path: Path) -> None:
    files = {**filters("CommandFilter, privsep-helper, root"), f"{VENV}/bin/privsep-helper": program()}
    assert found(tmp_path, files) == {}


@pytest.mark.parametrize(
    ("path", "read"),
    [
        (f"{VENV}/etc/nova/rootwrap.d/a.filters", True),
        ("/usr/share/nova/rootwrap/a.filters", True),
        ("/nova-base-source/nova-1/etc/nova/rootwrap.d/a.filters", False),
        ("/etc/dovecot/a.filters", False),
    ],
)
def test_filters_count_where_they_are_installed(tmp_path: Path, path: str, *, read: bool) -> None:
    assert bool(found(tmp_path, filters("CommandFilter, lvs, root", path=path))) is read


def test_commands_in_the_code_of_the_service_are_told_with_their_place(tmp_path: Path) -> None:
    code = "processutils.execute('ip')\nprocessutils.execute('qemu-img', 'info')\n"
    message = "lib/python3.13/site-packages/nova/disk.py can start qemu-img, which is not in the image"
    assert found(tmp_path, nova(code)) == {"qemu-img": message}


def test_one_command_is_one_finding(tmp_path: Path) -> None:
    files = {**filters("CommandFilter, lvs, root"), **nova("execute('lvs')\n")}
    message = "/etc/nova/rootwrap.d/compute.filters and 1 more can start lvs, which is not in the image"
    assert found(tmp_path, files) == {"lvs": message}


def test_libraries_and_tests_are_not_read(tmp_path: Path) -> None:
    code = "execute('lvs')\n"
    assert found(tmp_path, nova(code, tree=False)) == {}
    assert found(tmp_path, nova(code, "nova/tests/unit/test_disk.py")) == {}
    assert found(tmp_path, nova(code, "nova/disk.txt")) == {}


@pytest.mark.parametrize(
    "files",
    [
        {"/etc/nova/rootwrap.d/a.filters": "no section\n"},
        {"/etc/nova/rootwrap.d/a.filters": "[Filters]\na\n  b\n= , ,\n"},
        {"/etc/nova/rootwrap.d/a.filters": b"[Filters]\nx: \xff\0\n"},
        {"/etc/nova/rootwrap.d/a.filters": link("a.filters")},
        {"/etc/nova/rootwrap.d/a.filters": link("/../../../../../etc/hostname")},
        {"/etc/nova/rootwrap.conf": "[DEFAULT\nexec_dirs"},
        {**nova("def f(:\n subprocess"), f"{SITE}/nova/broken.py": b"subprocess\xff\0"},
        {**nova(""), f"{SITE}/nova/circle.py": link("circle.py")},
    ],
)
def test_no_rubbish_makes_the_check_fail(tmp_path: Path, files: Mapping[str, Made]) -> None:
    assert found(tmp_path, files) == {}
