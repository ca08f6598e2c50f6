"""A source is pinned, fetched once, checked, and explained when it cannot be had."""

import base64
import gzip
import io
import json
import multiprocessing
import shutil
import ssl
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kollage import process
from kollage.addresses import public
from kollage.errors import SourceError
from kollage.image import Release, Source
from kollage.sources import Pin, fetch, forget, is_here, pin
from kollage.sources.download import Network, network_of
from kollage.sources.store import Store

QUICK = Network(pauses=(0.0, 0.0))
RELEASE = Release(
    name="2026.2",
    codename="gazpacho",
    epoch=0,
    projects={"keystone": "30.0.0", "oslo.cache": "4.0.0"},
    constraints=Path("releases/2026.2.lock"),
)


def tar_of(files: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return file.getvalue()


NOVA = tar_of({"nova-master/setup.py": "setup()"})
KEYSTONE = tar_of({"Keystone-30/setup.py": "setup()"})


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def names(path: Path) -> list[str]:
    with tarfile.open(path, "r:") as tar:
        return tar.getnames()


# a server of our own


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    claimed: int | None = None  # the length it says, if it lies
    seconds: float = 0.0
    login: str = ""  # who may read it


@dataclass
class Web:
    """What answers on the loopback: the answers to a path one after the other, the last one for ever."""

    url: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def serve(self, path: str, *answers: Answer) -> str:
        self.answers[path] = [*answers]
        return self.url + path

    def next(self, path: str) -> Answer:
        self.asked.append(path)
        waiting = self.answers.get(path, [Answer(status=404)])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


def handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = web.next(self.path)
            time.sleep(answer.seconds)
            login = base64.b64encode(answer.login.encode()).decode()
            if answer.login and self.headers["Authorization"] != f"Basic {login}":
                answer = Answer(status=401)
            self.send_response(answer.status)
            length = len(answer.body) if answer.claimed is None else answer.claimed
            for name, value in {"Content-Length": str(length), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("NETRC", "/dev/null")
    with serving() as web:
        yield web


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Web]:
    web = Web("")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(web)) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        web.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield web
        server.shutdown()
        thread.join()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def pinned(source: Source, **options: Any) -> Pin:
    return pin(source, release=RELEASE, **{"network": QUICK, **options})


def url(location: str, **facts: Any) -> Source:
    return Source(name="nova-base", type="url", location=location, **facts)


def fails(source: Source, store: Store, network: Network = QUICK) -> SourceError:
    with pytest.raises(SourceError) as error:
        fetch(pinned(source, network=network), store, network)
    assert error.value.message.startswith(f"source '{source.name}': ")
    assert error.value.hint
    assert [*store.root.glob("files/*")] == [*store.root.glob(".scratch-*")] == []
    return error.value


# url


def test_an_archive_is_fetched_once_and_made_the_same_everywhere(web: Web, store: Store) -> None:
    source = url(web.serve("/nova.tar.gz", Answer(NOVA)))
    path = fetch(pinned(source), store, QUICK)
    assert names(path) == ["nova-master", "nova-master/setup.py"]
    assert fetch(pinned(source), store, QUICK) == path
    assert web.asked == ["/nova.tar.gz"]


def test_the_checksum_is_part_of_the_identity() -> None:
    source = url("https://host/nova.tar.gz", sha256={"": digest(NOVA)})
    assert pinned(source).identity == f"url:https://host/nova.tar.gz#sha256:{digest(NOVA)}"


def test_without_a_checksum_the_store_knows_what_an_address_gave(web: Web, store: Store) -> None:
    source = url(web.serve("/nova.tar.gz", Answer(NOVA)))
    first = pinned(source, store=store)
    assert first.identity == f"url:{web.url}/nova.tar.gz"
    fetch(first, store, QUICK)
    second = pinned(source, store=store)
    assert second.identity == f"url:{web.url}/nova.tar.gz#sha256:{digest(NOVA)}"
    assert second.key == first.key


