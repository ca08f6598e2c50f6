"""A token is fetched from where the registry says, with a password or an identity token, as docker does it."""

import json

import pytest
from tests.unit.registry.stub import IMAGE, Reply, Stub, basic, challenge, manifest, said

from kollage.errors import RegistryError
from kollage.registry import Client
from kollage.registry.authorization import Challenge, challenges
from kollage.registry.credentials import Credential

PATH = "/v2/kolla/keystone/manifests/1"
SCOPE = "repository:kolla/keystone:pull"
ALICE = Credential(source="auth.json", user="alice", password="s3cret")
WITH_TOKEN = Credential(source="auth.json", identity_token="1dentity")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", ()),
        ("Basic", ()),
        ('Basic realm="here"', (Challenge("basic", {"realm": "here"}),)),
        ("BASIC REALM=here", (Challenge("basic", {"realm": "here"}),)),
        (
            'Bearer realm="https://a/t?x=1,2",service="s", scope="repository:a/b:pull,push"',
            (Challenge("bearer", {"realm": "https://a/t?x=1,2", "service": "s", "scope": "repository:a/b:pull,push"}),),
        ),
        (
            r'Negotiate, Basic realm="a \"b\"", Bearer realm="c"',
            (Challenge("basic", {"realm": 'a "b"'}), Challenge("bearer", {"realm": "c"})),
        ),
    ],
)
def test_challenges_are_read(header: str, found: tuple[Challenge, ...]) -> None:
    assert challenges(header) == found


def bearer(realm: str, more: str = f',service="hub",scope="{SCOPE}"') -> Reply:
    return challenge(f'Bearer realm="{realm}"{more}')


def token(value: str = "t0ken", name: str = "token") -> Reply:
    return Reply(json.dumps({name: value}).encode())


def wants_token(stub: Stub, realm: str) -> None:
    stub.on(PATH, bearer(realm))
    stub.on(PATH, manifest(IMAGE), "Bearer t0ken")


def ask(stub: Stub, credential: Credential | None = None) -> bool:
    client = Client(credentials=lambda *_: credential)
    return client.published(f"{stub.host}/kolla/keystone:1") is not None


def refusal(stub: Stub, credential: Credential | None = None) -> RegistryError:
    with pytest.raises(RegistryError) as caught:
        ask(stub, credential)
    for secret in ("s3cret", "1dentity", "t0ken"):
        assert secret not in f"{caught.value.message}{caught.value.hint}"
    return caught.value


@pytest.mark.parametrize("key", ["token", "access_token"])
def test_without_credentials_a_token_is_fetched_for_everybody(stub: Stub, other: Stub, key: str) -> None:
    wants_token(stub, f"http://{other.host}/token")
    other.on("/token", token(name=key))
    assert ask(stub)
    asked = other.asked[0]
    assert (asked.method, asked.query) == ("GET", {"service": ["hub"], "scope": [SCOPE]})
    assert asked.authorization == ""


def test_a_password_goes_to_the_token_service_and_the_token_to_the_registry(stub: Stub, other: Stub) -> None:
    wants_token(stub, f"http://{other.host}/token")
    other.on("/token", Reply(status=401))
    other.on("/token", token(), basic("alice", "s3cret"))
    assert ask(stub, ALICE)
    assert stub.authorizations() == ["", "Bearer t0ken"]


def test_an_identity_token_is_sent_in_a_form(stub: Stub, other: Stub) -> None:
    wants_token(stub, f"http://{other.host}/token")
    other.on("/token", token(name="access_token"))
    assert ask(stub, WITH_TOKEN)
    asked = other.asked[0]
    assert (asked.method, asked.query, asked.authorization) == ("POST", {}, "")
    assert asked.form == {
        "grant_type": ["refresh_token"],
        "client_id": ["kollage"],
        "service": ["hub"],
        "scope": [SCOPE],
        "refresh_token": ["1dentity"],
    }


def test_a_form_with_a_secret_is_not_sent_on(stub: Stub, other: Stub) -> None:
    wants_token(stub, f"http://{stub.host}/token")
    stub.on("/token", Reply(status=307, headers={"Location": f"http://{other.host}/token"}))
    assert "answers 307" in refusal(stub, WITH_TOKEN).message
    assert other.asked == []


def test_a_token_service_that_has_moved_away_gets_no_password(stub: Stub, other: Stub) -> None:
    wants_token(stub, f"http://{stub.host}/token")
    stub.on("/token", Reply(status=307, headers={"Location": f"http://{other.host}/token"}))
    other.on("/token", token())
    assert ask(stub, ALICE)
    assert other.authorizations() == [""]


