"""Who reads the output may go, and it may have been closed from the beginning: what was begun is done all the same."""

import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.functional.world import World

BUILD = ("build", "--threads", "1")
KOLLA = ("kolla-build", "--threads", "1")


def ended(
    world: World, argv: Sequence[str], *redirections: str, inherits: int = 2
) -> "subprocess.CompletedProcess[str]":
    """How a program ended whose files a shell redirects, one that it inherits among them."""
    program = [sys.executable, "-m", "kollage", *argv]
    return subprocess.run(
        ["/bin/bash", "-c", f'exec "$@" {" ".join(redirections)}', "bash", *program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        pass_fds=(inherits,),
        env=world.environment(),
        cwd=world.root / "here",
        check=False,
    )


def unread(world: World, argv: Sequence[str]) -> int:
    """The exit code of a program with nobody who reads what it says."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return ended(world, argv, f">&{writer}", f"2>&{writer}", inherits=writer).returncode
    finally:
        os.close(writer)


@pytest.mark.parametrize("argv", [BUILD, KOLLA, (*BUILD, "--debug"), (*BUILD, "--format", "json")], ids=" ".join)
class TestNobodyReads:
    def test_and_everything_is_built(self, world: World, argv: Sequence[str]) -> None:
        assert unread(world, argv) == 0
        assert world.built() == ["base", "app", "app-api", "tool"]

    def test_and_a_failure_is_told_by_the_exit_code(self, world: World, argv: Sequence[str]) -> None:
        world.behave(images={"app": {"fails": ["E: no"]}})
        assert unread(world, argv) == 1
        assert "tool" in world.built()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_an_output_that_is_closed_from_the_beginning_takes_nothing(world: World, closed: str) -> None:
    assert ended(world, BUILD, closed).returncode == 0
    assert world.built() == ["base", "app", "app-api", "tool"]
    assert "4 reused" in world.run("build").out  # nothing of it went into a file of ours


def test_a_list_ends_well_when_enough_was_read(world: World) -> None:
    assert unread(world, ["list"]) == 0


def test_an_output_on_a_full_disk_is_an_error_with_a_sentence(world: World) -> None:
    done = ended(world, ["list"], ">/dev/full")
    assert (done.returncode, done.stderr) == (1, "error: the output cannot be written: No space left on device\n")