def test_a_forgotten_address_is_fetched_anew(web: Web, store: Store) -> None:
    source = url(web.serve("/nova.tar.gz", Answer(NOVA), Answer(KEYSTONE)))
    old = fetch(pinned(source), store, QUICK)
    forget(pinned(source, store=store), store)
    assert fetch(pinned(source, store=store), store, QUICK) != old


def test_a_source_is_here_once_it_was_fetched_with_the_checksum_that_is_asked_for(web: Web, store: Store) -> None:
    source = url(web.serve("/nova.tar.gz", Answer(NOVA)))
    assert not is_here(pinned(source), store)
    fetch(pinned(source), store, QUICK)
    assert is_here(pinned(source, store=store), store)
    assert not is_here(replace(pinned(source), sha256=("0" * 64,)), store)
    forget(pinned(source), store)
    assert not is_here(pinned(source), store)


def test_a_folder_of_this_machine_is_always_here(tmp_path: Path, store: Store) -> None:
    (tmp_path / "file").touch()
    assert is_here(pinned(Source(name="a", type="local", location=str(tmp_path))), store)


def test_the_checksum_of_the_architecture_counts(web: Web, store: Store) -> None:
    source = url(web.serve("/a", Answer(NOVA)), sha256={"amd64": digest(NOVA), "arm64": "0" * 64})
    assert pinned(source).sha256 == (digest(NOVA),)
    assert pinned(source, arch="aarch64").sha256 == ("0" * 64,)
    assert fetch(pinned(source), store, QUICK).exists()


def test_a_checksum_for_another_architecture_only_is_refused(store: Store) -> None:
    error = fails(url("https://host/x", sha256={"arm64": "0" * 64}), store)
    assert error.message.endswith("it has a sha256 for arm64 and none for x86_64")


def test_a_checksum_that_is_none_is_refused(store: Store) -> None:
    assert "'abc' is not a sha256" in fails(url("https://host/x", sha256={"": "abc"}), store).message


def test_a_wrong_checksum_is_refused_and_nothing_kept(web: Web, store: Store) -> None:
    source = url(web.serve("/nova.tar.gz", Answer(NOVA)), sha256={"": "0" * 64})
    error = fails(source, store)
    assert f"gives the sha256 {digest(NOVA)}, not {'0' * 64}" in error.message
    assert len(web.asked) == 1


def test_a_corrected_checksum_is_not_answered_from_the_store(web: Web, store: Store) -> None:
    address = web.serve("/nova.tar.gz", Answer(NOVA), Answer(KEYSTONE))
    fetch(pinned(url(address)), store, QUICK)
    path = fetch(pinned(url(address, sha256={"": digest(KEYSTONE)})), store, QUICK)
    assert names(path)[0] == "Keystone-30"


@pytest.mark.parametrize("status", [404, 410, 401, 403, 400])
def test_an_answer_that_will_not_change_is_not_asked_for_again(web: Web, store: Store, status: int) -> None:
    error = fails(url(web.serve("/nova.tar.gz", Answer(status=status))), store)
    assert str(status) in error.message
    assert len(web.asked) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_in_trouble_is_asked_again(web: Web, store: Store, status: int) -> None:
    source = url(web.serve("/nova.tar.gz", Answer(status=status), Answer(status=status), Answer(NOVA)))
    assert fetch(pinned(source), store, QUICK).exists()
    assert len(web.asked) == 3


def test_a_server_that_stays_in_trouble_is_given_up(web: Web, store: Store) -> None:
    error = fails(url(web.serve("/nova.tar.gz", Answer(status=503))), store)
    assert "answers 503 Service Unavailable" in error.message
    assert len(web.asked) == 3


def test_a_body_that_breaks_off_is_asked_for_again(web: Web, store: Store) -> None:
    short = Answer(NOVA[:-20], claimed=len(NOVA))
    assert fetch(pinned(url(web.serve("/nova.tar.gz", short, Answer(NOVA)))), store, QUICK).exists()
    error = fails(url(web.serve("/glance.tar.gz", short)), Store(store.root / "other"))
    assert "broke off: IncompleteRead" in error.message


