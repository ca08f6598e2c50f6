"""A client tells what a registry has, shows its credentials to nobody else, and says in a sentence what went wrong."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.registry.conftest import Pair
from tests.unit.registry.stub import (
    CONFIG,
    IMAGE,
    Reply,
    Stub,
    basic,
    challenge,
    digest,
    manifest,
    said,
)

from kollage.errors import ExitCode, RegistryError
from kollage.options import Options
from kollage.registry import Client, Published, client_of, this_platform
from kollage.registry.credentials import Credential
from kollage.registry.trust import Trust

PATH = "/v2/kolla/keystone/manifests/1"
ALICE = Credential(source="auth.json", user="alice", password="s3cret")
REALM = 'Basic realm="here"'


def name(stub: Stub) -> str:
    return f"{stub.host}/kolla/keystone:1"


def alice_at(stub: Stub) -> Client:
    return Client(credentials=lambda host, _: ALICE if host == stub.host else None)


def refusal(client: Client, stub: Stub) -> RegistryError:
    with pytest.raises(RegistryError) as caught:
        client.published(name(stub))
    assert "s3cret" not in f"{caught.value.message}{caught.value.hint}{caught.value!r}"
    return caught.value


def for_alice(stub: Stub) -> None:
    """A registry that lets nobody in but alice."""
    stub.on(PATH, challenge(REALM))
    stub.on(PATH, manifest(IMAGE), basic("alice", "s3cret"))


class TestAnswer:
    def test_an_image_is_described(self, stub: Stub) -> None:
        reply = manifest(IMAGE)
        stub.on(PATH, replace(reply, headers={**reply.headers, "Docker-Content-Digest": digest(reply)}))
        media_type = "application/vnd.docker.distribution.manifest.v2+json"
        wanted = Published(digest=digest(reply), media_type=media_type, config=CONFIG, size=42)
        assert Client().published(name(stub)) == wanted
        assert {"manifest.v2+json", "image.index.v1+json"} <= {
            kind.rpartition("distribution.")[2].removeprefix("application/vnd.oci.")
            for kind in stub.asked[0].accept.split(", ")
        }

    @pytest.mark.parametrize("code", ["MANIFEST_UNKNOWN", "NAME_UNKNOWN"])
    def test_what_a_registry_does_not_know_is_none(self, stub: Stub, code: str) -> None:
        stub.on(PATH, said(404, code, "unknown"))
        assert Client().published(name(stub)) is None
        assert Client().platforms(name(stub)) == {}

    def test_an_image_may_be_asked_for_by_its_digest(self, stub: Stub) -> None:
        reply = manifest(IMAGE)
        stub.on(f"/v2/kolla/keystone/manifests/{digest(reply)}", reply)
        found = Client().published(f"{stub.host}/kolla/keystone@{digest(reply)}")
        assert found
        assert found.digest == digest(reply)


class TestIndex:
    OTHER = "linux/s390x" if this_platform() != "linux/s390x" else "linux/amd64"

    def index(self, stub: Stub, *platforms: str) -> Reply:
        """Publish an index of the same image for platforms."""
        image = manifest(IMAGE)
        stub.on(f"/v2/kolla/keystone/manifests/{digest(image)}", image)
        entries = []
        for platform in platforms:
            system, architecture, *variant = platform.split("/")
            facts = {"os": system, "architecture": architecture, "variant": "".join(variant)}
            entries.append({"digest": digest(image), "platform": facts})
        reply = manifest(
            {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries}
        )
        stub.on(PATH, reply)
        return reply

    def test_the_image_of_this_machine_s_platform_stands_for_it(self, stub: Stub) -> None:
        reply = self.index(stub, self.OTHER, this_platform())
        found = Client().published(name(stub))
        assert found
        assert (found.digest, found.config, found.size) == (digest(reply), CONFIG, 42)
        assert found.media_type == "application/vnd.oci.image.index.v1+json"

    def test_another_platform_may_be_named(self, stub: Stub) -> None:
        self.index(stub, "linux/arm64/v8")
        found = Client().published(name(stub), platform="linux/arm64")
        assert found
        assert found.config == CONFIG

    def test_without_the_platform_there_is_no_configuration(self, stub: Stub) -> None:
        reply = self.index(stub, self.OTHER)
        found = Client().published(name(stub))
        assert found
        assert (found.digest, found.config, found.size) == (digest(reply), None, 0)

    def test_its_platforms_are_told_with_their_digests(self, stub: Stub) -> None:
        self.index(stub, "linux/amd64", "linux/arm/v7")
        image = digest(manifest(IMAGE))
        assert Client().platforms(name(stub)) == {"linux/amd64": image, "linux/arm/v7": image}

    def test_an_image_is_no_index(self, stub: Stub) -> None:
        stub.on(PATH, manifest(IMAGE))
        assert Client().platforms(name(stub)) == {}


class TestPassword:
    def test_it_is_shown_only_where_it_is_asked_for(self, stub: Stub) -> None:
        stub.on(PATH, manifest(IMAGE))
        assert alice_at(stub).published(name(stub))
        assert stub.authorizations() == [""]

    def test_it_is_shown_when_asked_and_then_at_once(self, stub: Stub) -> None:
        for_alice(stub)
        client = alice_at(stub)
        assert client.published(name(stub))
        assert client.published(name(stub))
        shown = basic("alice", "s3cret")
        assert stub.authorizations() == ["", shown, shown]

    def test_without_one_the_way_to_log_in_is_told(self, stub: Stub) -> None:
        for_alice(stub)
        error = refusal(Client(), stub)
        said = f"{stub.host} refuses who has no credentials: 401 Unauthorized (authentication required)"
        assert (error.message, error.transient, error.exit_code) == (said, False, ExitCode.FAILED)
        assert error.hint == f"docker login {stub.host}, or buildah login {stub.host}"

    def test_a_wrong_one_is_told_with_the_file_it_is_in(self, stub: Stub) -> None:
        stub.on(PATH, challenge(REALM))
        error = refusal(alice_at(stub), stub)
        assert error.message.startswith(f"{stub.host} refuses the credentials in auth.json: 401")
        assert len(stub.asked) == 2

    def test_who_may_not_read_is_told(self, stub: Stub) -> None:
        for_alice(stub)
        stub.on(PATH, said(403, "DENIED", "requested access is denied"), basic("alice", "s3cret"))
        error = refusal(alice_at(stub), stub)
        assert "refuses the credentials in auth.json: 403 Forbidden (requested access is denied)" in error.message
        assert not error.transient

    def test_one_that_was_changed_meanwhile_is_looked_up_again(self, stub: Stub) -> None:
        for_alice(stub)
        words = ["s3cret", "changed"]
        client = Client(credentials=lambda *_: Credential(source="f", user="alice", password=words.pop(0)))
        assert client.published(name(stub))
        stub.on(PATH, challenge(REALM), basic("alice", "s3cret"))
        stub.on(PATH, manifest(IMAGE), basic("alice", "changed"))
        assert client.published(name(stub))

    def test_what_is_in_netrc_is_for_others(self, stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login alice password s3cret\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        for_alice(stub)
        refusal(Client(), stub)
        assert stub.authorizations() == [""]


class TestRedirect:
    def test_on_the_same_server_the_password_goes_along(self, stub: Stub) -> None:
        for_alice(stub)
        shown = basic("alice", "s3cret")
        stub.on(PATH, Reply(status=307, headers={"Location": "/moved"}), shown)
        stub.on("/moved", manifest(IMAGE), shown)
        stub.on("/moved", Reply(status=400))
        assert alice_at(stub).published(name(stub))

    def test_to_another_server_it_does_not(self, stub: Stub, other: Stub) -> None:
        for_alice(stub)
        away = Reply(status=302, headers={"Location": f"http://{other.host}/blob"})
        stub.on(PATH, away, basic("alice", "s3cret"))
        other.on("/blob", manifest(IMAGE))
        assert alice_at(stub).published(name(stub))
        assert other.authorizations() == [""]

    def test_another_server_that_asks_for_a_password_gets_none(self, stub: Stub, other: Stub) -> None:
        stub.on(PATH, Reply(status=302, headers={"Location": f"http://{other.host}/blob"}))
        other.on("/blob", challenge(REALM))
        client = Client(credentials=lambda *_: ALICE)
        assert "401" in refusal(client, stub).message
        assert other.authorizations() == [""]

    def test_away_from_this_machine_encryption_is_needed(self, stub: Stub) -> None:
        stub.on(PATH, Reply(status=302, headers={"Location": "http://registry.example/blob"}))
        error = refusal(Client(), stub)
        assert "registry.example does without encryption" in error.message
        assert "needs https" in error.hint

    def test_encryption_is_not_given_up(self, secure: Stub, other: Stub, pair: Pair) -> None:
        secure.on(PATH, Reply(status=302, headers={"Location": f"http://{other.host}/blob"}))
        error = refusal(Client(trust=Trust(ca_bundle=pair.certificate)), secure)
        assert f"{secure.host} does without encryption, or leads to where there is none" in error.message
        assert other.asked == []

    def test_a_circle_ends(self, stub: Stub) -> None:
        stub.on(PATH, Reply(status=302, headers={"Location": PATH}))
        assert "redirects without an end" in refusal(Client(), stub).message

    @pytest.mark.parametrize("target", ["http://alice:word@127.0.0.1/", "https://../x", "http://[::1/"])
    def test_to_what_is_no_address_it_is_refused(self, stub: Stub, target: str) -> None:
        stub.on(PATH, Reply(status=302, headers={"Location": target}))
        error = refusal(Client(), stub)
        assert error.message == "a registry refers to an address that cannot be used"


class TestRefusal:
    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
    def test_a_server_in_trouble_may_be_asked_again(self, stub: Stub, status: int) -> None:
        stub.on(PATH, said(status, "TOOMANYREQUESTS", "slow down", Retry_After="7"))
        error = refusal(Client(), stub)
        assert (error.transient, error.pause) == (True, 7.0)
        assert error.message.startswith(f"{stub.host} answers {status} ")
        assert error.message.endswith("(slow down)")

    def test_any_other_answer_is_told_and_final(self, stub: Stub) -> None:
        stub.on(PATH, said(400, "TAG_INVALID", "bad\n tag\x1b[31m"))
        error = refusal(Client(), stub)
        assert error.message == f"{stub.host} answers 400 Bad Request (bad tag [31m)"
        assert not error.transient

    def test_a_page_without_an_end_is_not_read_to_it(self, stub: Stub) -> None:
        stub.on(PATH, Reply(b" " * ((8 << 20) + 1)))
        assert "answers with more than 8,388,608 bytes" in refusal(Client(), stub).message

    def test_what_breaks_off_may_be_asked_again(self, stub: Stub) -> None:
        stub.on(PATH, Reply(b"{", headers={"Content-Length": "100"}))
        error = refusal(Client(), stub)
        assert f"{stub.host} cannot be reached" in error.message
        assert error.transient

    def test_what_went_wrong_before_is_not_taken_for_the_reason(self, stub: Stub) -> None:
        stub.on(PATH, Reply(b"{", headers={"Content-Length": "100"}))
        try:
            Path("/no/such/file").read_bytes()
        except FileNotFoundError:
            error = refusal(Client(), stub)
        assert "IncompleteRead" in error.message

    def test_a_name_that_nobody_knows_is_final(self) -> None:
        with pytest.raises(RegistryError, match=r"registry\.invalid cannot be reached") as caught:
            Client().published("registry.invalid/kolla/keystone:1")
        assert not caught.value.transient or "Temporary failure" in caught.value.message

    def test_where_nothing_listens_something_may_soon(self, stub: Stub) -> None:
        with pytest.raises(RegistryError, match="does not answer") as caught:
            Client().published("127.0.0.1:1/kolla/keystone:1")
        assert caught.value.transient


class TestTls:
    def test_an_authority_of_the_user_s_is_trusted(self, secure: Stub, pair: Pair) -> None:
        secure.on(PATH, manifest(IMAGE))
        assert Client(trust=Trust(ca_bundle=pair.certificate)).published(name(secure))

    def test_so_is_one_that_engines_keep_for_this_host(self, secure: Stub, pair: Pair, tmp_path: Path) -> None:
        secure.on(PATH, manifest(IMAGE))
        folder = tmp_path / "certs.d" / secure.host
        folder.mkdir(parents=True)
        (folder / "ca.crt").write_bytes(pair.certificate.read_bytes())
        assert Client(trust=Trust(folders=(tmp_path / "certs.d",))).published(name(secure))

    @pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
    def test_nobody_else_is(self, secure: Stub, pair: Pair, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
        monkeypatch.setenv(variable, str(pair.certificate))  # the environment was read when the options were
        error = refusal(Client(), secure)
        assert error.message.startswith(f"{secure.host} shows a certificate that is not trusted: self")
        assert f"/etc/containers/certs.d/{secure.host}/ca.crt" in error.hint
        assert not error.transient
        assert secure.asked == []

    def test_a_certificate_for_another_name_is_refused(self, secure: Stub, pair: Pair) -> None:
        client = Client(trust=Trust(ca_bundle=pair.certificate))
        with pytest.raises(RegistryError, match="not trusted") as caught:
            client.published(name(secure).replace("127.0.0.1", "localhost"))
        assert "renew its certificate" in caught.value.hint
        assert not caught.value.transient

    def test_a_password_is_shown_with_it(self, secure: Stub, pair: Pair) -> None:
        for_alice(secure)
        client = replace(alice_at(secure), trust=Trust(ca_bundle=pair.certificate))
        assert client.published(name(secure))


class TestProxy:
    @pytest.fixture(autouse=True)
    def _proxied(self, other: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
        for variable in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(variable, f"http://bob:pr0xy@{other.host}")
        monkeypatch.setenv("no_proxy", "")

    def test_a_registry_on_this_machine_is_asked_without_one(self, stub: Stub, other: Stub) -> None:
        stub.on(PATH, manifest(IMAGE))
        assert Client().published(name(stub))
        assert other.asked == []

    def test_one_that_does_not_let_through_is_told_without_its_password(self) -> None:
        with pytest.raises(RegistryError) as caught:
            Client().published("registry.example/kolla/keystone:1")
        assert "registry.example cannot be reached" in caught.value.message
        assert "pr0xy" not in caught.value.message

    def test_a_malformed_one_is_told_without_its_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("https_proxy", "http://bob:pr0xy@proxy:many")
        with pytest.raises(RegistryError) as caught:
            Client().published("registry.example/kolla/keystone:1")
        assert caught.value.message == "registry.example cannot be asked: an address or a proxy is malformed"
        assert not caught.value.transient


def test_the_options_say_how_to_ask(stub: Stub, tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    auth = basic("alice", "s3cret").removeprefix("Basic ")
    (tmp_path / ".docker/config.json").write_text(f'{{"auths": {{"{stub.host}": {{"auth": "{auth}"}}}}}}')
    for_alice(stub)
    options = Options(timeout=9, ca_bundle=None, environ={"HOME": str(tmp_path)})
    client = client_of(options)
    assert client.published(name(stub))
    assert client.timeout == 9
    assert tmp_path / ".config/containers/certs.d" in client.trust.folders
    assert "s3cret" not in repr(client)
    assert basic("alice", "s3cret") not in repr(client)
