"""Kolla's own tree of templates becomes images: its base, what stands on it, and every way to name a source."""

import difflib
import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.conftest import kollage, podman
from tests.functional.server import archive, served
from tests.peer.conftest import made

pytestmark = pytest.mark.engine

NAMESPACE = "kollage-tree"
# what the base asks of servers that a machine without the whole internet does not reach
OVERRIDE = """\
{% extends parent_template %}
{% set base_apt_keys_override = [] %}
{% set base_remote_apt_keys_override = [] %}
{% block base_debian_after_sources_list %}
RUN printf '#!/bin/sh\\n' > /usr/local/bin/extrepo && chmod 755 /usr/local/bin/extrepo
{% endblock %}
"""
PROGRAM = "#!/bin/sh\necho here is {}\n"
PROGRAMS = {"etcd-1/etcd": PROGRAM.format("etcd"), "etcd-1/etcdctl": PROGRAM.format("etcdctl")}
COLLECTING = """\
FROM {{ namespace }}/{{ image_prefix }}base:{{ tag }}
ADD plugins-archive /
ADD additions-archive /
RUN find /plugins /additions -type f | sort > /found
"""
RUN = ("run", "--rm", "--runtime=runc", "--network=none", "--ulimit=nofile=10000:10000", "--ulimit=nproc=10000:10000")


@dataclass(frozen=True)
class Told:
    """How a run ended: what it said, and the reason of every image that is there now."""

    code: int
    said: str
    there: Mapping[str, str]

    def built(self) -> set[str]:
        return {name for name, reason in self.there.items() if reason != "unchanged"}


@dataclass(frozen=True)
class Tree:
    """Kolla's tree, and what all its builds here are told."""

    images: Path
    scratch: Path

    def build(self, *flags: str, config: str = "", patches: Path | None = None) -> Told:
        (self.scratch / "kolla-build.conf").write_text(config)
        done = kollage(
            "kolla-build",
            f"--images-dir={self.images}",
            f"--template-override={self.scratch / 'override.j2'}",
            f"--cache-dir={self.scratch / 'cache'}",
            f"--config-file={self.scratch / 'kolla-build.conf'}",
            # in every build, for the base has a step for patches where there are any
            f"--patches-path={patches or self.scratch / 'patches'}",
            f"--namespace={NAMESPACE}",
            *("--base=debian", "--engine=buildah", "--tag=1", "--retries=0"),
            *flags,
        )
        summary = json.loads(done.stdout) if done.stdout else {"built": []}
        return Told(done.returncode, done.stderr, {entry["name"]: entry["reason"] for entry in summary["built"]})


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    scratch = tmp_path_factory.mktemp("tree")
    (scratch / "override.j2").write_text(OVERRIDE)
    (scratch / "patches").mkdir()
    package = next(made().glob("lib/python3*/site-packages/kolla"))
    remove("--force")  # with the containers that a killed test left on them
    yield Tree(package / "docker", scratch)
    remove()


def remove(*flags: str) -> None:
    """Remove the tree's images; without a flag it fails where a container is left on one."""
    names = podman("images", "--format={{.Repository}}:{{.Tag}}").split()
    for name in (name for name in names if f"/{NAMESPACE}/" in name):  # the newest first
        podman("rmi", *flags, name)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with what etcd's Dockerfile takes from its source."""
    folder = tmp_path / "etcd-1"
    folder.mkdir()
    for name, text in PROGRAMS.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return folder


def inside(image: str, *command: str) -> str:
    """What a command in a container of an image prints."""
    return podman(*RUN, f"{NAMESPACE}/{image}:1", *command)


def local(folder: Path) -> str:
    return f"[etcd]\ntype = local\nlocation = {folder}\n"


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_base_and_what_stands_on_it_are_built(tree: Tree, programs: Path) -> None:
    told = tree.build("^memcached$", "^etcd$", config=local(programs))
    assert (told.code, set(told.there)) == (0, {"base", "memcached", "etcd"}), told.said
    assert inside("memcached", "memcached", "--version").startswith("memcached 1.")
    assert inside("base", "kolla_set_configs", "--help").startswith("usage: kolla_set_configs")
    assert inside("etcd", "id", "--user", "--name").strip() == "etcd"


def test_a_second_run_builds_nothing(tree: Tree, programs: Path) -> None:
    before = tree.build("^memcached$", "^etcd$", config=local(programs))
    again = tree.build("^memcached$", "^etcd$", config=local(programs))
    assert set(before.there) == set(again.there) == {"base", "memcached", "etcd"}
    assert again.built() == set()


def test_a_file_of_one_image_that_the_operator_replaces_rebuilds_that_image_alone(
    tree: Tree, programs: Path, tmp_path: Path
) -> None:
    tree.build("^memcached$", "^etcd$", config=local(programs))
    (tmp_path / "mine" / "etcd").mkdir(parents=True)
    (tmp_path / "mine" / "etcd" / "extend_start.sh").write_text("#!/bin/bash\n# mine\n")
    told = tree.build("^memcached$", "^etcd$", f"--docker-dir={tmp_path / 'mine'}", config=local(programs))
    assert (told.code, told.built()) == (0, {"etcd"}), told.said
    assert inside("etcd", "cat", "/usr/local/bin/kolla_extend_start") == "#!/bin/bash\n# mine\n"