def test_a_whole_body_with_half_an_archive_is_refused(web: Web, store: Store) -> None:
    error = fails(url(web.serve("/nova.tar.gz", Answer(NOVA[:-20]))), store)
    assert "/nova.tar.gz is damaged or incomplete" in error.message


def test_redirects_are_followed(web: Web, store: Store) -> None:
    web.serve("/new/nova.tar.gz", Answer(NOVA))
    source = url(web.serve("/nova.tar.gz", Answer(status=302, headers={"Location": "/new/nova.tar.gz"})))
    assert fetch(pinned(source), store, QUICK).exists()


def test_a_circle_of_redirects_is_left(web: Web, store: Store) -> None:
    error = fails(url(web.serve("/nova.tar.gz", Answer(status=302, headers={"Location": "/nova.tar.gz"}))), store)
    assert "cannot be fetched: Exceeded 30 redirects" in error.message


def test_a_bundle_that_is_not_there_is_a_sentence(tmp_path: Path, store: Store) -> None:
    error = fails(url("https://127.0.0.1:1/x"), store, replace(QUICK, ca_bundle=tmp_path / "ca.pem"))
    assert "Could not find a suitable TLS CA certificate bundle" in error.message
    assert error.hint == "check ca_bundle and REQUESTS_CA_BUNDLE"


def test_a_server_without_encryption_is_a_sentence(web: Web, store: Store) -> None:
    error = fails(url(web.url.replace("http:", "https:")), store)
    assert "cannot be reached: [SSL" in error.message


def test_a_closed_port_is_a_sentence(web: Web, store: Store) -> None:
    error = fails(url("http://127.0.0.1:1/nova.tar.gz"), store)
    assert error.message.endswith("http://127.0.0.1:1/nova.tar.gz cannot be reached or broke off: Connection refused")


@pytest.mark.parametrize("address", ["ftp://host/x", "nova.tar.gz", "http://", "http://[::1/x", "http://host:port/x"])
def test_an_address_of_another_kind_is_a_sentence(web: Web, store: Store, address: str) -> None:
    assert address in fails(url(address), store).message


def test_what_the_transport_packed_is_not_unpacked(web: Web, store: Store) -> None:
    body = gzip.compress(b"tool")
    source = url(web.serve("/tool", Answer(body, headers={"Content-Encoding": "gzip"})), sha256={"": digest(body)})
    assert fetch(pinned(source), store, QUICK).read_bytes() == body


# what is no tar


def test_a_single_file_is_kept_as_it_is(web: Web, store: Store) -> None:
    tool = b"\x7fELF" + bytes(1000)
    assert fetch(pinned(url(web.serve("/cadvisor", Answer(tool)))), store, QUICK).read_bytes() == tool


def test_a_page_under_the_name_of_an_archive_is_refused(web: Web, store: Store) -> None:
    error = fails(url(web.serve("/nova.tar.gz?v=1", Answer(b"<html>please log in</html>"))), store)
    assert "is no archive" in error.message


def test_a_zip_is_an_archive_and_a_jar_is_a_file(web: Web, store: Store) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("top/x", "x")
    archive = fetch(pinned(url(web.serve("/a.zip", Answer(file.getvalue())))), store, QUICK)
    assert names(archive) == ["top", "top/x"]
    assert (
        fetch(pinned(url(web.serve("/a.jar", Answer(file.getvalue())))), store, QUICK).read_bytes() == file.getvalue()
    )


# file addresses


def test_a_file_address_is_identified_by_its_content(tmp_path: Path, store: Store) -> None:
    (tmp_path / "nova ä.tar.gz").write_bytes(NOVA)
    source = url((tmp_path / "nova ä.tar.gz").as_uri())
    assert pinned(source).sha256 == (digest(NOVA),)
    first = fetch(pinned(source), store)
    (tmp_path / "nova ä.tar.gz").write_bytes(KEYSTONE)
    assert fetch(pinned(source), store) != first


