"""A git source is the tree of one commit, named by what the reference meant when it was pinned."""

import base64
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from kollage import process
from kollage.errors import SourceError
from kollage.image import Release, Source
from kollage.sources import Pin, fetch, pin
from kollage.sources.download import Network
from kollage.sources.store import Store

QUICK = Network(pauses=(0.0,))
RELEASE = Release(name="2026.2", codename="x", epoch=0, projects={}, constraints=Path("2026.2.lock"))
SETUP = "[metadata]\nname = nova\n"


class Repository:
    """A repository in a folder, with commits and tags as a test needs them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = folder.as_uri()
        folder.mkdir()
        self.git("init", "--quiet")

    def git(self, *command: str) -> str:
        author = [
            "-c",
            "user.name=Somebody",
            "-c",
            "user.email=somebody@example.org",
            "-c",
            "commit.gpgsign=false",
        ]
        return process.run(["git", "-C", str(self.folder), *author, *command]).strip()

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            path = self.folder / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    made = Repository(tmp_path / "nova.git")
    made.git("checkout", "--quiet", "-b", "main")
    return made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def source(location: str, reference: str = "") -> Source:
    return Source(name="nova-base", type="git", location=location, reference=reference)


def pinned(location: str, reference: str = "", **options: Any) -> Pin:
    return pin(source(location, reference), release=RELEASE, **{"network": QUICK, **options})


def configure(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(settings)))
    for number, (key, value) in enumerate(settings.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)


@contextmanager
def guarded(folder: Path, account: str) -> Iterator[str]:
    """A folder on loopback that answers only who names this user and password."""
    wanted = f"Basic {base64.b64encode(account.encode()).decode()}"

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers["Authorization"] == wanted:
                super().do_GET()
                return
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def contents(path: Path) -> dict[str, str]:
    with tarfile.open(path, "r:") as tar:
        return {info.name: content.read().decode() for info in tar if (content := tar.extractfile(info))}


def test_a_branch_is_pinned_to_its_commit_and_fetched(repository: Repository, store: Store) -> None:
    repository.commit(file="old")
    commit = repository.commit(file="new")
    repository.git("branch", "stable/2026.2")
    known = pinned(repository.url, "stable/2026.2")
    assert known.identity == f"git:{repository.url}@{commit}#nova-base-archive-stable-2026.2"
    repository.commit(file="later")
    path = fetch(known, store, QUICK)
    assert contents(path) == {"nova-base-archive-stable-2026.2/file": "new"}
    repository.folder.rename(repository.folder.with_name("gone"))
    assert fetch(known, store, QUICK) == path


def test_a_commit_needs_no_network() -> None:
    assert pinned("https://127.0.0.1:1/nova", "A" * 40).version == "a" * 40


@pytest.mark.parametrize("reference", ["", "HEAD", "main", "origin/main", "refs/heads/main", "1.0", "refs/tags/1.0"])
def test_every_way_to_name_a_commit_is_understood(repository: Repository, reference: str) -> None:
    commit = repository.commit(file="x")
    repository.git("tag", "-a", "-m", "annotated", "1.0")
    assert pinned(repository.url, reference).version == commit


def test_a_tag_goes_before_a_branch_as_with_checkout(repository: Repository) -> None:
    tagged = repository.commit(file="1")
    repository.git("tag", "both")
    repository.commit(file="2")
    repository.git("branch", "both")
    assert pinned(repository.url, "both").version == tagged


@pytest.mark.parametrize("reference", ["1.0", "refs/changes/7", "commit"])
def test_a_server_that_gives_no_single_commits_is_asked_for_all(
    repository: Repository, store: Store, monkeypatch: pytest.MonkeyPatch, reference: str
) -> None:
    configure(monkeypatch, {"protocol.version": "0"})  # it gives only what a branch or a tag names
    commit = repository.commit(file="old")
    repository.git("tag", "1.0")
    repository.git("update-ref", "refs/changes/7", commit)
    repository.commit(file="new")
    known = replace(pinned(repository.url, reference.replace("commit", commit)), top="top")
    assert contents(fetch(known, store, QUICK)) == {"top/file": "old"}


def test_a_commit_that_is_not_there_is_a_sentence(repository: Repository, store: Store) -> None:
    repository.commit(file="x")
    with pytest.raises(SourceError, match=f"has no commit {'1' * 40}") as error:
        fetch(pinned(repository.url, "1" * 40), store, QUICK)
    assert error.value.hint
    assert [*store.root.glob("files/*")] == [*store.root.glob(".scratch-*")] == []


def test_the_tree_is_what_was_committed(repository: Repository, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    attributes = "* text eol=crlf\nsecret export-ignore\nversion export-subst\nbig filter=lfs\n"
    files = {"secret": "kept", "version": "$Format:%H$", "big": "pointer", "lines": "a\nb\n"}
    repository.commit(**files, **{".gitattributes": attributes})
    configure(monkeypatch, {"filter.lfs.smudge": "false", "tar.umask": "0077", "core.autocrlf": "true"})
    path = fetch(pinned(repository.url), store, QUICK)
    assert contents(path) == {
        f"nova-base-archive-HEAD/{name}": text for name, text in {**files, ".gitattributes": attributes}.items()
    }
    with tarfile.open(path) as tar:
        assert {info.mode for info in tar if info.isfile()} == {0o644}


# versions


@pytest.mark.parametrize(
    ("tag", "later", "version"),
    [
        ("30.0.0", 0, "30.0.0"),
        ("30.0.0", 2, "30.0.1.dev2"),
        ("v1.2", 1, "1.2.1.dev1"),
        ("30.0.0.0rc1", 3, "30.0.0.0rc2.dev3"),
        ("stein-eol", 1, "0.0.1.dev2"),
        ("", 4, "0.0.1.dev5"),
    ],
)
def test_pbr_finds_the_version_that_git_knows(
    repository: Repository, store: Store, tag: str, later: int, version: str
) -> None:
    repository.commit(**{"setup.cfg": SETUP})
    if tag:
        repository.git("tag", tag)
    for number in range(later):
        repository.commit(file=str(number))
    note = f"Metadata-Version: 2.1\nName: nova\nVersion: {version}\n"
    assert contents(fetch(pinned(repository.url), store, QUICK))["nova-base-archive-HEAD/PKG-INFO"] == note
    local = pin(Source(name="nova", type="local", location=str(repository.folder)), release=RELEASE)
    assert contents(fetch(local, store))["nova.git/PKG-INFO"] == note


@pytest.mark.parametrize(
    "files",
    [
        {"setup.py": ""},
        {"setup.cfg": "[flake8]\n"},
        {"setup.cfg": "]"},
        {"setup.cfg": SETUP, "PKG-INFO": "own"},
    ],
)
def test_nothing_is_added_where_pbr_would_not_ask(repository: Repository, store: Store, files: dict[str, str]) -> None:
    repository.commit(**files)
    assert contents(fetch(pinned(repository.url), store, QUICK)) == {
        f"nova-base-archive-HEAD/{name}": text for name, text in files.items()
    }
    local = pin(Source(name="nova", type="local", location=str(repository.folder)), release=RELEASE)
    assert {*contents(fetch(local, store))} == {f"nova.git/{name}" for name in files}


def test_a_worktree_knows_its_version_too(repository: Repository, store: Store, tmp_path: Path) -> None:
    repository.commit(**{"setup.cfg": SETUP})
    repository.git("tag", "2.0.0")
    repository.git("worktree", "add", "--quiet", str(tmp_path / "tree"))
    local = pin(Source(name="nova", type="local", location=str(tmp_path / "tree")), release=RELEASE)
    assert "Version: 2.0.0\n" in contents(fetch(local, store))["tree/PKG-INFO"]


def test_a_local_repository_without_a_commit_is_packed_without_a_version(repository: Repository, store: Store) -> None:
    (repository.folder / "setup.cfg").write_text(SETUP)
    local = pin(Source(name="nova", type="local", location=str(repository.folder)), release=RELEASE)
    assert {*contents(fetch(local, store))} == {"nova.git/setup.cfg"}


# mistakes


def test_an_unknown_reference_is_a_sentence(repository: Repository) -> None:
    repository.commit(file="x")
    with pytest.raises(SourceError, match="has no branch or tag 'stable/x'") as error:
        pinned(repository.url, "stable/x")
    assert "all its 40 digits" in error.value.hint


@pytest.mark.parametrize(
    ("location", "reference"), [("https://host/x", "--upload-pack=evil"), ("--upload-pack=evil", "main")]
)
def test_what_git_would_take_for_a_flag_is_refused(location: str, reference: str) -> None:
    with pytest.raises(SourceError, match="'--upload-pack=evil' would be a flag to git"):
        pinned(location, reference)


def test_a_repository_that_is_not_there_is_a_sentence_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"git cannot read https://127\.0\.0\.1:1/x: fatal: unable to access"
    ) as error:
        pinned("https://me:secret@127.0.0.1:1/x", "main")
    assert "secret" not in error.value.message + error.value.hint


def test_a_password_opens_the_door_and_is_on_no_command_line(
    repository: Repository, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The traces of git hold its own commands and those of the helpers that it starts."""
    commit = repository.commit(file="x")
    repository.git("update-server-info")
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))
    monkeypatch.setenv("no_proxy", "*")
    with guarded(repository.folder / ".git", "me:se/cr%et") as address:
        found = pinned(f"http://me:se%2Fcr%25et@{address}/", "main")
        assert found.version == commit
        assert fetch(found, store, QUICK).is_file()
        with pytest.raises(SourceError, match=f"git cannot read http://{address}/: fatal: Authentication failed"):
            pinned(f"http://me:wrong@{address}/", "main")
    said = trace.read_text(encoding="utf-8")
    assert f"remote-http http://{address}/" in said
    assert not [line for line in said.splitlines() if "cr%" in line or "wrong" in line]


