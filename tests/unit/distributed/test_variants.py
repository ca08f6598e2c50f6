from collections.abc import Sequence
from pathlib import Path

import pytest

from kollage.distributed import variants
from kollage.errors import UsageError
from kollage.options import Options, load_options


def asked(tmp_path: Path, *words: str) -> list[tuple[str, str, str]]:
    environ = {"HOME": str(tmp_path)}
    argv: Sequence[str] = ["--registry", "r", *words]
    options = load_options("build", argv, environ)
    return [(each.base, each.platform, each.tag) for each in variants.asked_for(options, argv)]


def test_one_base_on_one_platform_is_what_it_always_was(tmp_path: Path) -> None:
    assert [(base, tag) for base, _, tag in asked(tmp_path)] == [("debian", "2026.2-debian-trixie")]


@pytest.mark.parametrize(
    "words",
    [
        ("--base", "debian", "--base", "ubuntu", "--platform", "linux/amd64,linux/arm64"),
        ("-b", "debian", "--base=ubuntu", "--platform=linux/amd64", "--platform", "linux/arm64", "keystone"),
        ("--base", "debian", "--base", "ubuntu", "--base", "debian", "--platform", "linux/amd64,linux/arm64"),
    ],
)
def test_every_base_is_built_for_every_platform_under_names_of_its_own(tmp_path: Path, words: Sequence[str]) -> None:
    assert asked(tmp_path, *words) == [
        ("debian", "linux/amd64", "2026.2-debian-trixie-amd64"),
        ("debian", "linux/arm64", "2026.2-debian-trixie-arm64"),
        ("ubuntu", "linux/amd64", "2026.2-ubuntu-24.04-amd64"),
        ("ubuntu", "linux/arm64", "2026.2-ubuntu-24.04-arm64"),
    ]


def test_bases_whose_images_would_have_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one name"):
        asked(tmp_path, "--base", "debian", "--base", "ubuntu", "--tag", "mine")


def test_images_are_named_in_the_registry_and_found_there_by_fingerprint(tmp_path: Path) -> None:
    argv = ["--registry", "r", "--noregistry-cache"]
    (found,) = variants.asked_for(load_options("build", argv, {"HOME": str(tmp_path)}), argv)
    assert (found.push, found.registry_cache) == (True, True)
    assert isinstance(found, Options)
