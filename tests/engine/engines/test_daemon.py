"""A daemon that goes away or does not answer is told, and soon."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kollage.engines import BuildOrder, Engine
from kollage.engines.docker import Docker
from kollage.engines.podman import Podman
from kollage.process import CommandError
from tests.engine.engines.conftest import BASE, LABELS, daemon

pytestmark = pytest.mark.engine


@pytest.fixture
def silent(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of something that listens and never says a word."""
    path = place / "silent.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        yield f"unix://{path}"
    path.unlink()


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_one_that_does_not_answer_is_not_waited_for(apart: Path, silent: str, name: str) -> None:
    engine: Engine = Docker(timeout=0.5) if name == "docker" else Podman(url=silent, timeout=0.5)
    for question in (engine.version, engine.images, engine.free_bytes, lambda: engine.tag("a", "b")):
        with pytest.raises(CommandError, match=r"took longer than 0\.5 s"):
            question()


@pytest.mark.parametrize("buildkit", [True, False])
def test_one_that_dies_while_it_builds_ends_the_build(
    place: Path, apart: Path, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, buildkit: bool
) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {BASE}\nRUN echo now; sleep 600\n")
    order = BuildOrder(context=tmp_path, dockerfile=tmp_path / "Dockerfile", references=("t/never:1",), cache=False)
    with daemon(place / f"dies-{buildkit}") as made:
        monkeypatch.setenv("DOCKER_HOST", made.url)
        engine = Docker(buildkit=buildkit)
        engine.import_root(archive, BASE, LABELS, lambda _line: None)

        def kill(line: str) -> None:
            if line.split()[-1:] == ["now"] and "sleep" not in line:
                made.kill()

        with pytest.raises(CommandError) as caught:
            engine.build(order, kill)
        assert "Cannot connect to the Docker daemon" in "".join(caught.value.tail) or caught.value.code > 0
        with pytest.raises(CommandError, match="Cannot connect to the Docker daemon"):
            engine.version()
