"""A clean image, and one by one what soils it."""

import dataclasses
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.unit.verify.roots import IMAGE, File, Made, findings, folder, link, messages, program, subject

from kollage.image import Verify
from kollage.verify import Entry, hygiene
from kollage.verify.hygiene import CHECKS

BODY = "MC4CAQAwBQYDK2VwBCIEIJ2Vbmbd3nAFLmzKzcVvdTtQ2PkDVGQ1Yq3tEXAMPLE0"
BEGIN = "-----BEGIN PRIVATE KEY-----"
KEY = f"{BEGIN}\n{BODY}\n-----END PRIVATE KEY-----\n"
URL = "https://me:hunter2@index.example/simple"
CLEAN: Mapping[str, Made] = {
    "/dev/null": Entry(mode=stat.S_IFCHR | 0o666, uid=0, gid=0, size=0),
    "/etc/environment": "PATH=/usr/bin\n# http_proxy=http://proxy.example:3128\n",
    "/etc/apt/apt.conf.d/70debconf": '// Proxy "http://proxy.example";\nDPkg::Pre-Install-Pkgs {"x";};\n',
    "/etc/nova/nova.conf": "# transport_url = rabbit://<user>:<password>@host/\nurl = http://host:80/a@b\n",
    "/etc/shadow": "root:*:1::::::\nnova:!:1::::::\n",
    "/root/.docker/config.json": '{"auths": {"registry.example": {}}}',
    "/root/.netrc": "",
    "/run/kollage": folder(),
    "/run/lock": folder(0o1777),
    "/tmp": folder(0o1777),
    "/usr/bin/passwd": program(0o4755),
    "/usr/bin/ssh": f"\0{BEGIN}\0-----END PRIVATE KEY-----\0",
    "/usr/share/gcc/python.py": "",
    "/usr/local/share/ca-certificates/distribution": folder(),
    "/var/cache/apt/archives/lock": "",
    "/var/lib/apt/lists/lock": "",
    "/var/lib/dpkg/status": "Package: gcc-14-base\nStatus: install ok installed\n\n"
    "Package: make\nStatus: deinstall ok config-files\n\nPackage: udev\nStatus: install ok installed\n",
    "/var/lib/kolla/venv/lib/python3.13/site-packages/x/tests/key.pem": KEY,
    "/var/lib/kolla/venv/lib/python3.13/site-packages/x/__pycache__/a.pyc": KEY,
    "/var/log/kolla": folder(0o2775, gid=42400),
    "/var/mail": link("spool/mail"),
}


def found(
    root: Path,
    files: Mapping[str, Made] | None = None,
    *,
    environment: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
    history: Sequence[str] = (),
) -> list[tuple[str, str]]:
    """The findings of the clean image after some changes."""
    configuration = {"Env": ["PATH=/usr/bin", *environment], "Labels": labels}
    made = subject(root, {**CLEAN, **(files or {})}, configuration=configuration, history=history)
    return findings(CHECKS, made)


def test_a_clean_image_has_no_findings(tmp_path: Path) -> None:
    told = ["/bin/sh -c unset http_proxy; curl https://example.org/a:b", "|1 VERSION=2 /bin/sh -c make"]
    labels = {"url": "https://opendev.org"}
    assert found(tmp_path, history=told, labels=labels, environment=["LANG=C", "DB_PASSWORD=", "no_proxy="]) == []


@pytest.mark.parametrize("path", ["/usr/bin/gcc", "/usr/bin/c++", "/usr/local/go/bin/go", "/usr/sbin/make"])
def test_build_tools_are_told_as_files(tmp_path: Path, path: str) -> None:
    assert found(tmp_path, {path: program()}) == [("hygiene.compiler", path)]


def test_a_link_to_a_build_tool_is_one(tmp_path: Path) -> None:
    assert found(tmp_path, {"/usr/bin/cc": link("/etc/alternatives/cc")}) == [("hygiene.compiler", "/usr/bin/cc")]


@pytest.mark.parametrize(
    ("package", "check"),
    [
        ("gcc-14", "compiler"),
        ("gcc-14-x86-64-linux-gnu", "compiler"),
        ("cpp", "compiler"),
        ("make", "compiler"),
        ("libssl-dev", "development"),
        ("libc-dev-bin", "development"),
        ("linux-headers-6.12-amd64", "development"),
    ],
)
def test_packages_for_builds_are_told(tmp_path: Path, package: str, check: str) -> None:
    status = {"/var/lib/dpkg/status": f"Package: {package}\nStatus: install ok installed\nPriority: optional\n"}
    assert found(tmp_path, status) == [(f"hygiene.{check}", package)]