@pytest.mark.parametrize("address", ["file:///nowhere/x.tar", "file://other/x.tar", "file://[x"])
def test_a_file_address_without_a_file_is_refused(store: Store, address: str) -> None:
    assert f"{address} is no file of this host" in fails(url(address), store).message


# the store is not trusted


def test_a_damaged_entry_is_fetched_again(web: Web, store: Store) -> None:
    source = url(web.serve("/nova.tar.gz", Answer(NOVA)))
    path = fetch(pinned(source), store, QUICK)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"x")
    assert fetch(pinned(source, store=store), store, QUICK) == path
    assert path.read_bytes() == whole
    assert len(web.asked) == 2


def _fetch_in_a_process(source: Source, store: Store) -> str:
    return str(fetch(pinned(source), store, QUICK))


def test_two_processes_may_fetch_the_same_at_once(web: Web, store: Store) -> None:
    source = url(web.serve("/nova.tar.gz", Answer(NOVA, seconds=0.3)))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        paths = pool.starmap(_fetch_in_a_process, [(source, store)] * 2, chunksize=1)
        pool.close()
        pool.join()
    assert paths[0] == paths[1]
    assert names(Path(paths[0])) == ["nova-master", "nova-master/setup.py"]
    assert web.asked == ["/nova.tar.gz"]


# passwords and certificates


