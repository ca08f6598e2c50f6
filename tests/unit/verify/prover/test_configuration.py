"""Files that configuration names, in the image and not."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.verify.roots import Made, folder, link, subject

from kollage.verify.prover import ASKING, CHECKS
from kollage.verify.prover.configuration import check_configuration

SYSTEM: Mapping[str, Made] = {"/lib": link("usr/lib"), "/etc/mysql/conf.d": folder(), "/usr/lib/there.so": ""}


def found(root: Path, files: Mapping[str, Made]) -> list[str]:
    return [each.message for each in check_configuration(subject(root, {**SYSTEM, **files}))]


@pytest.mark.parametrize(
    ("path", "line", "name"),
    [
        ("/etc/mysql/my.cnf", "!includedir /etc/mysql/gone.d/", "/etc/mysql/gone.d/"),
        ("/etc/apache2/mods-enabled/wsgi.load", "LoadModule wsgi /usr/lib/gone.so", "/usr/lib/gone.so"),
        ("/etc/supervisor/supervisord.conf", "files = /etc/gone/*.conf", "/etc/gone/*.conf"),
        ("/etc/nova/api-paste.ini", "config = '/etc/nova/policy.yaml'", "/etc/nova/policy.yaml"),
        ("/etc/logrotate.d/nova", "  /usr/bin/gone --rotate", "/usr/bin/gone"),
        ("/etc/nova/rootwrap.conf", "filters_path=/etc/nova/gone.d,/usr/share/gone", "/etc/nova/gone.d"),
    ],
)
def test_a_file_that_is_missing_is_told(tmp_path: Path, path: str, line: str, name: str) -> None:
    assert f"{path} names {name}, which is not in the image" in found(tmp_path, {path: f"[a]\n{line}\n{line}\n"})


@pytest.mark.parametrize(
    "line",
    [
        "!includedir /etc/mysql/conf.d/",
        "include /etc/mysql/conf.d/*.cnf",
        "LoadModule x /lib/there.so # from /usr/lib/gone.so",
        "# include /etc/gone",
        "; include /etc/gone",
        "// include /etc/gone",
        "url = http://host/etc/gone",
        "relative = modules/etc/gone.so",
        "log = /var/log/gone.log",
        "pid = /run/gone.pid",
        "data = /var/lib/gone",
        "IncludeOptional /etc/gone/*.conf",
        "disable_by_file_path = /etc/nova/healthcheck_disable",
        "filters_path=/etc/gone,/usr/lib",
        "if [ -f '/etc/gone' ]; then . /etc/gone; fi",
        "SSLCertificateFile /etc/ssl/certs/gone.pem",
        "SSLCertificateKeyFile /etc/ssl/private/gone",
        "file = /etc/$NAME/%(here)s",
        "file = /etc/{{ name }}.conf",
    ],
)
def test_what_is_there_or_need_not_be_is_fine(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, {"/etc/service/service.conf": f"{line}\n"}) == []


@pytest.mark.parametrize("path", ["/etc/apache2/sites-available/a.conf", "/etc/ld.so.conf.d/a.conf", "/nova/a.conf"])
def test_what_is_switched_off_or_no_configuration_is_not_read(tmp_path: Path, path: str) -> None:
    assert found(tmp_path, {path: "Include /etc/gone\n"}) == []


def test_what_is_switched_on_by_a_link_is_read_once(tmp_path: Path) -> None:
    files: Mapping[str, Made] = {
        "/etc/apache2/sites-available/a.conf": "Include /etc/gone\n",
        "/etc/apache2/sites-enabled/a.conf": link("../sites-available/a.conf"),
        "/etc/apache2/sites-enabled/b.conf": link("a.conf"),
    }
    assert found(tmp_path, files) == ["/etc/apache2/sites-enabled/a.conf names /etc/gone, which is not in the image"]


@pytest.mark.parametrize(
    "made",
    [b"\xff\0 /etc/\xfe\n", link("a.conf"), link("../../../../../etc/passwd"), link("/proc/1/mem"), folder(), ""],
)
def test_no_rubbish_makes_the_check_fail(tmp_path: Path, made: Made) -> None:
    assert len(found(tmp_path, {"/etc/service/a.conf": made})) <= 1


def test_a_link_that_leads_out_of_the_image_is_missing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("outside")
    files: Mapping[str, Made] = {
        "/etc/a.conf": "Include /etc/out\nInclude /etc/circle\n",
        "/etc/out": link("../../../secret"),
        "/etc/circle": link("circle"),
    }
    assert len(found(tmp_path / "root", files)) == 2


def test_every_check_has_a_name_of_its_own_and_stands_an_empty_image(tmp_path: Path) -> None:
    assert len({check.__name__ for check in (*CHECKS, *ASKING)}) == 6
    assert [finding for check in (*CHECKS, *ASKING) for finding in check(subject(tmp_path, {}))] == []
