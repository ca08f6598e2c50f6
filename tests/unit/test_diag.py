"""The page for a bug report: what is known, what is not, and that it tells no secret."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from kollage import __version__
from kollage.diag import page
from kollage.options import Options

Programs = Callable[[str, str], None]
NOWHERE = "http://127.0.0.1:9/simple/"  # nobody listens there


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Puts engines as shell scripts in front of the machine's; until then none is installed."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    def write(name: str, body: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)

    return write


def options(tmp_path: Path, **values: Any) -> Options:
    values.setdefault("network", {"UV_DEFAULT_INDEX": NOWHERE})
    return Options(**{"cache_dir": tmp_path / "cache", **values})


def told(chosen: Options, root: Path = Path("/nonexistent")) -> Mapping[str, Mapping[str, str]]:
    facts: Mapping[str, Mapping[str, str]] = json.loads(page(replace(chosen, format="json"), root=root))
    return facts


def files(root: Path, texts: Mapping[str, str]) -> Path:
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8", errors="surrogateescape")
    return root


# --- the page ---


def test_the_page_has_a_title_for_each_group_and_a_line_for_each_fact(tmp_path: Path) -> None:
    lines = page(options(tmp_path), root=tmp_path).splitlines()
    titles = [line for line in lines if line and not line.startswith(" ")]
    assert titles == ["kollage", "machine", "user", "engines", "folders", "network", "configuration"]
    [version] = [line.split() for line in lines if line.startswith("  version ")]
    assert version == ["version", __version__]


def test_on_this_machine_the_system_is_known(tmp_path: Path) -> None:
    machine = told(options(tmp_path), Path("/"))["machine"]
    assert [name for name, fact in machine.items() if fact.startswith("unknown")] == []


def test_what_is_missing_is_called_unknown_and_stops_nothing(tmp_path: Path) -> None:
    facts = told(options(tmp_path))
    assert facts["machine"]["distribution"] == "unknown: No such file or directory"
    assert facts["machine"]["memory"] == "unknown: No such file or directory"
    assert facts["machine"]["cgroups"] == "none to be seen"
    assert facts["user"]["user namespaces"] == "unknown: No such file or directory"
    assert facts["engines"]["podman"] == "no engine answers: the program 'podman' is not installed"
    assert facts["configuration"] == {"found without --config-file": "none"}


@pytest.mark.parametrize("text", ["", "PRETTY_NAME='broken", "MemTotal: much", "\udcff"])
def test_files_that_make_no_sense_stop_nothing_either(tmp_path: Path, text: str) -> None:
    root = files(tmp_path, dict.fromkeys(("etc/os-release", "proc/meminfo", "etc/subuid"), text))
    machine = told(options(tmp_path), root)["machine"]
    assert machine["distribution"].startswith("unknown: ")
    assert machine["memory"].startswith("unknown: ")


def test_the_machine_is_read_from_its_files(tmp_path: Path) -> None:
    root = files(
        tmp_path,
        {
            "etc/os-release": 'NAME="Debian"\nID=debian\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
            "proc/meminfo": "MemTotal:       24684084 kB\nMemFree: 1 kB\nMemAvailable:   12000000 kB\n",
            "sys/fs/cgroup/cgroup.controllers": "",
            "etc/kolla/kolla-build.conf": "",
        },
    )
    facts = told(options(tmp_path), root)
    assert facts["machine"]["distribution"] == "Debian GNU/Linux 13 (trixie)"
    assert facts["machine"]["memory"] == "25.3 GB, 12.3 GB available"
    assert facts["machine"]["cgroups"] == "version 2"
    assert facts["configuration"] == {"found without --config-file": str(root / "etc/kolla/kolla-build.conf")}


def test_a_distribution_without_a_pretty_name_has_another(tmp_path: Path) -> None:
    root = files(tmp_path, {"etc/os-release": "ID=alpine\n", "sys/fs/cgroup/cpu": ""})
    machine = told(options(tmp_path), root)["machine"]
    assert (machine["distribution"], machine["cgroups"]) == ("alpine", "version 1")


def test_who_is_not_root_needs_ranges_of_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = files(
        tmp_path,
        {
            "etc/subuid": "root:1:2\n54321:100000:65536\nbroken\n54321:300000:10\n",
            "proc/sys/user/max_user_namespaces": "96365\n",
            "proc/sys/kernel/unprivileged_userns_clone": "0\n",
        },
    )
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert told(options(tmp_path), root)["user"] == {
        "user": "not root (uid 54321)",
        "user namespaces": "96365 at most",
        "namespaces of users": "forbidden",
        "subuid": "65536 from 100000, 10 from 300000",
        "subgid": "unknown: No such file or directory",
    }
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert told(options(tmp_path), root)["user"].keys() == {"user", "user namespaces", "namespaces of users"}


def test_a_folder_that_is_not_there_yet_has_the_room_of_the_one_above(tmp_path: Path) -> None:
    facts = told(options(tmp_path, logs_dir=tmp_path))["folders"]
    assert facts.keys() == {"cache", "logs"}
    assert facts["cache"].startswith(f"{tmp_path / 'cache'} (")
    assert facts["cache"].endswith(" free, not there yet)")
    assert facts["logs"].endswith(" free)")


# --- engines ---


def test_each_engine_that_answers_tells_its_version_and_each_other_why_it_does_not(
    tmp_path: Path, programs: Programs
) -> None:
    programs(
        "buildah",
        '[ $1 = --version ] && echo "buildah version 1.28.2 (image-spec 1.0)" || { echo store is broken >&2; exit 7; }',
    )
    programs("docker", "echo 'Cannot connect to the daemon' >&2; exit 1")
    facts = told(options(tmp_path, engine="auto"))["engines"]
    assert facts["asked for"] == "auto"
    assert facts["buildah"] == "1.28.2"
    assert "store is broken" in facts["buildah, free"]
    assert "Cannot connect to the daemon" in facts["docker"]
    assert "podman" in facts


@pytest.mark.skipif(not shutil.which("buildah"), reason="buildah is not installed")
def test_a_real_engine_tells_about_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
    facts = told(options(tmp_path), Path("/"))["engines"]
    assert [name for name, fact in facts.items() if name.startswith("buildah") and "unknown" in fact] == []
    assert len([name for name in facts if name.startswith("buildah, ")]) > 1


# --- the network ---


@contextmanager
def serving(status: int) -> Iterator[str]:
    """A server that gives one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("status", [200, 404])