def test_a_password_opens_the_door_and_is_never_said(web: Web, store: Store) -> None:
    web.serve("/nova.tar.gz", Answer(NOVA, login="me:secret"))
    source = url(web.url.replace("//", "//me:secret@") + "/nova.tar.gz")
    known = pinned(source)
    assert "secret" not in known.identity + repr(known)
    assert fetch(known, store, QUICK).exists()
    assert "secret" not in "".join(path.read_text() for path in store.root.glob("keys/*"))
    error = fails(replace(source, location=f"{source.location}x?token=secret"), Store(store.root / "other"))
    assert "secret" not in error.message + error.hint
    assert f"{web.url}/nova.tar.gzx?token=*** is not there" in error.message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:pass@host/x", "https://host/x"),
        ("https://me:pa/ss@host/x", "https://host/x"),
        ("see https://token@host:1/x and ssh://git@h/y", "see https://host:1/x and ssh://h/y"),
        ("https://host:8080/@scope/a@b", "https://host:8080/@scope/a@b"),
        ("https://host/x?a=1&private_token=abc&b=2", "https://host/x?a=1&private_token=***&b=2"),
        ("git@host:repository", "git@host:repository"),
    ],
)
def test_what_is_secret_in_an_address_is_left_out(text: str, shown: str) -> None:
    assert public(text) == shown


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_certificates_are_checked_against_the_bundle(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    process.run([*make, *names])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(context) as web, serving() as plain:
        source = url(web.serve("/nova.tar.gz", Answer(NOVA)))
        error = fails(source, store)
        assert "a certificate that is not trusted" in error.message
        assert "ca_bundle" in error.hint
        assert fetch(pinned(source), store, replace(QUICK, ca_bundle=certificate)).exists()
        elsewhere = Answer(status=302, headers={"Location": plain.serve("/nova.tar.gz", Answer(NOVA))})
        downgraded = url(web.serve("/a", elsewhere))
        error = fails(downgraded, Store(tmp_path / "other"), replace(QUICK, ca_bundle=certificate))
        assert "redirects to an address without encryption" in error.message


# pypi


def index(web: Web, *files: dict[str, Any], project: str = "keystone", login: str = "") -> Network:
    page = json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": [*files]}).encode()
    headers = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
    web.serve(f"/simple/{project}/", Answer(page, headers=headers, login=login))
    return replace(QUICK, index_url=f"{web.url}/simple")


def offered(name: str, data: bytes = KEYSTONE) -> dict[str, Any]:
    return {"filename": name, "url": f"../../files/{name}", "hashes": {"sha256": digest(data)}}


SDIST = offered("keystone-30.0.0.tar.gz")
KEYSTONE_SOURCE = Source(name="keystone-base", type="pypi", location="Keystone")


def test_a_project_has_the_version_of_the_release_without_any_network() -> None:
    known = pinned(KEYSTONE_SOURCE, network=Network(index_url="http://127.0.0.1:1/"))
    assert known.identity == "pypi:keystone==30.0.0"
    assert known.top == "keystone-30.0.0"
    assert pinned(replace(KEYSTONE_SOURCE, location="oslo-cache")).identity == "pypi:oslo-cache==4.0.0"
    assert pinned(replace(KEYSTONE_SOURCE, version="31.0.0rc1")).identity == "pypi:keystone==31.0.0rc1"


def test_an_unknown_project_is_answered_with_the_nearest_and_the_file(store: Store) -> None:
    error = fails(replace(KEYSTONE_SOURCE, location="keystnoe"), store)
    assert error.message.endswith("release 2026.2 has no version of 'keystnoe'")
    assert error.hint == "add it to releases/2026.2.toml or give a version; did you mean 'keystone'?"


def test_a_version_that_is_none_is_refused(store: Store) -> None:
    assert "'master' is not a version" in fails(replace(KEYSTONE_SOURCE, version="master"), store).message


def test_the_source_distribution_of_exactly_that_version_is_taken(web: Web, store: Store) -> None:
    wheel, later = offered("keystone-30.0.0-py3-none-any.whl"), offered("keystone-30.0.0.post1.tar.gz")
    other = offered("keystone-extra-30.0.0.tar.gz")
    network = index(web, wheel, later, other, offered("keystone-30.0.0.zip"), SDIST)
    web.serve("/files/keystone-30.0.0.tar.gz", Answer(KEYSTONE))
    path = fetch(pinned(KEYSTONE_SOURCE), store, network)
    assert names(path) == ["keystone-30.0.0", "keystone-30.0.0/setup.py"]


def test_an_index_of_pages_is_understood(web: Web, store: Store) -> None:
    link = f'<a href="/files/keystone-30.0.0.tar.gz#sha256={digest(KEYSTONE)}">keystone-30.0.0.tar.gz</a>'
    page = f"<!DOCTYPE html><html><body><a>nothing</a>{link}</body></html>"
    web.serve("/simple/keystone/", Answer(page.encode(), headers={"Content-Type": "text/html"}))
    web.serve("/files/keystone-30.0.0.tar.gz", Answer(KEYSTONE))
    assert fetch(pinned(KEYSTONE_SOURCE), store, replace(QUICK, index_url=f"{web.url}/simple/")).exists()


def test_an_index_in_a_folder_is_understood(tmp_path: Path, store: Store) -> None:
    (tmp_path / "simple/keystone").mkdir(parents=True)
    (tmp_path / "simple/keystone/keystone-30.0.0.tar.gz").write_bytes(KEYSTONE)
    link = f'<a href="keystone-30.0.0.tar.gz#sha256={digest(KEYSTONE)}">it</a>'
    (tmp_path / "simple/keystone/index.html").write_text(link)
    assert fetch(pinned(KEYSTONE_SOURCE), store, Network(index_url=(tmp_path / "simple").as_uri())).exists()


def test_the_published_checksum_is_checked(web: Web, store: Store) -> None:
    network = index(web, SDIST)
    web.serve("/files/keystone-30.0.0.tar.gz", Answer(NOVA))
    assert f"gives the sha256 {digest(NOVA)}, not {digest(KEYSTONE)}" in fails(KEYSTONE_SOURCE, store, network).message


def test_the_published_checksum_must_be_among_the_locked(web: Web, store: Store) -> None:
    network = index(web, SDIST)
    web.serve("/files/keystone-30.0.0.tar.gz", Answer(KEYSTONE))
    locked = pinned(KEYSTONE_SOURCE, accepted=["0" * 64, f"sha256:{digest(KEYSTONE)}"])
    assert fetch(locked, store, network).exists()
    with pytest.raises(SourceError, match="which is not what was locked"):
        fetch(pinned(KEYSTONE_SOURCE, accepted=["0" * 64]), store, network)


def test_an_index_without_checksums_needs_one_from_elsewhere(web: Web, store: Store) -> None:
    network = index(web, {**SDIST, "hashes": {}})
    web.serve("/files/keystone-30.0.0.tar.gz", Answer(KEYSTONE))
    assert "publishes no sha256 for keystone-30.0.0.tar.gz" in fails(KEYSTONE_SOURCE, store, network).message
    known = replace(KEYSTONE_SOURCE, sha256={"": digest(KEYSTONE)})
    assert fetch(pinned(known), store, network).exists()


def test_the_index_s_password_is_used_for_its_files_and_never_said(web: Web, store: Store) -> None:
    network = index(web, SDIST, login="me:secret")
    network = replace(network, index_url=network.index_url.replace("//", "//me:secret@"))
    web.serve("/files/keystone-30.0.0.tar.gz", Answer(KEYSTONE, login="me:secret"))
    assert "secret" not in repr(network)
    assert "secret" not in fails(replace(KEYSTONE_SOURCE, version="99"), store, network).message
    assert fetch(pinned(KEYSTONE_SOURCE), store, network).exists()


def test_a_missing_version_is_answered_with_those_there_are(web: Web, store: Store) -> None:
    error = fails(replace(KEYSTONE_SOURCE, version="99"), store, index(web, SDIST, offered("keystone-9.0.tar.gz")))
    assert error.message.endswith("/simple/keystone/ offers no source distribution of keystone 99")
    assert error.hint == "it has 30.0.0, 9.0"


def test_a_project_with_wheels_only_is_said_to_be_so(web: Web, store: Store) -> None:
    network = index(web, offered("keystone-30.0.0-py3-none-any.whl"))
    assert fails(KEYSTONE_SOURCE, store, network).hint == "it may have wheels only: use a git source"


def test_a_project_the_index_does_not_know_is_a_sentence(web: Web, store: Store) -> None:
    error = fails(KEYSTONE_SOURCE, store, replace(QUICK, index_url=f"{web.url}/simple/"))
    assert error.message.endswith(f"the package index has no project at {web.url}/simple/keystone/")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"files": [{}]}',
        b'{"files": [{"filename": "a", "url": "b", "hashes": []}]}',
        b'{"files": [{"filename": "a", "url": "http://[b", "hashes": {}}]}',
    ],
)
def test_an_index_that_talks_nonsense_is_a_sentence(web: Web, store: Store, body: bytes) -> None:
    web.serve("/simple/keystone/", Answer(body, headers={"Content-Type": "application/json"}))
    error = fails(KEYSTONE_SOURCE, store, replace(QUICK, index_url=f"{web.url}/simple/"))
    assert "does not answer as a package index does" in error.message