@pytest.mark.parametrize(
    "path", ["/usr/include/stdio.h", "/usr/include/python3.12/Python.h", "/usr/lib64/pkgconfig/z.pc"]
)
def test_without_a_database_of_packages_their_files_tell(tmp_path: Path, path: str) -> None:
    assert found(tmp_path, {path: "x"}) == [("hygiene.development", path)]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/var/lib/apt/lists/deb_main_Packages", "/var/lib/apt/lists"),
        ("/var/cache/apt/pkgcache.bin", "/var/cache/apt"),
        ("/var/cache/dnf/x/y.solv", "/var/cache/dnf"),
        ("/home/nova/.cache/pip/http/a", "/home/nova/.cache"),
        ("/opt/nova_1.deb", "/opt/nova_1.deb"),
    ],
)
def test_caches_are_told_by_their_folder(tmp_path: Path, path: str, place: str) -> None:
    assert found(tmp_path, {path: "x"}) == [("hygiene.cache", place)]


def test_a_cache_is_one_finding_with_its_size(tmp_path: Path) -> None:
    files = {f"/root/.cache/uv/{number}": File("x", size=1_500_000) for number in range(4)}
    made = subject(tmp_path, files)
    assert messages(CHECKS, made) == ["/root/.cache files: 4, 6.0 MB; downloads of pip, uv and others"]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/run/kollage/network", "/run/kollage"),
        ("/tmp/pip-build/setup.py", "/tmp"),
        ("/wheels/nova.whl", "/wheels"),
        ("/nova-base-source/nova-1/build/lib/nova/a.py", "/nova-base-source/nova-1/build/lib"),
    ],
)
def test_what_a_build_forgot_is_told(tmp_path: Path, path: str, place: str) -> None:
    assert found(tmp_path, {path: "x"}) == [("hygiene.leftovers", place)]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/etc/ssl/private/host.key", KEY),
        ("/opt/nova/id_rsa", KEY.replace("PRIVATE", "OPENSSH PRIVATE")),
        ("/srv/key", KEY.replace("PRIVATE", "RSA PRIVATE").replace("\n", "\r\n")),
        ("/srv/old", KEY.replace("-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES,00\n\n", 1)),
        ("/srv/key.json", KEY.replace("\n", "\\n")),
        ("/root/.netrc", "machine example login me password x"),
        ("/root/.pypirc", "[pypi]\npassword = x"),
        ("/home/nova/.git-credentials", "x"),
        ("/root/.docker/config.json", '{"auths": {"registry.example": {"auth": "bWU6eA=="}}}'),
        ("/etc/pip.conf", f"[global]\nindex-url = {URL}\n"),
        ("/etc/apt/sources.list.d/a.sources", f"URIs: {URL}\n"),
        ("/nova-source/.git/config", f"url = {URL}\n"),
        ("/opt/x/nova.dist-info/direct_url.json", f'{{"url": "{URL}"}}'),
        ("/etc/environment", "http_proxy=http://proxy.example:3128\n"),
        ("/etc/profile.d/proxy.sh", "export HTTPS_PROXY='proxy.example:3128'\n"),
        ("/etc/apt/apt.conf.d/99proxy", 'Acquire::http::Proxy "http://proxy.example:3128";\n'),
        ("/etc/dnf/dnf.conf", "[main]\nproxy=http://proxy.example:3128\n"),
        ("/root/.config/pip/pip.conf", "[global]\nproxy = proxy.example:3128\n"),
        ("/root/.curlrc", 'proxy = "http://proxy.example"\n'),
    ],
)
def test_secrets_in_files_are_told_by_their_path(tmp_path: Path, path: str, content: str) -> None:
    assert found(tmp_path, {path: content}) == [("hygiene.secrets", path)]


@pytest.mark.parametrize(
    "path",
    [
        "/opt/ansible/lib/python3.13/site-packages/a/tests/unit/key.pem",
        "/keystone-base-source/keystone-30/examples/pki/private/cakey.pem",
        "/usr/share/doc/openssl/example.pem",
    ],
)
def test_keys_that_their_project_publishes_are_no_secrets(tmp_path: Path, path: str) -> None:
    assert found(tmp_path, {path: KEY}) == []


def test_large_files_are_not_read(tmp_path: Path) -> None:
    assert found(tmp_path, {"/srv/disk.img": File(KEY, size=2**21)}) == []


