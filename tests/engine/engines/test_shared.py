"""What one machine pushed is not built by another: two engines' stores, and one real registry between them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.conftest import kollage
from tests.engine.engines.conftest import BASE, Server, daemon, output, store

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("apart")]

FROM = "FROM {{ namespace }}/{{ image_prefix }}%s:{{ tag }}\nRUN echo %s > /%s\n"
STEPS = {"build:base", "build:app", "build:app-api"}


@dataclass(frozen=True)
class Machine:
    """A machine with one engine, which knows the registry and the tree."""

    engine: str
    cache: Path
    tree: Path
    server: Server

    def run(self, verb: str, *flags: str) -> tuple[dict[str, tuple[str, str]], str]:
        """What is said of each step, by its id, and what is said beside."""
        own = [f"--engine={self.engine}", f"--cache-dir={self.cache}", f"--images-dir={self.tree}", "--format=json"]
        base = [f"--base-image={self.server.host}/t/base", "--base-tag=1", "--nobuildkit"]
        done = kollage(verb, *own, *base, f"--registry={self.server.host}", "--tag=1", *flags)
        assert done.returncode == 0, done.stderr + done.stdout
        said = json.loads(done.stdout)
        rows = said["results"] if verb == "build" else said["steps"]
        return {row["step"]: (row.get("status") or row["action"], row["reason"]) for row in rows}, done.stderr

    def names(self) -> set[str]:
        """The names of the images in its store, without the registry's."""
        shown = output(self.engine, "images", "--format={{.Repository}}:{{.Tag}}").split()
        return {name.partition("/")[2] for name in shown if "fp-" not in name}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Three images with whole Dockerfiles, each on the one before."""
    texts = {
        "base": "FROM {{ base_image }}:{{ base_distro_tag }}\nRUN echo base > /base\n",
        "app": FROM % ("base", "app", "app"),
        "app-api": FROM % ("app", "api", "api"),
    }
    for name, text in texts.items():
        (tmp_path / "docker" / name).mkdir(parents=True)
        (tmp_path / "docker" / name / "Dockerfile.j2").write_text(text)
    return tmp_path / "docker"


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    return serve()


@contextmanager
def with_buildah(tmp_path: Path, tree: Path, server: Server, archive: Path) -> Iterator[Machine]:
    """The first machine, which has the base and pushes it."""
    folder = tmp_path / "first"
    folder.mkdir()
    with store(folder):
        (folder / "Dockerfile").write_text(f"FROM scratch\nADD {archive.name} /\n")
        output("buildah", "bud", f"--tag={server.host}/t/{BASE.partition('/')[2]}", "--isolation=chroot",
               f"--file={folder / 'Dockerfile'}", str(archive.parent))  # fmt: skip
        output("buildah", "push", "--tls-verify=false", f"{server.host}/t/base:1")
        yield Machine("buildah", folder / "cache", tree, server)


@contextmanager
def with_docker(folder: Path, tmp_path: Path, tree: Path, server: Server) -> Iterator[Machine]:
    """The second machine, which has nothing."""
    with pytest.MonkeyPatch.context() as patch, daemon(folder) as made:
        patch.setenv("DOCKER_HOST", made.url)
        yield Machine("docker", tmp_path / "second", tree, server)


def test_a_machine_that_never_built_takes_what_it_needs_and_no_more(
    place: Path, tmp_path: Path, tree: Path, server: Server, archive: Path
) -> None:
    with with_buildah(tmp_path, tree, server, archive) as first:
        results, _ = first.run("build", "--push")
        assert {results[step][0] for step in STEPS} == {"built"}
        again, _ = first.run("build", "--push")
        assert {status for status, _ in again.values()} == {"reused"}
    with with_docker(place / "taking", tmp_path, tree, server) as second:
        planned, _ = second.run("plan")
        results, said = second.run("build")
        assert {results[step] for step in STEPS} == {("reused", "the registry has it")}
        assert second.names() == {"t/base:1"}, planned
        assert said == ""

        (tree / "app-api" / "Dockerfile.j2").write_text(FROM % ("app", "changed", "api"))
        results, _ = second.run("build")
        assert results["build:base"] == ("reused", "the registry has it")
        assert results["build:app"] == ("pulled", "the registry has it: app-api is built on it")
        assert results["build:app-api"][0] == "built"
        assert second.names() == {"t/base:1", "kolla/app:1", "kolla/app-api:1"}
        assert output("docker", "run", "--rm", "--network=none", f"{server.host}/kolla/app-api:1", "cat", "/base",
                      "/app", "/api") == "base\napp\nchanged\n"  # fmt: skip


def test_a_tag_that_lies_is_refused(place: Path, tmp_path: Path, tree: Path, server: Server, archive: Path) -> None:
    with with_buildah(tmp_path, tree, server, archive) as first:
        first.run("build", "--push")
        names = output("buildah", "images", "--format={{.Name}}:{{.Tag}}").split()
        tags = {name.rpartition("/")[2].partition(":")[0]: name for name in names if ":fp-" in name}
        output("buildah", "push", "--tls-verify=false", tags["app"], f"docker://{tags['app-api']}")
    with with_docker(place / "refusing", tmp_path, tree, server) as second:
        results, said = second.run("build")
        assert "is not what its tag says" in said
        assert results["build:base"][0] == "reused"
        assert results["build:app"][0] == "pulled"
        assert results["build:app-api"] == ("built", "never built")
