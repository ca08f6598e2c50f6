"""What distributions require, for the Python of the image."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.verify.prover.environments import SETTINGS, SYSTEM_SITE, VENV, distribution, service, venv
from tests.unit.verify.roots import IMAGE, Made, link

from kollage.image import Python
from kollage.verify.prover.python import check_requirements


def found(root: Path, files: Mapping[str, Made], *wanted: str) -> dict[str, str]:
    image = dataclasses.replace(IMAGE, python=Python(packages=wanted))
    return {each.subject: each.message for each in check_requirements(service(root, files, image=image))}


@pytest.mark.parametrize(
    "requirement",
    [
        "oslo.config",
        "Oslo_Config>=10,<11",
        "oslo.config===10.0.1rc1",
        "tomli; python_version < '3.11'",
        "pywin32; sys_platform == 'win32'",
        "numpy; platform_machine == 'aarch64'",
        "python-ldap>=3; extra == 'ldap'",
        "oslo.config[no-such-extra] @ https://example.org/a.whl",
    ],
)
def test_a_requirement_that_is_met_or_not_meant_is_fine(tmp_path: Path, requirement: str) -> None:
    files = {**distribution("nova", requirement), **distribution("oslo_config", version="10.0.1rc1")}
    assert found(tmp_path, files) == {}


@pytest.mark.parametrize(
    ("requirement", "subject", "message"),
    [
        ("tooz>=1", "nova:tooz", "nova requires tooz>=1, which is not installed"),
        ("tomli; python_version >= '3.13'", "nova:tomli", "nova requires tomli, which is not installed"),
        ("oslo.config>=11", "nova:oslo-config", "nova requires oslo.config>=11, and 10.0 is installed"),
        ("oslo.config!=10.*", "nova:oslo-config", "nova requires oslo.config!=10.*, and 10.0 is installed"),
        ("=rubbish", "nova:requirement", "nova has a requirement that cannot be read: '=rubbish'"),
    ],
)
def test_a_requirement_that_is_not_met_is_told(tmp_path: Path, requirement: str, subject: str, message: str) -> None:
    files = {**distribution("nova", requirement), **distribution("oslo.config", version="10.0")}
    assert found(tmp_path, files) == {subject: f"{message} in {VENV}"}


def test_markers_are_evaluated_for_the_python_of_the_image(tmp_path: Path) -> None:
    files = {**distribution("nova", "tomli; python_full_version < '3.11.9'"), **venv("version = 3.11.2\n")}
    old = {path.replace("python3.13", "python3.11"): made for path, made in files.items()}
    assert list(found(tmp_path, old)) == ["nova:tomli"]


@pytest.mark.parametrize("wanted", ["nova[Some_Extra]>=1", "/nova[some-extra]", "/srv/nova[some.extra,other]"])
def test_an_extra_that_the_image_asks_for_is_required(tmp_path: Path, wanted: str) -> None:
    files = distribution("nova", "python-ldap; extra == 'some-extra'")
    assert list(found(tmp_path, files, wanted)) == ["nova:python-ldap"]


def test_an_extra_that_another_distribution_asks_for_is_required_in_any_order_and_circle(tmp_path: Path) -> None:
    files = {
        **distribution("a", "b[x]"),
        **distribution("b", "c[y]; extra == 'x'", "a"),
        **distribution("c", "missing; extra == 'y'", "b[x]"),
    }
    assert list(found(tmp_path, files)) == ["c:missing"]


def test_the_distributions_of_the_system_count_where_the_environment_sees_them(tmp_path: Path) -> None:
    files = {**distribution("nova", "PyYAML>=6"), **distribution("PyYAML", version="6.0", site=SYSTEM_SITE)}
    assert found(tmp_path, files) == {}
    assert list(found(tmp_path, {**files, **venv(SETTINGS.replace("true", "false"))})) == ["nova:pyyaml"]


def test_what_is_nearer_hides_what_is_further(tmp_path: Path) -> None:
    files = {
        **distribution("nova", "PyYAML>=6"),
        **distribution("PyYAML", version="5.0"),
        **distribution("PyYAML", "missing", version="6.0", site=SYSTEM_SITE),
    }
    assert found(tmp_path, files) == {"nova:pyyaml": f"nova requires PyYAML>=6, and 5.0 is installed in {VENV}"}


def test_a_distribution_for_another_python_is_told(tmp_path: Path) -> None:
    files = distribution("nova", fields=["Requires-Python: >=3.14"])
    assert found(tmp_path, files) == {"nova:python": f"nova is for Python >=3.14, and this is 3.13.5 in {VENV}"}


def test_a_distribution_that_is_there_twice_is_told(tmp_path: Path) -> None:
    files = {**distribution("nova", version="1.0"), **distribution("nova", version="2.0")}
    assert found(tmp_path, files) == {"nova:nova": f"nova is installed twice: 1.0 and 2.0 in {VENV}"}


RUBBISH = f"{VENV}/lib/python3.13/site-packages"


@pytest.mark.parametrize(
    "files",
    [
        {f"{RUBBISH}/a-1.dist-info/METADATA": ""},
        {f"{RUBBISH}/a-1.dist-info/METADATA": b"\xff\xfe\0\0Name"},
        {f"{RUBBISH}/a.egg-info": "Name: a\nVersion: what\n"},
        {f"{RUBBISH}/a.egg-info/PKG-INFO": "Name: a\n: b\n\n"},
        distribution("a", version="not a version"),
    ],
)
def test_metadata_that_says_nothing_is_told_once(tmp_path: Path, files: Mapping[str, Made]) -> None:
    more = {**files, **distribution("b", "a>=1")}
    assert [name.partition(":")[2] for name in found(tmp_path, more)] == ["version"]


@pytest.mark.parametrize(
    "files",
    [
        {f"{VENV}/pyvenv.cfg": "nothing\n=\n"},
        {f"{VENV}/pyvenv.cfg": "version = x\n"},
        {f"{VENV}/pyvenv.cfg": link("pyvenv.cfg")},
        {f"{VENV}/pyvenv.cfg": link("../../../../../etc/passwd")},
        {f"{RUBBISH}/a-1.dist-info/METADATA": link("/dev/zero")},
        {**distribution("a"), f"{RUBBISH}/a-1.0.dist-info/entry_points.txt": "rubbish\n[a\n= b"},
        {**distribution("a"), f"{RUBBISH}/a-1.0.dist-info/direct_url.json": "[1"},
        {**distribution("a"), f"{RUBBISH}/a-1.0.dist-info/direct_url.json": '["dir_info"]'},
        {**distribution("a"), f"{RUBBISH}/a-1.0.dist-info/RECORD": b"\xff,,,\n../../a.py\n"},
        {**distribution("a", fields=["Requires-Python: ever"])},
        {**distribution("a", "b; 'x' != 'y'")},
        {**distribution("a", "b; nothing == 'x'")},
        {**distribution("a", "b; python_version ~= 'x'")},
    ],
)
def test_no_rubbish_makes_the_check_fail(tmp_path: Path, files: Mapping[str, Made]) -> None:
    assert set(found(tmp_path, files)) <= {"a:requirement"}
