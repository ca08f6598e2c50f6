from pathlib import Path

import pytest

from kollage.distributed import certs, trust
from kollage.errors import UsageError
from kollage.options import Options


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("localhost", "tcp://localhost:8786"),
        ("tls://127.0.0.1:1", "tls://127.0.0.1:1"),
        ("build1.example", "tls://build1.example:8786"),
        ("tls://10.0.0.1:99", "tls://10.0.0.1:99"),
        ("[::1]:5", "tcp://[::1]:5"),
        ("[fd00::1]", "tls://[fd00::1]:8786"),
    ],
)
def test_what_is_not_on_this_machine_is_spoken_with_over_tls(said: str, whole: str) -> None:
    assert trust.address(Options(scheduler=said)) == whole


@pytest.mark.parametrize("said", ["tcp://10.0.0.1:8786", "tcp://build1.example"])
def test_the_open_is_refused_where_others_could_listen(said: str) -> None:
    with pytest.raises(UsageError, match="without encryption") as error:
        trust.address(Options(scheduler=said))
    assert "kollage certs" in error.value.hint


@pytest.mark.parametrize("said", ["http://x", "tls://", "tls://x:99999999"])
def test_what_is_no_address_is_refused(said: str) -> None:
    with pytest.raises(UsageError, match="no address of a scheduler"):
        trust.address(Options(scheduler=said))


def test_certificates_are_among_the_users_configuration_unless_said(tmp_path: Path) -> None:
    assert trust.folder(Options(environ={"HOME": "/h"})) == Path("/h/.config/kollage/certs")
    assert trust.folder(Options(environ={"HOME": "/h", "XDG_CONFIG_HOME": "/c"})) == Path("/c/kollage/certs")
    assert trust.folder(Options(certs_dir=tmp_path)) == tmp_path


def test_on_this_machine_nothing_is_shown_and_elsewhere_a_certificate_has_to_be(tmp_path: Path) -> None:
    assert trust.security(Options(scheduler="127.0.0.1"), "client") is None
    options = Options(scheduler="tls://10.0.0.1", certs_dir=tmp_path)
    with pytest.raises(UsageError, match="there is no"):
        trust.security(options, "client")
    list(certs.make(tmp_path, days=30))
    security = trust.security(options, "client")
    assert security is not None
    assert security.require_encryption