def test_an_index_and_a_registry_that_answer_are_there(tmp_path: Path, status: int) -> None:
    with serving(404) as registry, serving(status) as index:
        network = {"UV_DEFAULT_INDEX": f"http://user:secret@{index}/simple"}
        facts = told(options(tmp_path, network=network, registry=registry))["network"]
    assert facts["UV_DEFAULT_INDEX"] == index
    assert facts["package index"] == f"{index}: answers"
    assert facts["registry"] == f"{registry}: answers"


def test_those_that_do_not_answer_are_told_with_the_reason_and_without_a_path(tmp_path: Path) -> None:
    network = {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/s3cr3t/simple"}
    facts = told(options(tmp_path, network=network, registry="127.0.0.1:9"))["network"]
    assert facts["package index"] == "127.0.0.1:9: it cannot be reached or broke off: Connection refused"
    assert facts["registry"].startswith("127.0.0.1:9: unknown: ")
    with serving(403) as index:
        network = {"UV_DEFAULT_INDEX": f"http://{index}/s3cr3t/simple"}
        facts = told(options(tmp_path, network=network))["network"]
    assert facts["package index"] == f"{index}: it may not be read (403 Forbidden)"
    assert facts["registry"] == "none named"


def test_lists_are_told_host_by_host(tmp_path: Path) -> None:
    network = {
        "no_proxy": "localhost, 10.0.0.0/8,.example.org",
        "UV_DEFAULT_INDEX": f"own={NOWHERE}",
        "UV_INDEX": "a=https://u:p@a.example/simple HTTPS://b.example:8443?token=x",
        "UV_INSECURE_HOST": "a.example b.example:8443",
    }
    facts = told(options(tmp_path, network=network))["network"]
    assert facts["no_proxy"] == "localhost, 10.0.0.0/8, .example.org"
    assert facts["UV_DEFAULT_INDEX"] == "127.0.0.1:9"
    assert facts["UV_INDEX"] == "a.example, b.example:8443"
    assert facts["UV_INSECURE_HOST"] == "a.example, b.example:8443"


def certificate(folder: Path, days: int) -> str:
    command = ["/usr/bin/openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += [
        "-subj",
        "/CN=authority",
        "-days",
        str(days),
        "-keyout",
        str(folder / "key"),
        "-out",
        str(folder / "crt"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return (folder / "crt").read_text()


@pytest.mark.skipif(not Path("/usr/bin/openssl").exists(), reason="openssl makes the certificates")
def test_of_authorities_their_number_and_the_first_end_are_told(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(certificate(tmp_path, 20) + certificate(tmp_path, 10))
    fact = told(options(tmp_path, ca_bundle=bundle))["network"]["authorities"]
    end = subprocess.run(
        ["/usr/bin/openssl", "x509", "-in", tmp_path / "crt", "-noout", "-enddate", "-dateopt", "iso_8601"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert fact == f"{bundle}: 2 certificates, the first ends {end.partition('=')[2].split()[0]}"


def test_authorities_that_cannot_be_read_are_unknown(tmp_path: Path) -> None:
    assert told(options(tmp_path))["network"]["authorities"] == "those of the machine"
    bundle = tmp_path / "bundle.pem"
    missing = told(options(tmp_path, ca_bundle=bundle))["network"]
    assert missing["authorities"] == "unknown: No such file or directory"
    bundle.write_text("no certificate")
    assert told(options(tmp_path, ca_bundle=bundle))["network"]["authorities"].startswith("unknown: ")


# --- secrets ---


class Hush:
    """Gives a new secret on each call and remembers all."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def __call__(self) -> str:
        self.given.append(f"hush{len(self.given):03}")
        return self.given[-1]


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_gets_onto_the_page(tmp_path: Path, programs: Programs, form: str) -> None:
    hush = Hush()
    network = {
        "http_proxy": f"http://user:{hush()}@proxy.example:3128",
        "https_proxy": f"user:{hush()}@proxy.example:3128",
        "HTTP_PROXY": f"http://user:{hush()}/{hush()}@x, {hush()}@proxy.example:3128",
        "HTTPS_PROXY": f"http://user:{hush()}",
        "all_proxy": f"socks5://{hush()}@proxy.example:1080",
        "no_proxy": f"localhost,user:{hush()}@proxy.example",
        "UV_DEFAULT_INDEX": f"http://user:{hush()}@127.0.0.1:9/{hush()}/simple?token={hush()}",
        "UV_INDEX": f"own=https://{hush()}@index.example/simple https://a:{hush()}@b.example/{hush()}",
        "PIP_INDEX_URL": f"https://index.example/{hush()}/simple",
    }
    environ = {
        **network,
        "HOME": str(tmp_path),
        "GITHUB_TOKEN": hush(),
        "aws_secret_access_key": hush(),
        "OS_PASSWORD": hush(),
        "SOME_URL": f"https://user:{hush()}@db.example/x",
    }
    said = " ".join([*environ.values()])
    for name in ("buildah", "podman", "docker"):
        programs(name, f"echo '{said}'; echo '{said}' >&2; [ $1 = --version ]")
    everywhere = options(
        tmp_path,
        format=form,
        network=network,
        environ=environ,
        registry=f"user:{hush()}@registry.example",
        podman_base_url=f"ssh://user:{hush()}@podman.example",
        build_args={"KEY": hush()},
    )
    text = page(everywhere, root=tmp_path)
    assert [secret for secret in hush.given if secret in text] == []
    assert text.count("proxy.example:3128") >= 3
    assert "registry.example" in text
    assert "index.example" in text
