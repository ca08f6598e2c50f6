"""Where a base comes from, how it is called, and that it is never made from packages that nobody signed."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from kollage import bootstrap
from kollage.bootstrap import Base, Bootstrap
from kollage.errors import EngineError, UsageError
from kollage.options import Options
from kollage.process import CommandError

DEBIAN = Options(base="debian", base_tag="trixie", base_arch="x86_64")
UBUNTU = Options(base="ubuntu", base_tag="24.04", base_arch="x86_64")
ROCKY = Options(base="rocky", base_tag="10", base_arch="x86_64")
RECIPE = Bootstrap(
    suite="trixie",
    sources=("deb http://deb.debian.org/debian trixie main",),
    keyring=Path("archive-keyring.gpg"),
    arch="amd64",
    epoch=1767225600,
)


class TestRecipe:
    def test_debian_is_made_from_its_archive_with_updates_and_security(self) -> None:
        assert bootstrap.bootstrap_for(DEBIAN, epoch=7) == Bootstrap(
            suite="trixie",
            sources=(
                "deb http://deb.debian.org/debian trixie main",
                "deb http://deb.debian.org/debian trixie-updates main",
                "deb http://deb.debian.org/debian-security trixie-security main",
            ),
            keyring=Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
            arch="amd64",
            epoch=7,
        )

    def test_ubuntu_is_made_from_its_archive_under_the_suites_name(self) -> None:
        assert bootstrap.bootstrap_for(UBUNTU, epoch=7) == Bootstrap(
            suite="noble",
            sources=(
                "deb http://archive.ubuntu.com/ubuntu noble main universe",
                "deb http://archive.ubuntu.com/ubuntu noble-updates main universe",
                "deb http://archive.ubuntu.com/ubuntu noble-security main universe",
            ),
            keyring=Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg"),
            arch="amd64",
            epoch=7,
        )

    def test_a_snapshot_is_of_the_epochs_day_whatever_it_says_of_its_end(self) -> None:
        options = replace(DEBIAN, snapshot="http://snapshot.example/{archive}/{date}/")
        assert bootstrap.bootstrap_for(options, epoch=1_793_491_200).sources == (
            "deb [check-valid-until=no] http://snapshot.example/debian/20261101T000000Z trixie main",
            "deb [check-valid-until=no] http://snapshot.example/debian/20261101T000000Z trixie-updates main",
            "deb [check-valid-until=no] http://snapshot.example/debian-security/20261101T000000Z trixie-security main",
        )

    def test_a_snapshot_of_one_archive_needs_no_name_of_it(self) -> None:
        options = replace(UBUNTU, snapshot="https://snapshot.example/ubuntu/{date}")
        first, *_ = bootstrap.bootstrap_for(options, epoch=7).sources
        assert first == (
            "deb [check-valid-until=no] https://snapshot.example/ubuntu/19700101T000007Z noble main universe"
        )

    def test_a_snapshot_without_a_day_is_an_error_unless_it_says_one_itself(self) -> None:
        options = replace(DEBIAN, snapshot="http://snapshot.example/{archive}/{date}")
        with pytest.raises(UsageError, match="--snapshot has no day"):
            bootstrap.bootstrap_for(options, epoch=0)
        own = replace(DEBIAN, snapshot="http://snapshot.example/20261101/{archive}")
        assert "http://snapshot.example/20261101/debian-security" in bootstrap.bootstrap_for(own, epoch=0).sources[2]

    def test_another_day_is_another_base(self) -> None:
        options = replace(DEBIAN, snapshot="http://snapshot.example/{archive}/{date}")
        known = {bootstrap.bootstrap_for(each, epoch=day).identity for each in (options, DEBIAN) for day in (1, 86_401)}
        assert len(known) == 4

    def test_ubuntu_on_arm_comes_from_the_ports(self) -> None:
        recipe = bootstrap.bootstrap_for(replace(UBUNTU, base_arch="aarch64"), epoch=7)
        assert recipe.arch == "arm64"
        assert all(" http://ports.ubuntu.com/ubuntu-ports noble" in line for line in recipe.sources)

    @pytest.mark.parametrize("base", ["rocky", "centos"])
    def test_a_family_without_a_way_is_an_error_with_another_one(self, base: str) -> None:
        with pytest.raises(UsageError) as caught:
            bootstrap.bootstrap_for(replace(ROCKY, base=base), epoch=7)
        assert caught.value.message == f"there is no way to bootstrap {base} from its package archive"
        assert caught.value.hint == (
            "name an image that the engine can pull with --base-image, and --base-source registry"
        )

    @pytest.mark.parametrize(
        "other",
        [
            replace(RECIPE, suite="bookworm"),
            replace(RECIPE, sources=()),
            replace(RECIPE, arch="arm64"),
            replace(RECIPE, epoch=0),
            replace(RECIPE, rules=()),
        ],
        ids=["suite", "sources", "architecture", "epoch", "rules"],
    )
    def test_its_identity_follows_from_all_that_goes_into_it(self, other: Bootstrap) -> None:
        assert other.identity != RECIPE.identity

    def test_it_leaves_out_what_packages_on_it_leave_out(self) -> None:
        assert "path-exclude=/usr/share/locale/*" in RECIPE.rules
        assert all(re.fullmatch(r"path-(exclude|include)=/usr/share/\S+", rule) for rule in RECIPE.rules)

    def test_where_the_keyring_lies_is_not_a_part_of_its_identity(self) -> None:
        assert replace(RECIPE, keyring=Path("elsewhere.gpg")).identity == RECIPE.identity


class TestChoice:
    def test_it_is_made_where_there_is_an_archive_and_no_image_was_named(self) -> None:
        options = [DEBIAN, UBUNTU, ROCKY, replace(DEBIAN, base_image="mirror/debian")]
        assert [bootstrap.is_made(each) for each in options] == [True, True, False, False]
        assert [bootstrap.possible(each) for each in options] == [True, True, False, True]

    def test_a_base_that_is_made_is_named_after_its_recipe(self) -> None:
        recipe = bootstrap.bootstrap_for(DEBIAN, epoch=7)
        assert bootstrap.base(DEBIAN, epoch=7, reason="preferred") == Base(
            reference=f"kollage-bootstrap/debian:trixie-{recipe.identity[:12]}",
            identity=recipe.identity,
            reason="preferred",
            bootstrap=recipe,
        )

    def test_without_an_engine_the_expected_name_follows_from_the_options(self) -> None:
        made = bootstrap.base(DEBIAN, epoch=7, reason="").reference
        expected = {
            "auto": bootstrap.expected(DEBIAN, epoch=7),
            "bootstrap": bootstrap.expected(replace(DEBIAN, base_source="bootstrap", base_image="mine:1"), epoch=7),
            "registry": bootstrap.expected(replace(DEBIAN, base_source="registry"), epoch=7),
            "rocky": bootstrap.expected(ROCKY, epoch=7),
            "named": bootstrap.expected(replace(DEBIAN, base_image="mine:1"), epoch=7),
        }
        assert expected == {
            "auto": made,
            "bootstrap": made,
            "registry": "docker.io/library/debian:trixie",
            "rocky": "quay.io/rockylinux/rockylinux:10",
            "named": "mine:1",
        }

    @pytest.mark.parametrize(
        ("named", "full"),
        [
            ("", "docker.io/library/debian:trixie"),
            ("debian", "debian:trixie"),
            ("debian:sid", "debian:sid"),
            ("localhost:5000/debian", "localhost:5000/debian:trixie"),
            ("localhost:5000/debian:sid", "localhost:5000/debian:sid"),
            ("mirror/debian@sha256:01ab", "mirror/debian@sha256:01ab"),
        ],
    )
    def test_an_image_without_a_tag_gets_the_bases(self, named: str, full: str) -> None:
        assert bootstrap.registry_reference(replace(DEBIAN, base_image=named)) == full

    @pytest.mark.parametrize(
        ("name", "reference", "same"),
        [
            ("docker.io/library/debian:trixie", "docker.io/library/debian:trixie", True),
            ("docker.io/library/debian:trixie", "debian:trixie", True),
            ("debian:trixie", "docker.io/library/debian:trixie", True),
            ("docker.io/team/debian:trixie", "team/debian:trixie", True),
            ("docker.io/library/debian:trixie", "debian:sid", False),
            ("docker.io/team/debian:trixie", "debian:trixie", False),
            ("quay.io/rockylinux/rockylinux:10", "rockylinux:10", False),
        ],
    )
    def test_short_and_long_names_of_one_image_are_the_same(self, name: str, reference: str, same: bool) -> None:
        assert bootstrap.same_name(name, ["other:1", reference]) is same
        assert not bootstrap.same_name(name, [])


class TestMaking:
    @pytest.fixture
    def recipe(self, tmp_path: Path) -> Bootstrap:
        keyring = tmp_path / "archive-keyring.gpg"
        keyring.touch()
        return replace(RECIPE, keyring=keyring)

    @pytest.fixture
    def path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A folder that is first on PATH."""
        folder = tmp_path / "bin"
        folder.mkdir()
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return folder

    def fake(self, folder: Path, body: str) -> None:
        program = folder / "mmdebstrap"
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)

    def test_the_program_is_given_the_keyring_and_the_time_and_writes_the_archive(
        self, recipe: Bootstrap, path: Path, tmp_path: Path
    ) -> None:
        self.fake(path, f'echo "I: $SOURCE_DATE_EPOCH"; printf "%s\\n" "$@" > {tmp_path}/arguments')
        lines: list[str] = []
        bootstrap.make_root(recipe, tmp_path / "root.tar", lines.append)
        assert lines == ["I: 1767225600"]
        assert (tmp_path / "arguments").read_text().splitlines() == [
            f"--mode={'root' if os.geteuid() == 0 else 'unshare'}",
            "--variant=minbase",
            "--architectures=amd64",
            f"--keyring={tmp_path}/archive-keyring.gpg",
            *(f"--dpkgopt={rule}" for rule in recipe.rules),
            "--format=tar",
            "trixie",
            f"{tmp_path}/root.tar",
            "deb http://deb.debian.org/debian trixie main",
        ]

    def test_without_the_keyring_nothing_is_started(self, path: Path, tmp_path: Path) -> None:
        self.fake(path, f"touch {tmp_path}/started")
        with pytest.raises(EngineError) as caught:
            bootstrap.make_root(replace(RECIPE, keyring=tmp_path / "ours.gpg"), tmp_path / "root.tar", print)
        assert caught.value.message == (
            f"{tmp_path}/ours.gpg is missing: without it the package archive's signature cannot be checked"
        )
        assert caught.value.hint == "install ours, or give --base-image"
        assert not (tmp_path / "started").exists()

    def test_a_failure_keeps_what_the_program_said(self, recipe: Bootstrap, path: Path, tmp_path: Path) -> None:
        self.fake(path, "echo 'E: no such suite'; exit 25")
        with pytest.raises(CommandError) as caught:
            bootstrap.make_root(recipe, tmp_path / "root.tar", lambda _line: None)
        assert (caught.value.code, caught.value.tail) == (25, ("E: no such suite",))

    def test_a_machine_can_bootstrap_when_it_has_the_program(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(path))
        assert not bootstrap.can_bootstrap()
        self.fake(path, "true")
        assert bootstrap.can_bootstrap()