def test_a_token_is_used_again_until_it_has_expired(stub: Stub) -> None:
    wants_token(stub, f"http://{stub.host}/token")
    stub.on("/token", token())
    client = Client()
    for _ in range(2):
        assert client.published(f"{stub.host}/kolla/keystone:1")
    assert [asked.path for asked in stub.asked].count("/token") == 1
    stub.on(PATH, bearer(f"http://{stub.host}/token"), "Bearer t0ken")
    stub.on(PATH, manifest(IMAGE), "Bearer fresh")
    stub.on("/token", token("fresh"))
    assert client.published(f"{stub.host}/kolla/keystone:1")


def test_a_token_of_one_repository_is_not_shown_for_another(stub: Stub) -> None:
    wants_token(stub, f"http://{stub.host}/token")
    stub.on("/token", token())
    client = Client()
    assert client.published(f"{stub.host}/kolla/keystone:1")
    assert client.published(f"{stub.host}/kolla/nova:1") is None
    assert stub.authorizations()[-1] == ""


def test_where_a_registry_names_no_scope_it_is_to_read_the_repository(stub: Stub) -> None:
    stub.on(PATH, bearer(f"http://{stub.host}/token?account=a", more=""))
    stub.on(PATH, manifest(IMAGE), "Bearer t0ken")
    stub.on("/token", token())
    assert ask(stub)
    assert stub.asked[1].query == {"account": ["a"], "scope": [SCOPE]}


@pytest.mark.parametrize("credential", [ALICE, WITH_TOKEN, None])
def test_a_token_service_away_from_this_machine_needs_encryption(stub: Stub, credential: Credential | None) -> None:
    wants_token(stub, "http://token.example/token")
    error = refusal(stub, credential)
    assert error.message == f"{stub.host} wants to be told a password without encryption"


@pytest.mark.parametrize(
    "realm", ["", "token", "ftp://127.0.0.1/token", "http://alice@127.0.0.1/token", "http://[::1/token"]
)
def test_what_is_no_address_gets_nothing(stub: Stub, realm: str) -> None:
    wants_token(stub, realm)
    refusal(stub, ALICE)
    assert stub.authorizations() == [""]


def test_credentials_that_the_token_service_refuses_are_told_with_their_file(stub: Stub, other: Stub) -> None:
    wants_token(stub, f"http://{other.host}/token")
    other.on("/token", said(401, "UNAUTHORIZED", "incorrect username or password"))
    error = refusal(stub, ALICE)
    assert error.message == (
        f"{other.host} refuses the credentials in auth.json: 401 Unauthorized (incorrect username or password)"
    )
    assert not error.transient


def test_a_token_service_in_trouble_may_be_asked_again(stub: Stub) -> None:
    wants_token(stub, f"http://{stub.host}/token")
    stub.on("/token", Reply(status=503, headers={"Retry-After": "5"}))
    error = refusal(stub)
    assert (error.transient, error.pause) == (True, 5.0)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"token": 1}', b'{"token": ""}'])
def test_what_is_no_token_is_said_to_be_none(stub: Stub, body: bytes) -> None:
    wants_token(stub, f"http://{stub.host}/token")
    stub.on("/token", Reply(body))
    assert "something that is no token" in refusal(stub).message


def test_a_token_that_would_break_a_header_is_not_shown(stub: Stub) -> None:
    wants_token(stub, f"http://{stub.host}/token")
    stub.on("/token", token("t0ken\r\nX-Evil: 1"))
    assert "malformed" in refusal(stub).message


@pytest.mark.parametrize("header", ["", "Negotiate", 'Digest realm="a"'])
def test_a_challenge_of_another_kind_is_a_refusal(stub: Stub, header: str) -> None:
    stub.on(PATH, challenge(header))
    assert "401" in refusal(stub, ALICE).message
    assert stub.authorizations() == [""]


def test_who_has_only_an_identity_token_has_no_password(stub: Stub) -> None:
    stub.on(PATH, challenge('Basic realm="here"'))
    assert "refuses the credentials in auth.json" in refusal(stub, WITH_TOKEN).message
    assert stub.authorizations() == [""]


def test_where_both_are_offered_the_token_is_taken(stub: Stub) -> None:
    stub.on(PATH, challenge(f'Basic realm="x", Bearer realm="http://{stub.host}/token"'))
    stub.on(PATH, manifest(IMAGE), "Bearer t0ken")
    stub.on("/token", token())
    assert ask(stub, ALICE)