@pytest.mark.parametrize(
    "variable",
    ["DB_ROOT_PASSWORD=x", "github_token=x", "AWS_SECRET_ACCESS_KEY=x", "https_proxy=http://p:1", "NO_PROXY=.example"],
)
def test_variables_with_secrets_are_told_by_their_name(tmp_path: Path, variable: str) -> None:
    assert found(tmp_path, environment=[variable]) == [("hygiene.secrets", variable.partition("=")[0])]


def test_a_password_in_a_url_is_told_wherever_it_stands(tmp_path: Path) -> None:
    assert found(tmp_path, environment=[f"PIP_INDEX_URL={URL}"]) == [("hygiene.secrets", "PIP_INDEX_URL")]
    assert found(tmp_path, labels={"source": URL}) == [("hygiene.secrets", "source")]
    assert found(tmp_path, history=[f"/bin/sh -c git clone {URL}"]) == [("hygiene.secrets", "history")]


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ("|1 http_proxy=http://proxy.example:3128 /bin/sh -c true", "history"),
        ("/bin/sh -c #(nop) ENV HTTPS_PROXY=proxy.example:3128", "history"),
        ("|2 VERSION=2 REGISTRY_TOKEN=hunter2 /bin/sh -c true", "REGISTRY_TOKEN"),
        ("RUN |1 REGISTRY_TOKEN=hunter2 /bin/sh -c true # buildkit", "REGISTRY_TOKEN"),
    ],
)
def test_the_history_tells_nothing_of_the_builder(tmp_path: Path, line: str, about: str) -> None:
    assert found(tmp_path, history=[line]) == [("hygiene.secrets", about)]


def test_an_account_with_a_password_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, {"/etc/shadow": "root:$y$j9T$a$b:1::::::\n"}) == [("hygiene.secrets", "root")]


def test_no_secret_is_repeated(tmp_path: Path) -> None:
    files: Mapping[str, Made] = {
        "/etc/pip.conf": f"index-url = {URL}\n",
        "/root/.netrc": "password hunter2",
        "/etc/key.pem": KEY,
    }
    configuration: Mapping[str, object] = {"Env": [f"INDEX={URL}", "X_PASSWORD=hunter2"], "Labels": {"source": URL}}
    told = [f"/bin/sh -c curl {URL}", "|1 A_TOKEN=hunter2 /bin/sh -c true"]
    said = messages(CHECKS, subject(tmp_path, files, configuration=configuration, history=told))
    assert len(said) == 8
    assert [line for line in said if "hunter2" in line or BODY in line] == []


@pytest.mark.parametrize(
    "path", ["/usr/local/share/ca-certificates/ours.crt", "/etc/pki/ca-trust/source/anchors/ours.pem"]
)
def test_an_authority_of_the_builder_is_told(tmp_path: Path, path: str) -> None:
    assert found(tmp_path, {path: "certificate"}) == [("hygiene.authority", path)]


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("/var/lib/nova", folder(0o777)),
        ("/var/lib/nova", folder(0o1777)),
        ("/tmp", folder(0o777)),
        ("/etc/nova/nova.conf", File("x", mode=0o666)),
    ],
)
def test_what_everybody_can_write_is_told(tmp_path: Path, path: str, made: Made) -> None:
    assert found(tmp_path, {path: made}) == [("hygiene.writable", path)]


@pytest.mark.parametrize(
    ("path", "mode"), [("/usr/bin/mine", 0o4755), ("/usr/bin/mine", 0o2755), ("/opt/passwd", 0o4755)]
)
def test_programs_with_the_rights_of_others_have_a_reason(tmp_path: Path, path: str, mode: int) -> None:
    assert found(tmp_path, {path: program(mode)}) == [("hygiene.privileged", path)]


def test_an_image_may_be_as_large_as_its_budget(tmp_path: Path) -> None:
    files: Mapping[str, Made] = {
        "/srv/a": File("x", size=60_000_000),
        "/srv/b": File("x", size=41_000_000),
        "/srv": folder(),
    }

    def within(budget: int) -> list[str]:
        image = dataclasses.replace(IMAGE, verify=Verify(size=budget))
        return messages(CHECKS, subject(tmp_path, files, image=image))

    assert within(0) == within(101) == []
    assert within(100) == ["nova-api holds 101 MB and may hold 100 MB"]


def test_every_check_is_described() -> None:
    code = Path(hygiene.__file__).read_text(encoding="utf-8")
    page = (Path(__file__).parents[3] / "docs/reference/checks.md").read_text(encoding="utf-8")
    named = set(re.findall(r'_(?:finding|heaps)\(\s*"(\w+)"', code))
    assert named == set(re.findall(r"^\| `hygiene\.(\w+)`", page, re.MULTILINE))