def test_the_index_is_what_uv_or_pip_are_told() -> None:
    assert network_of({}).index_url == "https://pypi.org/simple/"
    assert network_of({"PIP_INDEX_URL": "https://pip/"}).index_url == "https://pip/"
    both = {"UV_DEFAULT_INDEX": "mirror=https://uv/", "PIP_INDEX_URL": "https://pip/"}
    assert network_of(both, Path("ca.pem")) == Network(index_url="https://uv/", ca_bundle=Path("ca.pem"))


# local


def local(location: str) -> Source:
    return Source(name="nova-base", type="local", location=location)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "src/nova").mkdir(parents=True)
    (tmp_path / "src/nova/setup.py").write_text("setup()")
    return tmp_path / "src/nova"


@pytest.mark.parametrize("location", ["nova", "$locals_base/nova", "${locals_base}/../src/nova/.", "{tree}"])
def test_a_folder_is_found_from_locals_base(tree: Path, store: Store, location: str) -> None:
    known = pinned(local(location.replace("{tree}", str(tree))), locals_base=str(tree.parent))
    assert known.top == "nova"
    assert names(fetch(known, store)) == ["nova", "nova/setup.py"]


def test_a_folder_is_found_from_the_current_one(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree.parent.parent)
    assert pinned(local("src/nova"), locals_base="src").top == "nova"


