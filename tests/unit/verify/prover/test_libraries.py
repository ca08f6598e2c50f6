"""Executables and libraries that find what they need, and those that do not."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.unit.verify.prover.programs import AARCH64, RISCV, elf, static
from tests.unit.verify.roots import File, Made, link, subject

from kollage.verify.prover.libraries import check_libraries

LOADER = "/lib64/ld-linux-x86-64.so.2"
LIB = "/usr/lib/x86_64-linux-gnu"
SITE = "/var/lib/kolla/venv/lib/python3.13/site-packages"
SYSTEM: Mapping[str, Made] = {
    "/lib": link("usr/lib"),
    "/lib64": link("/usr/lib64"),
    "/usr/lib64/ld-linux-x86-64.so.2": link("../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
    f"{LIB}/ld-linux-x86-64.so.2": File(static(), mode=0o755),
    f"{LIB}/libc.so.6": elf(),
    f"{LIB}/libm.so.6": elf("libc.so.6"),
}
DPKG = "/var/lib/dpkg"


def program(*needed: str, interpreter: str = LOADER, rpath: str = "", runpath: str = "") -> File:
    return File(elf(*needed, interpreter=interpreter, rpath=rpath, runpath=runpath), mode=0o755)


def found(root: Path, files: Mapping[str, Made], environment: Sequence[str] = ()) -> dict[str, str]:
    looked_at = subject(root, {**SYSTEM, **files}, configuration={"Env": list(environment)})
    assert all(each.check == "prover.libraries" for each in check_libraries(looked_at))
    return {each.subject: each.message.removeprefix(each.subject).strip() for each in check_libraries(looked_at)}


def test_libraries_of_the_system_are_found_through_links(tmp_path: Path) -> None:
    assert found(tmp_path, {"/usr/bin/true": program("libc.so.6", "libm.so.6")}) == {}


def test_what_is_missing_is_named_in_one_finding(tmp_path: Path) -> None:
    assert found(tmp_path, {"/usr/bin/ldapsearch": program("libldap.so.2", "libc.so.6", "liblber.so.2")}) == {
        "/usr/bin/ldapsearch": "needs libldap.so.2, liblber.so.2, which the loader does not find"
    }


def test_a_python_extension_without_its_library_is_found(tmp_path: Path) -> None:
    module = f"{SITE}/_ldap.cpython-313-x86_64-linux-gnu.so"
    assert list(found(tmp_path, {module: elf("libldap.so.2")})) == [module]


def test_a_loader_that_is_missing_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, {"/usr/bin/go": program(interpreter="/lib/ld-musl-x86_64.so.1")}) == {
        "/usr/bin/go": "is started by /lib/ld-musl-x86_64.so.1, which is not in the image"
    }


@pytest.mark.parametrize(
    "bundled",
    [
        {"rpath": "$ORIGIN/../numpy.libs"},
        {"runpath": "/nowhere:${ORIGIN}/../numpy.libs"},
        {"runpath": f"{SITE}/numpy.libs"},
    ],
)
def test_libraries_of_wheels_are_found_where_the_file_says(tmp_path: Path, bundled: Mapping[str, str]) -> None:
    files = {f"{SITE}/numpy/core.so": elf("libblas.so", **bundled), f"{SITE}/numpy.libs/libblas.so": elf()}  # type: ignore[arg-type]
    assert found(tmp_path, files) == {}


def test_rpath_counts_for_nothing_beside_runpath(tmp_path: Path) -> None:
    files: Mapping[str, Made] = {
        "/usr/bin/tool": program("liba.so.1", rpath="/opt/a", runpath="/opt/b"),
        "/opt/a/liba.so.1": elf(),
    }
    assert list(found(tmp_path, files)) == ["/usr/bin/tool"]


def test_the_configuration_of_the_loader_is_followed_and_a_circle_in_it_ends(tmp_path: Path) -> None:
    files: Mapping[str, Made] = {
        "/etc/ld.so.conf": "include ld.so.conf.d/*.conf\n",
        "/etc/ld.so.conf.d/a.conf": "# a comment\n/opt/a/lib # with a reason\ninclude /etc/ld.so.conf\n",
        "/opt/a/lib/liba.so.1": elf(),
        "/usr/bin/tool": program("liba.so.1"),
    }
    assert found(tmp_path, files) == {}
    assert list(found(tmp_path, {**files, "/etc/ld.so.conf": None})) == ["/usr/bin/tool"]


def test_the_variable_of_the_image_is_followed(tmp_path: Path) -> None:
    files: Mapping[str, Made] = {"/opt/lib/liba.so.1": elf(), "/usr/bin/tool": program("liba.so.1")}
    assert found(tmp_path, files, ["LD_LIBRARY_PATH=:/opt/lib"]) == {}
    assert list(found(tmp_path, files)) == ["/usr/bin/tool"]


def test_a_program_has_opened_what_lies_beside_or_below_in_its_own_folder(tmp_path: Path) -> None:
    java = "/usr/lib/jvm/java-21/lib"
    assert found(tmp_path, {f"{java}/libjava.so": elf("libjvm.so"), f"{java}/server/libjvm.so": elf()}) == {}


def test_a_folder_that_all_share_is_nobodys_own(tmp_path: Path) -> None:
    files: Mapping[str, Made] = {f"{LIB}/liba.so.1": elf("libprivate.so"), f"{LIB}/systemd/libprivate.so": elf()}
    assert list(found(tmp_path, files)) == [f"{LIB}/liba.so.1"]


def test_a_library_for_another_machine_is_no_library(tmp_path: Path) -> None:
    files: Mapping[str, Made] = {"/usr/bin/tool": program("liba.so.1"), f"{LIB}/liba.so.1": elf(machine=AARCH64)}
    assert list(found(tmp_path, files)) == ["/usr/bin/tool"]


@pytest.mark.parametrize("machine", [AARCH64, RISCV])
def test_a_program_for_another_machine_is_told_and_firmware_is_not(tmp_path: Path, machine: int) -> None:
    files: Mapping[str, Made] = {
        "/usr/bin/tool": File(elf("libc.so.6", machine=machine), mode=0o755),
        "/usr/share/qemu/bios.so": elf("x.so", machine=machine),
    }
    message = "is built for another machine than the image, which is for x86_64"
    assert found(tmp_path, files) == {"/usr/bin/tool": message}


def test_a_name_with_a_slash_is_a_path(tmp_path: Path) -> None:
    assert found(tmp_path, {"/usr/bin/tool": program(f"{LIB}/libc.so.6")}) == {}
    assert list(found(tmp_path, {"/usr/bin/tool": program("/opt/libc.so.6")})) == ["/usr/bin/tool"]


def packages(**fields: str) -> Mapping[str, Made]:
    listed = "".join(f"{name.title()}: {value}\n" for name, value in fields.items())
    return {
        f"{DPKG}/status": f"Package: libc6\n\nPackage: collectd-core\nDepends: libc6\n{listed}",
        f"{DPKG}/info/collectd-core.list": "/.\n/usr/lib/collectd/dbi.so\n",
        f"{DPKG}/info/libc6:amd64.list": f"/lib/x86_64-linux-gnu/libc.so.6\n{LIB}/libm.so.6\n",
    }


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libdbi.so.1", "libdbi1t64 (>= 0.9)"),
        ("libfreetype.so.6", "perl, libfreetype6"),
        ("libharfbuzz.so.0", "libharfbuzz0b"),
        ("librte_eal.so.25", "rrdtool | librte-eal25"),
        ("libbson-1.0.so.0", "libbson-1.0-0t64"),
        ("libhiredis.so.1.1.0", "libhiredis1.1.0"),
    ],
)
@pytest.mark.parametrize("field", ["suggests", "recommends"])
def test_a_plugin_may_miss_what_its_package_only_suggests(
    tmp_path: Path, field: str, library: str, package: str
) -> None:
    plugin = {"/usr/lib/collectd/dbi.so": elf(library)}
    assert found(tmp_path, {**plugin, **packages(**{field: package})}) == {}
    assert list(found(tmp_path, {**plugin, **packages(depends=package)})) == ["/usr/lib/collectd/dbi.so"]


def test_a_program_may_not_miss_what_its_package_suggests(tmp_path: Path) -> None:
    files: Mapping[str, Made] = {"/usr/lib/collectd/dbi.so": program("libdbi.so.1"), **packages(suggests="libdbi1t64")}
    assert list(found(tmp_path, files)) == ["/usr/lib/collectd/dbi.so"]


def test_a_file_that_is_cut_off_cannot_be_loaded(tmp_path: Path) -> None:
    assert found(tmp_path, {f"{LIB}/liba.so": elf("libc.so.6")[:90]}) == {
        f"{LIB}/liba.so": "cannot be loaded: it is cut off"
    }


def test_links_that_lead_out_in_circles_or_nowhere_are_no_libraries(tmp_path: Path) -> None:
    files: Mapping[str, Made] = {
        f"{LIB}/liba.so.1": link("liba.so.1"),
        f"{LIB}/libb.so.1": link("../../../../../../../../etc/hostname"),
        f"{LIB}/libd.so.1": link("/proc/self/exe"),
        "/etc/ld.so.conf": link("/etc/ld.so.conf"),
        "/usr/bin/tool": program("liba.so.1", "libb.so.1", "libd.so.1", runpath="../../..:$ORIGIN/../../../../.."),
    }
    assert list(found(tmp_path, files)) == ["/usr/bin/tool"]


def test_an_image_without_programs_has_nothing_to_find(tmp_path: Path) -> None:
    assert list(check_libraries(subject(tmp_path, {"/etc/motd": "hello"}))) == []


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    looked_at = subject(tmp_path, {"/usr/bin/tool": program()})
    (tmp_path / "usr/bin/tool").unlink()
    assert [each.subject for each in check_libraries(looked_at)] == ["/usr/bin/tool"]