class TestASource:
    def etcd(self, tree: Tree, config: str) -> None:
        """See that etcd is built from the programs, and nothing else is."""
        told = tree.build("^etcd$", config=config)
        assert told.code == 0, told.said
        assert told.built() <= {"base", "etcd"}
        assert inside("etcd", "etcd") == "here is etcd\n"
        assert inside("etcd", "etcdctl") == "here is etcdctl\n"

    def test_is_a_folder(self, tree: Tree, programs: Path) -> None:
        self.etcd(tree, local(programs))

    def test_is_an_archive(self, tree: Tree, programs: Path, tmp_path: Path) -> None:
        subprocess.run(["tar", "-czf", tmp_path / "etcd.tar.gz", "-C", tmp_path, programs.name], check=True)
        self.etcd(tree, local(tmp_path / "etcd.tar.gz"))

    def test_is_a_repository_at_a_reference(self, tree: Tree, programs: Path) -> None:
        git(programs, "init", "--quiet", "--initial-branch=main")
        git(programs, "add", ".")
        git(programs, "commit", "--quiet", "--message=programs")
        git(programs, "tag", "v1")
        (programs / "etcd").write_text("something else")
        git(programs, "commit", "--quiet", "--all", "--message=later")
        self.etcd(tree, f"[etcd]\ntype = git\nlocation = file://{programs}\nreference = v1\n")

    def test_is_an_address_with_its_checksum(self, tree: Tree) -> None:
        packed = archive(PROGRAMS, mode=0o755)
        with served() as site:
            site.pages["/etcd.tar.gz"] = packed
            self.etcd(tree, self.at(f"{site.address}/etcd.tar.gz", packed))

    def test_of_another_checksum_is_refused(self, tree: Tree) -> None:
        with served() as site:
            site.pages["/etcd.tar.gz"] = archive({"etcd-1/etcd": "changed on the way"})
            told = tree.build("^etcd$", config=self.at(f"{site.address}/etcd.tar.gz", b"as it was"))
        assert told.code == 1
        assert "etcd" not in told.there
        assert f"gives the sha256 {hashlib.sha256(site.pages['/etcd.tar.gz']).hexdigest()}, not " in told.said

    def test_is_a_single_file(self, tree: Tree) -> None:
        program = PROGRAM.format("cadvisor").encode()
        with served() as site:
            site.pages["/cadvisor"] = program
            config = self.at(f"{site.address}/cadvisor", program, name="prometheus-cadvisor")
            told = tree.build("^prometheus-cadvisor$", config=config)
        assert told.code == 0, told.said
        assert inside("prometheus-cadvisor", "/opt/cadvisor") == "here is cadvisor\n"

    def at(self, address: str, content: bytes, name: str = "etcd") -> str:
        digest = hashlib.sha256(content).hexdigest()
        return f"[{name}]\ntype = url\nlocation = {address}\nsha256 = amd64:{digest},arm64:{digest}\n"


def test_plugins_and_additions_lie_where_templates_expect_them(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "mine" / "collecting").mkdir(parents=True)
    (tmp_path / "mine" / "collecting" / "Dockerfile.j2").write_text(COLLECTING)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "setup.py").touch()
    (tmp_path / "two.tar.gz").write_bytes(archive({"two-2.0/policy.yaml": ""}))
    config = "".join(
        f"[collecting-{kind}-{name}]\ntype = local\nlocation = {tmp_path / place}\n"
        for kind, name, place in (("plugin", "one", "one"), ("additions", "two", "two.tar.gz"))
    )
    told = tree.build("^collecting$", f"--docker-dir={tmp_path / 'mine'}", config=config)
    assert told.code == 0, told.said
    assert inside("collecting", "cat", "/found").split() == ["/additions/two-2.0/policy.yaml", "/plugins/one/setup.py"]


def test_a_patch_is_applied_in_the_image(tree: Tree, programs: Path, tmp_path: Path) -> None:
    here = (tree.images / "etcd" / "extend_start.sh").read_text().splitlines(keepends=True)
    patched = [*here[:1], "# patched\n", *here[1:]]
    there = "usr/local/bin/kolla_extend_start"
    (tmp_path / "patches" / "etcd").mkdir(parents=True)
    (tmp_path / "patches" / "etcd" / "series").write_text("mine.patch\n")
    (tmp_path / "patches" / "etcd" / "mine.patch").write_text(
        "".join(difflib.unified_diff(here, patched, there, there))
    )
    told = tree.build("^etcd$", config=local(programs), patches=tmp_path / "patches")
    assert (told.code, told.built()) == (0, {"etcd"}), told.said
    assert inside("etcd", "cat", f"/{there}") == "".join(patched)
