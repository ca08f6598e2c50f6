"""Names of images mean here what they mean to docker."""

import pytest

from kollage.errors import UsageError
from kollage.registry.reference import canonical, is_host, parse, split

DIGEST = f"sha256:{'0f' * 32}"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("debian", ("docker.io", "library/debian", "latest")),
        ("debian:trixie", ("docker.io", "library/debian", "trixie")),
        ("kolla/keystone:2026.2-debian-trixie", ("docker.io", "kolla/keystone", "2026.2-debian-trixie")),
        ("docker.io/debian", ("docker.io", "library/debian", "latest")),
        ("index.docker.io/kolla/nova-api", ("docker.io", "kolla/nova-api", "latest")),
        ("quay.io/rockylinux/rockylinux:10", ("quay.io", "rockylinux/rockylinux", "10")),
        ("localhost/kolla/nova", ("localhost", "kolla/nova", "latest")),
        ("localhost:4000/nova:1", ("localhost:4000", "nova", "1")),
        ("registry:5000/a/b/c", ("registry:5000", "a/b/c", "latest")),
        ("[::1]:4000/kolla/nova:x", ("[::1]:4000", "kolla/nova", "x")),
        ("HOST/nova", ("HOST", "nova", "latest")),
        (f"quay.io/a/b@{DIGEST}", ("quay.io", "a/b", DIGEST)),
        (f"quay.io/a/b:1@{DIGEST}", ("quay.io", "a/b", DIGEST)),
        ("quay.io/a/b__c.d--e:_1.A-b", ("quay.io", "a/b__c.d--e", "_1.A-b")),
    ],
)
def test_a_name_has_a_host_a_repository_and_a_tag(text: str, parts: tuple[str, str, str]) -> None:
    assert split(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nova:",
        "Nova",
        "quay.io/",
        "quay.io/Kolla/nova",
        "quay.io//nova",
        "quay.io/nova:a b",
        "quay.io/nova:-1",
        f"quay.io/nova:{'x' * 129}",
        "quay.io/nova@sha256:12",
        "quay.io/nova@",
        "../etc/nova",
        "quay.io:99999/nova",
        "user:word@quay.io/nova",
        "https://quay.io/nova",
        "quay.io/nova\n",
    ],
)
def test_what_is_no_name_is_refused_with_the_form_of_one(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.message == f"'{text}' is no name of an image"
    assert "host:port/path/name:tag" in caught.value.hint


@pytest.mark.parametrize("text", ["docker.io/library/debian:12", f"quay.io/a/b@{DIGEST}", "[::1]:1/a:b"])
def test_a_whole_name_is_written_as_it_was_read(text: str) -> None:
    assert str(parse(text)) == text


def test_docker_hub_has_one_name_of_several() -> None:
    assert {canonical(name) for name in ("docker.io", "index.docker.io", "registry-1.docker.io")} == {"docker.io"}
    assert canonical("quay.io") == "quay.io"


@pytest.mark.parametrize("text", ["", "..", ".hidden", "a/b", "user@host", "host:", "host:65536", "a b", "[::1"])
def test_what_is_no_host_is_none(text: str) -> None:
    assert not is_host(text)