@pytest.mark.parametrize("address", ["https://[me:pw@h/x", "https://me:pw@[h/x", "http://:@/x"])
def test_what_is_no_address_is_a_sentence_of_git(address: str) -> None:
    with pytest.raises(SourceError, match="git cannot read ") as error:
        pinned(address, "main")
    assert "pw" not in error.value.message + error.value.hint


def test_a_git_that_fails_on_this_host_is_a_sentence(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\necho 'fatal: disk full' >&2\nexit 128\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(SourceError, match="fatal: disk full"):
        fetch(pinned("https://host/x", "1" * 40), store, QUICK)


def test_git_that_is_missing_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="git is needed for a source of type git") as error:
        pinned("https://host/x", "main")
    assert error.value.hint == "install git, or use type url"


def test_a_lost_connection_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"""#!/bin/sh
echo "$GIT_TERMINAL_PROMPT $*" >> {tmp_path}/calls
[ $(wc -l < {tmp_path}/calls) -gt 1 ] && echo "{"1" * 40}	refs/heads/main" && exit 0
echo "fatal: Could not resolve host: host" >&2
exit 128
"""
    (tmp_path / "git").write_text(script)
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert pinned("https://host/x", "main").version == "1" * 40
    call = "0 ls-remote -- https://host/x refs/tags/main^{} refs/tags/main refs/heads/main"
    assert (tmp_path / "calls").read_text().splitlines() == [call, call]
