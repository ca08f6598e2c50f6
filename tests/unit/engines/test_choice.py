"""The engine that was named, or the first that answers; and what every engine promises alike."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kollage.engines import engine_for
from kollage.engines.buildah import Buildah
from kollage.engines.docker import Docker
from kollage.engines.podman import Podman
from kollage.engines.retrying import Retrying
from kollage.errors import EngineError, ExitCode
from kollage.options import Options
from kollage.process import CommandError

Fake = Callable[[str, str], None]
Calls = Callable[[], list[list[str]]]


OWN = Path("c/engine")


@pytest.mark.parametrize("engine", [Buildah(temporary=OWN), Podman(temporary=OWN), Docker()])
def test_the_one_that_was_named_is_taken(fake: Fake, calls: Calls, engine: Buildah | Podman | Docker) -> None:
    for name in ("buildah", "podman", "docker"):
        fake(name, "echo version 1")
    assert engine_for(Options(engine=engine.name, retries=3, cache_dir=Path("c"))) == Retrying(engine, attempts=4)
    assert [call[0] for call in calls()] == [engine.name]


@pytest.mark.parametrize(
    ("answering", "engine"),
    [
        (("buildah", "podman", "docker"), Buildah(temporary=OWN)),
        (("podman", "docker"), Podman(temporary=OWN)),
        (("docker",), Docker()),
    ],
)
def test_otherwise_it_is_the_first_that_answers(
    fake: Fake, answering: tuple[str, ...], engine: Buildah | Podman | Docker
) -> None:
    for name in answering:
        fake(name, "echo version 1")
    assert engine_for(Options(retries=0, cache_dir=Path("c"))) == Retrying(engine, attempts=1)


def test_the_options_say_how_it_is_used(fake: Fake) -> None:
    for name in ("podman", "docker"):
        fake(name, "echo version 1")
    options = Options(
        cache_dir=Path("c"),
        timeout=7,
        podman_base_url="unix:///run/podman.sock",
        buildkit=False,
        buildkit_builder="mine",
        squash_cleanup=False,
        squash_tmp_dir=Path("s"),
    )
    podman = Podman(temporary=OWN, url="unix:///run/podman.sock", timeout=7.0)
    docker = Docker(buildkit=False, builder="mine", squash_cleanup=False, squash_tmp_dir=Path("s"), timeout=7.0)
    for engine in (podman, docker):
        assert engine_for(replace(options, engine=engine.name)) == Retrying(engine, attempts=4)


def test_where_none_answers_each_ones_complaint_is_told_and_the_way_out(fake: Fake) -> None:
    for name in ("buildah", "podman", "docker"):
        fake(name, f"echo '{name} is out of order' >&2; exit 1")
    with pytest.raises(EngineError) as caught:
        engine_for(Options(retries=0))
    assert caught.value.message.startswith("no engine answers: ")
    assert all(f"{name} is out of order" in caught.value.message for name in ("buildah", "podman", "docker"))
    assert caught.value.hint == "start one, or install buildah, which needs no daemon"
    assert caught.value.exit_code is ExitCode.ENGINE


def test_one_that_was_named_and_is_not_installed_is_not_replaced(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(EngineError) as caught:
        engine_for(Options(engine="podman"))
    assert caught.value.message == "no engine answers: the program 'podman' is not installed"
    assert calls() == []


@pytest.mark.parametrize("engine", ["buildah.Buildah", "podman.Podman", "docker.Docker"])
def test_after_an_interrupt_it_can_still_be_tidied_up_but_not_built(fake: Fake, engine: str) -> None:
    module, _, name = engine.partition(".")
    fake(module, "[ $1 != version ] && [ $1 != --version ]")
    program = f"""
from kollage import process
from kollage.engines.{module} import {name}
from kollage.errors import Interrupted

process.end_all()  # for good, so this is not in the process of the tests
engine = {name}()
assert (engine.images(), engine.unfinished()) == ((), {{}})
engine.discard(["c1"])
try:
    engine.version()
except Interrupted:
    print("interrupted")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.stdout, done.stderr) == ("interrupted\n", "")


@pytest.mark.parametrize(
    ("engine", "asked", "said"),
    [
        ("buildah", 1, {}),
        ("podman", 1, {}),
        ("podman", 3, {"podman_base_url": "unix:///run/podman.sock"}),  # a service that may be gone the next time
        ("docker", 3, {}),
    ],
)
def test_a_program_without_a_daemon_is_asked_once(
    fake: Fake, calls: Calls, tmp_path: Path, engine: str, asked: int, said: dict[str, str]
) -> None:
    fake(engine, "echo version 1")
    for _ in range(3):
        engine_for(Options(engine=engine, retries=0, cache_dir=tmp_path / "cache", **said))  # type: ignore[arg-type]
    assert len(calls()) == asked


def test_another_program_is_asked_again(fake: Fake, calls: Calls, tmp_path: Path) -> None:
    options = Options(engine="buildah", retries=0, cache_dir=tmp_path / "cache")
    fake("buildah", "echo version 1")
    engine_for(options)
    fake("buildah", "echo no >&2; exit 1")
    with pytest.raises(EngineError):
        engine_for(options)
    with pytest.raises(EngineError):  # that it did not answer is not remembered
        engine_for(options)
    assert len(calls()) == 3


def test_nothing_is_kept_where_the_folder_depends_on_where_one_stands(fake: Fake, calls: Calls) -> None:
    fake("buildah", "echo version 1")
    for _ in range(2):
        engine_for(Options(engine="buildah", retries=0, cache_dir=Path("relative")))
    assert len(calls()) == 2


LISTING = """\
if [ "$1" = images ]; then
    if [ ! -e again ]; then
        touch again
        echo 'Error: locating item named "manifest" for image with ID "17"' >&2
        exit 125
    fi
    echo '[]'
fi
"""


@pytest.mark.parametrize("engine", [Buildah(), Podman()], ids=lambda engine: engine.name)
def test_a_listing_that_trips_over_another_build_is_asked_for_again(
    fake: Fake, engine: Buildah | Podman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fake(engine.name, LISTING)
    assert engine.images() == ()


def test_another_mistake_is_told_at_once(fake: Fake, calls: Calls) -> None:
    fake("buildah", "echo 'Error: no space left on device' >&2; exit 125")
    with pytest.raises(CommandError, match="no space left"):
        Buildah().images()
    assert len([call for call in calls() if "images" in call]) == 1
