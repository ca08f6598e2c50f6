"""kolla_copy_cacerts: which certificate authorities the system trusts after a start."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.images.conftest import Stage

MOUNTED = "/var/lib/kolla/config_files/ca-certificates"
SHARED = "/var/lib/kolla/share/ca-certificates"
DEB = ("/etc/debian_version", "/usr/local/share/ca-certificates", "update-ca-certificates")
RPM = ("/etc/redhat-release", "/etc/pki/ca-trust/source/anchors", "update-ca-trust")


def system(stage: Stage, kind: tuple[str, str, str] = DEB) -> Path:
    """A system of a kind, and the directory where it keeps additional authorities."""
    release, anchors, update = kind
    stage.file(release)
    (stage.root / "etc/ssl/certs").mkdir(parents=True)
    (stage.root / anchors.lstrip("/")).mkdir(parents=True)
    stage.fake(update)
    return stage.root / anchors.lstrip("/")


def with_state(stage: Stage, target: str) -> None:
    """The state as kolla_set_configs writes it."""
    record = {"source": f"{stage.root}{target}", "preserve_properties": True, "dest": None}
    stage.file("/etc/kolla/defaults/state", json.dumps({f"{stage.root}{target}": record}, indent=4))


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.parametrize("kind", [DEB, RPM], ids=["deb", "rpm"])
def test_a_mounted_certificate_is_trusted(stage: Stage, kind: tuple[str, str, str]) -> None:
    anchors = system(stage, kind)
    stage.file(f"{MOUNTED}/root one.crt", "pem").chmod(0o600)

    result = stage.run("kolla_copy_cacerts")

    assert result.returncode == 0, result.stderr
    assert files(anchors) == {"kolla-customca-root one.crt": "pem"}
    assert stage.calls == [kind[2]]


def test_everyone_may_read_a_trusted_certificate(stage: Stage) -> None:
    anchors = system(stage)
    stage.file(f"{MOUNTED}/a.crt").chmod(0o600)

    stage.run("kolla_copy_cacerts")

    assert (anchors / "kolla-customca-a.crt").stat().st_mode & 0o777 == 0o644


def test_the_shared_certificates_win_when_the_state_knows_them(stage: Stage) -> None:
    anchors = system(stage)
    with_state(stage, SHARED)
    stage.file(f"{MOUNTED}/a.crt", "mounted")
    stage.file(f"{SHARED}/a.crt", "shared")

    stage.run("kolla_copy_cacerts")

    assert files(anchors) == {"kolla-customca-a.crt": "shared"}


def test_another_state_leaves_the_mounted_certificates(stage: Stage) -> None:
    anchors = system(stage)
    with_state(stage, f"{SHARED}-other")
    stage.file(f"{MOUNTED}/a.crt", "mounted")
    stage.file(f"{SHARED}/a.crt", "shared")

    stage.run("kolla_copy_cacerts")

    assert files(anchors) == {"kolla-customca-a.crt": "mounted"}


def test_certificates_of_an_earlier_start_are_no_longer_trusted(stage: Stage) -> None:
    anchors = system(stage)
    stage.file("/usr/local/share/ca-certificates/kolla-customca-old.crt")
    stage.file("/usr/local/share/ca-certificates/other.crt")
    (stage.root / "etc/ssl/certs/kolla-customca-old.pem").symlink_to("nowhere")

    assert stage.run("kolla_copy_cacerts").returncode == 0
    assert list(files(anchors)) == ["other.crt"]
    assert list((stage.root / "etc/ssl/certs").iterdir()) == []
    assert stage.calls == ["update-ca-certificates"]


def test_nothing_is_updated_when_there_is_nothing_to_trust_and_nothing_to_forget(stage: Stage) -> None:
    system(stage)

    assert stage.run("kolla_copy_cacerts").returncode == 0
    assert stage.calls == []


def test_a_second_start_trusts_the_same(stage: Stage) -> None:
    anchors = system(stage)
    stage.file(f"{MOUNTED}/a.crt", "pem")

    assert [stage.run("kolla_copy_cacerts").returncode for _ in range(2)] == [0, 0]
    assert files(anchors) == {"kolla-customca-a.crt": "pem"}


def test_a_link_that_the_service_left_among_the_shared_certificates_publishes_nothing(stage: Stage) -> None:
    anchors = system(stage)
    with_state(stage, SHARED)
    stage.file(f"{SHARED}/good.crt", "pem")
    secret = stage.file("/etc/secret", "secret")
    (stage.root / SHARED.lstrip("/") / "bad.crt").symlink_to(secret)

    result = stage.run("kolla_copy_cacerts")

    assert result.returncode == 0
    assert files(anchors) == {"kolla-customca-good.crt": "pem"}
    assert "bad.crt" in result.stderr


def test_a_mounted_certificate_may_be_a_link(stage: Stage) -> None:
    anchors = system(stage)
    real = stage.file("/var/data/a", "pem")
    stage.file(f"{MOUNTED}/folder/inner.crt")
    (stage.root / MOUNTED.lstrip("/") / "a.crt").symlink_to(real)

    assert stage.run("kolla_copy_cacerts").returncode == 0
    assert files(anchors) == {"kolla-customca-a.crt": "pem"}
    assert not (anchors / "kolla-customca-a.crt").is_symlink()


def test_an_unknown_system_is_a_failure(stage: Stage) -> None:
    assert stage.run("kolla_copy_cacerts").returncode == 1


def test_a_failing_update_ends_the_start(stage: Stage) -> None:
    system(stage)
    stage.fake("update-ca-certificates", "exit 5")
    stage.file(f"{MOUNTED}/a.crt")

    assert stage.run("kolla_copy_cacerts").returncode == 5


def test_the_caller_cannot_slip_in_code_through_the_environment(stage: Stage) -> None:
    system(stage)
    trap = stage.file("/trap", f"touch {stage.root}/sprung")

    assert stage.run("kolla_copy_cacerts", BASH_ENV=str(trap)).returncode == 0
    assert not (stage.root / "sprung").exists()
