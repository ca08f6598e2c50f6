"""systemd in a container wants control groups of version 2, which not every host has where everybody looks."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kollage.engines import control_groups
from kollage.engines.buildah import Buildah
from kollage.engines.containers import Containers
from kollage.engines.docker import Docker
from kollage.engines.podman import Podman
from kollage.errors import EngineError

Fake = Callable[[str, str], None]
LIMITS = ("nofile=1:1",)


def host(root: Path, *groups: str) -> Path:
    """A host's control groups: of version 2 are the folders that are named."""
    for group in groups:
        (root / group).mkdir(exist_ok=True)
        (root / group / "cgroup.controllers").touch()
    return root


class TestSeenAsTwo:
    def test_a_host_with_version_2_needs_nothing_for_it(self, tmp_path: Path) -> None:
        assert control_groups.seen_as_two(host(tmp_path, ".")) == ()

    def test_on_one_with_both_a_command_is_shown_version_2_alone(self, tmp_path: Path) -> None:
        words = control_groups.seen_as_two(host(tmp_path, "unified"))
        assert words[:3] == ("unshare", "--mount", "--propagation=unchanged")
        assert words[-1] == str(tmp_path)

    def test_the_command_gets_its_own_words_and_the_place_is_bound_before(self, tmp_path: Path) -> None:
        words = control_groups.seen_as_two(host(tmp_path, "unified"))
        mount = tmp_path / "mount"
        mount.write_text(f'#!/bin/sh\necho mount "$@" >> {tmp_path}/said\n', encoding="utf-8")
        mount.chmod(0o755)
        command = [*words[3:], "echo", "two words", "$0"]  # without the namespace, which takes rights
        done = subprocess.run(
            command, capture_output=True, check=True, text=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}
        )
        assert done.stdout == "two words $0\n"
        assert (tmp_path / "said").read_text(encoding="utf-8").splitlines() == [
            f"mount --make-rprivate {tmp_path}",
            f"mount --bind {tmp_path}/unified {tmp_path}",
        ]

    def test_one_with_version_1_alone_cannot(self, tmp_path: Path) -> None:
        with pytest.raises(EngineError, match=r"version 2, and the engine's are of version 1$") as caught:
            control_groups.seen_as_two(host(tmp_path))
        assert caught.value.hint == "start the host with systemd.unified_cgroup_hierarchy=1"


@pytest.mark.parametrize("said", ["2", "v2"])
def test_an_engine_that_says_2_has_them(said: str) -> None:
    control_groups.require_two(said)


@pytest.mark.parametrize("said", ["1", "v1", ""])
def test_one_that_says_anything_else_has_not(said: str) -> None:
    with pytest.raises(EngineError):
        control_groups.require_two(said)


class TestEngines:
    @pytest.mark.parametrize("engine", [Buildah(limits=LIMITS), Podman(limits=LIMITS)])
    @pytest.mark.parametrize(
        ("before", "more"), [((), ()), (("unshare",), ("--pids-limit=0",))], ids=["version 2", "both"]
    )
    def test_one_without_a_daemon_sees_what_the_host_has(
        self,
        engine: Buildah | Podman,
        before: tuple[str, ...],
        more: tuple[str, ...],
        fake: Fake,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("kollage.engines.daemonless.seen_as_two", lambda: before)
        made = Containers((*before, "podman"), LIMITS, ("--systemd=always", *more))
        assert engine.containers(systemd=True) == made
        assert engine.containers() == Containers(("podman",), LIMITS)

    def test_a_service_elsewhere_is_asked(self, fake: Fake) -> None:
        fake("podman", f"echo '{json.dumps({'host': {'cgroupVersion': 'v2'}})}'")
        engine = Podman(limits=LIMITS, url="unix:///p")
        assert engine.containers(systemd=True) == Containers(
            ("podman", "--url", "unix:///p"), LIMITS, ("--systemd=always",)
        )
        fake("podman", f"echo '{json.dumps({'host': {'cgroupVersion': 'v1'}})}'")
        with pytest.raises(EngineError):
            engine.containers(systemd=True)

    def test_docker_is_asked_and_told_everything(self, fake: Fake) -> None:
        fake("docker", "echo 2")
        made = Docker(limits=LIMITS).containers(systemd=True)
        assert (made.program, made.limits) == (("docker",), LIMITS)
        assert {"--cgroupns=private", "--security-opt=writable-cgroups=true", "--tmpfs=/run"} < set(made.more)
        fake("docker", "echo 1")
        with pytest.raises(EngineError):
            Docker().containers(systemd=True)
