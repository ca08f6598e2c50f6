from datetime import timedelta
from pathlib import Path

import pytest

from kollage.distributed import certs
from kollage.errors import UsageError


def made(folder: Path, days: int = 30) -> Path:
    list(certs.make(folder, days=days))
    return folder


def test_each_role_gets_a_certificate_that_only_its_owner_may_read(tmp_path: Path) -> None:
    folder = made(tmp_path / "certs")
    names = {f"{role}.{end}" for role in ("ca", "scheduler", "worker", "client") for end in ("crt", "key")}
    assert {path.name for path in folder.iterdir()} == names
    assert {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {"0o600"}
    assert certs.check(folder, "worker").certificate == folder / "worker.crt"


def test_what_holds_is_left_as_it_is(tmp_path: Path) -> None:
    made(tmp_path)
    before = (tmp_path / "worker.crt").read_bytes()
    assert list(certs.make(tmp_path, days=30)) == []
    assert (tmp_path / "worker.crt").read_bytes() == before


def test_what_ends_soon_is_made_anew_and_so_is_all_that_it_signed(tmp_path: Path) -> None:
    made(tmp_path, days=3)
    assert len(list(certs.make(tmp_path, days=30))) == 4
    certs.check(tmp_path, "client")


def test_an_expired_certificate_is_refused_with_its_day(tmp_path: Path) -> None:
    made(tmp_path, days=0)
    with pytest.raises(UsageError, match=r"expired on \d{4}-\d\d-\d\d") as error:
        certs.check(tmp_path, "client")
    assert "kollage certs" in error.value.hint


def test_a_certificate_of_another_authority_is_refused(tmp_path: Path) -> None:
    here, other = made(tmp_path / "here"), made(tmp_path / "other")
    (here / "ca.crt").write_bytes((other / "ca.crt").read_bytes())
    with pytest.raises(UsageError, match="not made by the authority"):
        certs.check(here, "client")


def test_a_certificate_of_another_role_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / "client.crt").write_bytes((folder / "worker.crt").read_bytes())
    with pytest.raises(UsageError, match="one of a worker, not of a client"):
        certs.check(folder, "client")


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no .*ca\.crt"):
        certs.check(tmp_path, "worker")


def test_a_signature_holds_for_what_was_signed_and_nothing_else(tmp_path: Path) -> None:
    pair = certs.pair(made(tmp_path), "client")
    signature = certs.sign(pair, b"a plan")
    certs.verify(certs.load(pair.certificate), signature, b"a plan")
    with pytest.raises(UsageError, match="changed after it was signed"):
        certs.verify(certs.load(pair.certificate), signature, b"another plan")
    with pytest.raises(UsageError):
        certs.verify(certs.load(tmp_path / "worker.crt"), signature, b"a plan")


def test_the_end_is_as_many_days_away_as_was_asked_for(tmp_path: Path) -> None:
    certificate = certs.load(certs.pair(made(tmp_path, days=30), "client").certificate)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc >= timedelta(days=30)
