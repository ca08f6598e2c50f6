"""A build sees the host's network, in files that only their owner can read; a shell reads them as they were meant."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kollage import process
from kollage.options import Options
from kollage.sealed import network_script, write_secrets

CALM = settings(deadline=None, database=None, max_examples=25)
NETWORK = {"https_proxy": "http://user:pass word@proxy:3128", "UV_INDEX_URL": "https://index.example.org/simple"}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "authorities.pem"
    path.write_bytes(b"certificates \xff")
    return path


def test_without_a_network_of_its_own_the_host_says_nothing() -> None:
    assert network_script(Options()) == ""


def test_variables_are_exported_in_order_of_their_names() -> None:
    assert network_script(Options(network=NETWORK)) == (
        "export UV_INDEX_URL=https://index.example.org/simple\nexport https_proxy='http://user:pass word@proxy:3128'\n"
    )


def test_the_hosts_authorities_are_told_to_every_program_that_asks(bundle: Path) -> None:
    assert network_script(Options(ca_bundle=bundle)) == (
        "export SSL_CERT_FILE=/run/kollage/ca-bundle\n"
        "export PIP_CERT=/run/kollage/ca-bundle\n"
        "export REQUESTS_CA_BUNDLE=/run/kollage/ca-bundle\n"
        "export CURL_CA_BUNDLE=/run/kollage/ca-bundle\n"
        "export GIT_SSL_CAINFO=/run/kollage/ca-bundle\n"
        "export NODE_EXTRA_CA_CERTS=/run/kollage/ca-bundle\n"
        "export APT_CONFIG=/run/kollage/apt\n"
    )


@CALM
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_shell_reads_any_value_as_it_is(value: str) -> None:
    script = network_script(Options(network={"ANY": value}))
    dump = process.run(["sh", "-c", f'{script}printf "%s" "$ANY" | od -An -v -tx1'])
    assert bytes.fromhex(dump.replace("\n", "")) == value.encode()


def test_the_files_are_named_by_the_secret_that_each_one_is(tmp_path: Path, bundle: Path) -> None:
    options = Options(network=NETWORK, ca_bundle=bundle)
    secrets = write_secrets(options, tmp_path)
    assert secrets == {name: tmp_path / name for name in ("network", "ca-bundle", "apt")}
    assert secrets["apt"].read_text() == 'Acquire::https::CAInfo "/run/kollage/ca-bundle";\n'
    assert secrets["network"].read_text() == network_script(options)
    assert secrets["ca-bundle"].read_bytes() == b"certificates \xff"


def test_all_are_there_when_there_is_nothing_to_tell(tmp_path: Path) -> None:
    assert {name: path.read_bytes() for name, path in write_secrets(Options(), tmp_path).items()} == {
        "network": b"",
        "ca-bundle": b"",
        "apt": b"",
    }


def test_only_their_owner_may_read_them(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        secrets = write_secrets(Options(network=NETWORK), tmp_path)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets.values()} == {0o600}