def test_a_folder_is_identified_by_its_content_alone(tree: Path) -> None:
    before = pinned(local(str(tree))).identity
    shutil.copytree(tree, tree.parent.parent / "elsewhere/nova")
    (tree / "__pycache__").mkdir()
    (tree / "__pycache__/setup.pyc").write_text("")
    assert (
        pinned(local(str(tree))).identity
        == pinned(local(str(tree.parent.parent / "elsewhere/nova"))).identity
        == before
    )
    (tree / "setup.py").write_text("setup(1)")
    assert pinned(local(str(tree))).identity != before


def test_a_local_archive_keeps_its_own_top_directory(tmp_path: Path, store: Store) -> None:
    (tmp_path / "nova.tgz").write_bytes(NOVA)
    known = pinned(local("nova.tgz"), locals_base=str(tmp_path))
    path = fetch(known, store)
    assert names(path) == ["nova-master", "nova-master/setup.py"]
    assert known.identity == f"local:{path.name}"


def test_a_local_file_is_kept_as_it_is(tmp_path: Path, store: Store) -> None:
    (tmp_path / "tool").write_bytes(b"tool")
    assert fetch(pinned(local(str(tmp_path / "tool"))), store).read_bytes() == b"tool"


def test_a_missing_folder_is_a_sentence(tmp_path: Path, store: Store) -> None:
    error = fails(local(f"{tmp_path}/nova"), store)
    assert error.message.endswith(f"there is no folder or archive {tmp_path}/nova")


def test_a_home_that_nobody_has_is_a_sentence(store: Store) -> None:
    assert "there is no folder or archive" in fails(local("~nobody-of-that-name/nova"), store).message


def test_a_path_that_cannot_be_is_a_sentence(tmp_path: Path, store: Store) -> None:
    assert "File name too long" in fails(local(f"{tmp_path}/{'x' * 300}"), store).message


def test_a_folder_that_changes_after_it_was_pinned_is_refused(tree: Path, store: Store) -> None:
    known = pinned(local(str(tree)))
    (tree / "new").write_text("")
    with pytest.raises(SourceError, match="changed while it was used"):
        fetch(known, store)
    shutil.rmtree(tree)
    with pytest.raises(SourceError, match="is not there"):
        fetch(known, store)


# what the configuration says


def test_variables_are_filled_in() -> None:
    source = url("$base/etcd-v${version}-linux-${debian_arch}.tar.gz?a=$$b", version="3.6")
    known = pinned(source, variables={"base": "https://host"}, arch="aarch64")
    assert known.identity == "url:https://host/etcd-v3.6-linux-arm64.tar.gz?a=$b"


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        (url("$tarball_base/x"), "$tarball_base is not known", "did you mean 'tarballs_base'?"),
        (
            url("https://host/$/x"),
            "https://host/$/x has a dollar sign without a name behind it",
            "write $$ for a plain one",
        ),
        (url(""), "it has no location", "say where it is: location = ..."),
        (
            Source(name="x", type="svn", location="y"),
            "its type 'svn' is not known",
            "use pypi, url, git or local",
        ),
    ],
)
def test_a_mistake_is_answered_with_the_way_out(source: Source, message: str, hint: str) -> None:
    with pytest.raises(SourceError) as error:
        pinned(source, variables={"tarballs_base": "https://tarballs"})
    assert (error.value.message, error.value.hint) == (f"source '{source.name}': {message}", hint)
