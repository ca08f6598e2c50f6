"""Credentials are found where docker and containers look for them, for the registry that they are for."""

import base64
import json
import os
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from kollage.errors import UsageError
from kollage.registry.credentials import Credential, files, find


def auth(user: str, password: str = "s3cret") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def write(path: Path, facts: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(facts if isinstance(facts, str) else json.dumps(facts))
    return path


@pytest.fixture
def look_up(tmp_path: Path) -> Callable[..., str | None]:
    """Says as whom a registry is used."""

    def find_user(host: str, repository: str = "kolla/keystone", **environ: str) -> str | None:
        found = find(host, repository, {"HOME": str(tmp_path), **environ}, run=tmp_path / "run")
        return found.user if found else None

    return find_user


LookUp = Callable[..., str | None]


def refusal(look_up: LookUp, host: str = "quay.io") -> UsageError:
    with pytest.raises(UsageError) as caught:
        look_up(host)
    printed = "".join(traceback.format_exception(caught.value))
    assert "s3cret" not in f"{caught.value.hint}{printed}"
    return caught.value


class TestPlaces:
    def test_they_are_looked_at_in_this_order(self, tmp_path: Path) -> None:
        environ = {
            "REGISTRY_AUTH_FILE": "/said.json",
            "XDG_RUNTIME_DIR": "/runtime",
            "HOME": "/home/alice",
            "DOCKER_CONFIG": "/docker",
        }
        assert files(environ, Path("/run")) == [
            Path("/said.json"),
            Path("/runtime/containers/auth.json"),
            Path(f"/run/containers/{os.getuid()}/auth.json"),
            Path("/home/alice/.config/containers/auth.json"),
            Path("/docker/config.json"),
            Path("/home/alice/.docker/config.json"),
        ]
        assert Path("/config/containers/auth.json") in files({"XDG_CONFIG_HOME": "/config"}, Path("/run"))

    def test_the_first_that_knows_a_registry_wins(self, tmp_path: Path, look_up: LookUp) -> None:
        write(tmp_path / ".docker/config.json", {"auths": {"quay.io": auth("docker"), "ghcr.io": auth("docker")}})
        write(tmp_path / ".config/containers/auth.json", {"auths": {"quay.io": auth("containers")}})
        assert look_up("quay.io") == "containers"
        assert look_up("ghcr.io") == "docker"
        said = write(tmp_path / "said.json", {"auths": {"quay.io": auth("said")}})
        assert look_up("quay.io", REGISTRY_AUTH_FILE=str(said)) == "said"

    @pytest.mark.parametrize("text", ["", "\n", "{}", '{"auths": null}'])
    def test_where_nothing_is_written_nobody_is_known(self, tmp_path: Path, look_up: LookUp, text: str) -> None:
        write(tmp_path / ".docker/config.json", text)
        assert look_up("quay.io") is None

    def test_without_any_place_nobody_is_known(self, tmp_path: Path) -> None:
        assert find("quay.io", "a", {}, run=tmp_path) is None


class TestKeys:
    def test_the_longest_one_that_leads_to_a_repository_wins(self, tmp_path: Path, look_up: LookUp) -> None:
        keys = ("quay.io", "quay.io/kolla", "quay.io/kolla/keystone", "quay.io/koll")
        write(tmp_path / ".config/containers/auth.json", {"auths": {key: auth(key) for key in keys}})
        assert look_up("quay.io", "kolla/keystone") == "quay.io/kolla/keystone"
        assert look_up("quay.io", "kolla/nova/api") == "quay.io/kolla"
        assert look_up("quay.io", "kollage/nova") == "quay.io"

    @pytest.mark.parametrize("host", ["quay.io:5000", "io", "quay.io.example", "sub.quay.io", "localhost"])
    def test_another_host_is_another_host(self, tmp_path: Path, look_up: LookUp, host: str) -> None:
        write(tmp_path / ".docker/config.json", {"auths": {"quay.io": auth("alice"), "https://quay.io/v1/": auth("b")}})
        assert look_up(host) is None

    def test_a_namespace_is_not_for_its_neighbours(self, tmp_path: Path, look_up: LookUp) -> None:
        write(tmp_path / ".config/containers/auth.json", {"auths": {"quay.io/kolla": auth("alice")}})
        assert look_up("quay.io", "other/nova") is None

    @pytest.mark.parametrize("key", ["docker.io", "index.docker.io", "https://index.docker.io/v1/"])
    def test_docker_hub_has_several(self, tmp_path: Path, look_up: LookUp, key: str) -> None:
        write(tmp_path / ".docker/config.json", {"auths": {key: auth("alice")}})
        assert look_up("docker.io", "library/debian") == "alice"

    @pytest.mark.parametrize("key", ["https://quay.io:5000", "http://quay.io:5000/v2/"])
    def test_an_address_is_one_for_its_host(self, tmp_path: Path, look_up: LookUp, key: str) -> None:
        write(tmp_path / ".docker/config.json", {"auths": {key: auth("alice")}})
        assert look_up("quay.io:5000") == "alice"


class TestEntries:
    def found(self, tmp_path: Path, entry: dict[str, str]) -> Credential | None:
        write(tmp_path / ".docker/config.json", {"auths": {"quay.io": entry}})
        return find("quay.io", "a/b", {"HOME": str(tmp_path)}, run=tmp_path)

    def test_a_password_may_have_colons_and_letters_of_any_alphabet(self, tmp_path: Path) -> None:
        found = self.found(tmp_path, auth("alice", "pä:ss:wort"))
        assert found
        assert (found.user, found.password, found.identity_token) == ("alice", "pä:ss:wort", "")
        assert found.source == str(tmp_path / ".docker/config.json")

    def test_it_may_be_written_without_base64(self, tmp_path: Path) -> None:
        found = self.found(tmp_path, {"username": "alice", "password": "word"})
        assert found
        assert (found.user, found.password) == ("alice", "word")

    def test_an_identity_token_may_stand_instead_of_it(self, tmp_path: Path) -> None:
        found = self.found(tmp_path, {**auth("alice", ""), "identitytoken": "1dentity"})
        assert found
        assert (found.password, found.identity_token) == ("", "1dentity")

    def test_an_empty_entry_says_nothing(self, tmp_path: Path) -> None:
        assert self.found(tmp_path, {}) is None

    def test_no_secret_is_shown(self) -> None:
        shown = repr(Credential(source="f", user="alice", password="s3cret", identity_token="1dentity"))
        assert "alice" in shown
        assert "s3cret" not in shown
        assert "1dentity" not in shown


class TestBrokenFile:
    @pytest.mark.parametrize(
        ("facts", "what"),
        [
            ('{"auths": "s3cret', " is not JSON"),
            ("[]", " is not a JSON object"),
            ({"auths": ["s3cret"]}, ": 'auths' is not an object"),
            ({"auths": {"quay.io": "s3cret"}}, ": 'quay.io' is not an object"),
            ({"auths": {"quay.io": {"auth": 1}}}, ": 'auth' of quay.io is not a text"),
            ({"auths": {"quay.io": {"auth": "s3cret!"}}}, ": 'auth' of quay.io is not user:password in base64"),
            ({"auths": {"quay.io": {"auth": "czNjcmV0"}}}, ": 'auth' of quay.io is not user:password in base64"),
            ({"auths": {"quay.io": {"auth": "//8="}}}, ": 'auth' of quay.io is not user:password in base64"),
            ({"credHelpers": {"quay.io": 7}}, ": 'quay.io' of credHelpers is not a text"),
            ({"credsStore": "../../bin/evil"}, ": '../../bin/evil' is no name of a credential helper"),
        ],
    )
    def test_it_is_named_with_what_is_wrong(self, tmp_path: Path, look_up: LookUp, facts: object, what: str) -> None:
        path = write(tmp_path / ".docker/config.json", facts)
        error = refusal(look_up)
        assert error.message == f"{path}{what}"
        assert "log in again" in error.hint

    def test_so_is_one_that_cannot_be_read(self, tmp_path: Path, look_up: LookUp) -> None:
        path = tmp_path / ".docker/config.json"
        path.mkdir(parents=True)
        assert refusal(look_up).message == f"{path} cannot be read: Is a directory"

    def test_what_it_says_of_other_registries_does_not_matter(self, tmp_path: Path, look_up: LookUp) -> None:
        write(tmp_path / ".docker/config.json", {"auths": {"ghcr.io": {"auth": "?"}, "quay.io": auth("alice")}})
        assert look_up("quay.io") == "alice"


class TestHelper:
    @pytest.fixture(autouse=True)
    def _path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "bin").mkdir()
        monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")

    def program(self, tmp_path: Path, name: str, script: str) -> None:
        path = tmp_path / f"bin/docker-credential-{name}"
        path.write_text(f'#!/bin/sh\nhost=$(cat); echo "$1 $host" >> {tmp_path}/asked\n{script}\n')
        path.chmod(0o755)

    def knows(self, tmp_path: Path, name: str, user: str) -> None:
        self.program(tmp_path, name, f"""echo '{{"ServerURL": "x", "Username": "{user}", "Secret": "s3cret"}}'""")

    def test_the_one_of_a_host_is_asked_for_it(self, tmp_path: Path, look_up: LookUp) -> None:
        self.knows(tmp_path, "own", "alice")
        self.knows(tmp_path, "every", "bob")
        write(tmp_path / ".docker/config.json", {"credHelpers": {"quay.io": "own"}, "credsStore": "every"})
        assert look_up("quay.io") == "alice"
        assert look_up("ghcr.io") == "bob"
        assert (tmp_path / "asked").read_text() == "get quay.io\nget ghcr.io\n"

    @pytest.mark.parametrize("key", ["docker.io", "https://index.docker.io/v1/"])
    def test_docker_hub_is_asked_for_by_its_address(self, tmp_path: Path, look_up: LookUp, key: str) -> None:
        self.knows(tmp_path, "own", "alice")
        write(tmp_path / ".docker/config.json", {"credHelpers": {key: "own"}})
        assert look_up("docker.io", "library/debian") == "alice"
        assert (tmp_path / "asked").read_text() == "get https://index.docker.io/v1/\n"

    def test_its_secret_may_be_an_identity_token(self, tmp_path: Path) -> None:
        self.knows(tmp_path, "own", "<token>")
        write(tmp_path / ".docker/config.json", {"credsStore": "own"})
        found = find("quay.io", "a", {"HOME": str(tmp_path)}, run=tmp_path)
        assert found
        assert (found.user, found.password, found.identity_token) == ("", "", "s3cret")

    def test_one_that_does_not_know_a_host_leaves_it_to_the_files(self, tmp_path: Path, look_up: LookUp) -> None:
        self.program(tmp_path, "own", "echo 'credentials not found in native keychain'; exit 1")
        write(tmp_path / ".docker/config.json", {"credsStore": "own", "auths": {"quay.io": auth("alice")}})
        assert look_up("quay.io") == "alice"
        assert look_up("ghcr.io") is None

    def test_one_without_a_secret_does_so_too(self, tmp_path: Path, look_up: LookUp) -> None:
        self.program(tmp_path, "own", """echo '{"Username": "", "Secret": ""}'""")
        write(tmp_path / ".docker/config.json", {"credsStore": "own"})
        assert look_up("quay.io") is None

    @pytest.mark.parametrize(
        ("script", "what"),
        [
            ("echo s3cret; exit 3", "fails with status 3"),
            ("echo s3cret", "answers something else than a user and a secret"),
            ("""echo '["s3cret"]'""", "answers something else than a user and a secret"),
            ("""echo '{"Secret": "s3cret"}'""", "answers something else than a user and a secret"),
        ],
    )
    def test_a_broken_one_is_named_without_its_words(
        self, tmp_path: Path, look_up: LookUp, script: str, what: str
    ) -> None:
        self.program(tmp_path, "own", script)
        path = write(tmp_path / ".docker/config.json", {"credsStore": "own"})
        error = refusal(look_up)
        assert error.message == f"{path}: the credential helper docker-credential-own {what}"
        assert error.hint == "try it: echo quay.io | docker-credential-own get"

    def test_a_missing_one_is_named(self, tmp_path: Path, look_up: LookUp) -> None:
        write(tmp_path / ".docker/config.json", {"credsStore": "gone"})
        assert refusal(look_up).message.endswith("the credential helper docker-credential-gone cannot be started")
