"""docker: builds with BuildKit through `docker buildx`, else with the classic builder."""

import json
import shlex
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kollage import process
from kollage.engines import BuildOrder, Local, dockerfile, squashing
from kollage.engines.arguments import (
    QUICK,
    TIMEOUT,
    answered,
    build_arguments,
    bytes_of,
    each,
    facts,
    for_platform,
    look_for_newer_parents,
    merged,
    mount_arguments,
    own_limits,
    remove_each,
    require_one_platform,
    run_build,
)
from kollage.engines.containers import Containers
from kollage.engines.control_groups import require_two
from kollage.engines.imagefile import write_image
from kollage.engines.looking import Opened, opened_by_copy
from kollage.errors import EngineError, UsageError
from kollage.process import CommandError, OnLine

_SYSTEMD = (  # what podman gives such containers by itself; the right to its own control groups came with Docker 28
    "--cgroupns=private",
    "--security-opt=writable-cgroups=true",
    "--stop-signal=SIGRTMIN+3",
    *(f"--tmpfs={folder}" for folder in ("/run", "/run/lock", "/tmp")),  # noqa: S108 - the container's own
)
_NO_CONTEXTS = "frontend.contexts"  # what a BuildKit that knows no further build contexts calls them


class Builder(StrEnum):
    """What builds in docker."""

    BUILDKIT = "BuildKit"
    CLASSIC = "the classic builder"


# the classic builder is asked for; and no record of the build that would make an index of each image
_ENVIRON = {
    Builder.BUILDKIT: {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"},
    Builder.CLASSIC: {"DOCKER_BUILDKIT": "0"},
}


@dataclass(frozen=True, slots=True)
class Docker:
    """The engine for the command `docker`, with its daemon behind it."""

    buildkit: bool = True
    builder: str = ""  # of BuildKit; "": the active one
    squash_cleanup: bool = True  # whether the image that was squashed goes
    squash_tmp_dir: Path | None = None  # None: the system's
    limits: tuple[str, ...] = field(default_factory=own_limits)
    timeout: float = TIMEOUT
    name: str = "docker"

    def version(self) -> str:
        """See `Engine.version`."""
        return self._ask("version", "--format={{.Server.Version}}").strip()

    def about(self) -> Mapping[str, str]:
        """See `Engine.about`."""
        places = {
            "version": "ServerVersion",
            "store": "DockerRootDir",
            "driver": "Driver",
            "rootless": "SecurityOptions",
        }
        known = facts(lambda: self._info(QUICK), **places)
        return {
            **known,
            "rootless": "unknown" if known["rootless"] == "unknown" else str("name=rootless" in known["rootless"]),
            "free": answered(lambda: shutil.disk_usage(known["store"]).free),
            "builder": answered(self.builder_kind),
        }

    def builder_kind(self) -> Builder:
        """What builds here: BuildKit, unless it is not wanted or `docker buildx` does not answer."""
        if not self.buildkit:
            return Builder.CLASSIC
        try:
            self._ask("buildx", "version")
        except CommandError:
            return Builder.CLASSIC
        return Builder.BUILDKIT

    def require_squashing(self) -> None:
        """See that what builds here squashes. Raises `UsageError` or `EngineError`."""
        if self.builder_kind() is Builder.BUILDKIT:
            raise UsageError(
                "BuildKit does not squash images", hint="leave out --squash, or write buildkit = false into the file"
            )
        squashing.require()

    def images(self, label: str = "") -> tuple[Local, ...]:
        """See `Engine.images`."""
        chosen = each("--filter", [f"label={label}"] if label else [])
        text = self._ask("images", "--no-trunc", "--format={{json .}}", *chosen, after_end=True)
        return merged(map(_local, map(json.loads, text.splitlines())))

    def free_bytes(self) -> int:
        """See `Engine.free_bytes`."""
        root = Path(self._ask("info", "--format={{.DockerRootDir}}").strip())
        return shutil.disk_usage(root if root.exists() else Path("/")).free

    def unfinished(self) -> Mapping[str, str]:
        """See `Engine.unfinished`: the daemon keeps its own order."""
        return {}

    def working_for(self, run: Path) -> None:
        """See `Engine.working_for`."""

    def discard(self, containers: Iterable[str]) -> None:
        """See `Engine.discard`."""

    def build(self, order: BuildOrder, on_line: OnLine) -> str:
        """See `Engine.build`."""
        kind = self.builder_kind()
        self._require(order, kind)
        on_line(f"docker builds with {kind}")
        if order.pull:
            look_for_newer_parents(
                order, lambda name: self._pull(name, on_line, order.platform), self._is_there, on_line
            )
        if order.squash:
            return self._build_squashed(order, on_line)
        return self._run_build(kind, order, on_line)

    def command(self, order: BuildOrder) -> str:
        """See `Engine.command`."""
        kind = self.builder_kind()
        return shlex.join(
            ["env", *(f"{key}={value}" for key, value in _ENVIRON[kind].items()), *self._build(kind, order)]
        )

    def pull(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:  # noqa: ARG002 - the daemon's choice
        """See `Engine.pull`."""
        self._pull(reference, on_line)
        return self._id(reference)

    def tag(self, image: str, reference: str) -> None:
        """See `Engine.tag`."""
        self._ask("tag", image, reference)

    def push(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:  # noqa: ARG002 - the daemon's choice
        """See `Engine.push`; without TLS the daemon goes to registries of this machine and those that it was told."""
        before = self._digests(reference)
        process.run(["docker", "push", reference], on_line=on_line)
        after = self._digests(reference)
        if not after:
            raise EngineError(f"docker does not tell the digest of {reference}", hint="see 'docker image inspect'")
        return (sorted(after - before) or sorted(after))[-1]

    def push_index(self, reference: str, members: Sequence[str], on_line: OnLine, *, plain: bool = False) -> None:
        """See `Engine.push_index`."""
        if self.builder_kind() is Builder.BUILDKIT:
            process.run(["docker", "buildx", "imagetools", "create", f"--tag={reference}", *members], on_line=on_line)
            return
        insecure = ["--insecure"] if plain else []
        process.run(["docker", "manifest", "create", *insecure, reference, *members], on_line=on_line)
        process.run(["docker", "manifest", "push", "--purge", *insecure, reference], on_line=on_line)

    def remove(self, images: Iterable[str]) -> None:
        """See `Engine.remove`."""
        remove_each(images, self.images(), lambda name: process.run(["docker", "rmi", name]))

    def opened(self, reference: str, run: Path | None = None) -> AbstractContextManager[Opened]:
        """See `Engine.opened`."""
        return opened_by_copy(("docker",), reference, self.limits, run)

    def containers(self, *, systemd: bool = False) -> Containers:
        """See `Engine.containers`."""
        if systemd:
            require_two(self._ask("info", "--format={{.CgroupVersion}}").strip())
        return Containers(("docker",), self.limits, _SYSTEMD if systemd else ())

    def import_root(
        self, archive: Path, reference: str, labels: Mapping[str, str], on_line: OnLine, *, platform: str = ""
    ) -> str:
        """See `Engine.import_root`."""
        with TemporaryDirectory(prefix="kollage-image-", dir=archive.parent) as folder:
            image = Path(folder, "image.tar")
            write_image(archive, image, reference, labels, platform)
            process.run(["docker", "load", f"--input={image}"], on_line=on_line)
        return self._id(reference)

    def _pull(self, reference: str, on_line: OnLine, platform: str = "") -> None:
        process.run(["docker", "pull", *for_platform(platform), reference], on_line=on_line)

    def _require(self, order: BuildOrder, kind: Builder) -> None:
        """See that this builder can do what an order needs."""
        require_one_platform(order, "docker")
        if order.squash:
            self.require_squashing()
        if kind is Builder.BUILDKIT:
            return
        unknown = dockerfile.beyond_classic(dockerfile.read(order.dockerfile), order.contexts)
        if unknown:
            raise EngineError(
                f"docker's classic builder does not know {unknown}, which {order.references[0]} needs",
                hint="install docker's buildx plugin and leave buildkit on, or use --engine buildah",
            )

    def _build_squashed(self, order: BuildOrder, on_line: OnLine) -> str:
        parent = dockerfile.final_parent(dockerfile.read(order.dockerfile))
        image = self._run_build(Builder.CLASSIC, replace(order, references=()), on_line)
        if len(self._layers(image)) > 1 + len(self._layers(parent) if parent else ()):
            stays = self._id(parent) if parent else ""
            folder, cleanup = self.squash_tmp_dir, self.squash_cleanup
            squashing.squash(image, stays, order.references[0], on_line, cleanup=cleanup, folder=folder)
            image = self._id(order.references[0])
        for reference in order.references:
            self.tag(image, reference)
        return image

    def _run_build(self, kind: Builder, order: BuildOrder, on_line: OnLine) -> str:
        with _explained():
            return run_build(lambda *more: self._build(kind, order, *more), order, on_line, environ=_ENVIRON[kind])

    def _build(self, kind: Builder, order: BuildOrder, *more: str) -> list[str]:
        common = [*self._cache(order), *build_arguments(self._named(order)), *more, str(order.context)]
        if kind is Builder.CLASSIC:
            kept = [] if order.keep else ["--force-rm"]
            return ["docker", "build", *kept, *each("--ulimit", self.limits), *common]
        builder = each("--builder", [self.builder] if self.builder else [])
        used = dockerfile.mentioned(dockerfile.read(order.dockerfile), order.contexts)
        mounts = mount_arguments(replace(order, contexts={name: order.contexts[name] for name in used}))
        return ["docker", "buildx", "build", *builder, "--load", "--progress=plain", *mounts, *common]

    def _cache(self, order: BuildOrder) -> list[str]:
        return [] if order.cache else ["--no-cache"]

    def _named(self, order: BuildOrder) -> BuildOrder:
        """The order with docker's own word for a network of the build's own."""
        return replace(order, network="default") if order.network == "private" else order

    def _digests(self, reference: str) -> set[str]:
        """The digests by which registries know an image under the name's own repository."""
        repository = reference.rpartition(":")[0].removeprefix("docker.io/").removeprefix("library/")
        known = json.loads(self._ask("image", "inspect", "--format={{json .RepoDigests}}", reference)) or []
        return {digest for name, _, digest in (pair.partition("@") for pair in known) if name == repository}

    def _layers(self, reference: str) -> list[str]:
        return list(json.loads(self._ask("image", "inspect", "--format={{json .RootFS.Layers}}", reference)) or ())

    def _is_there(self, reference: str) -> bool:
        try:
            return bool(self._id(reference))
        except CommandError:
            return False

    def _id(self, reference: str) -> str:
        return self._ask("image", "inspect", "--format={{.Id}}", reference).strip().removeprefix("sha256:")

    def _info(self, timeout: float | None = None) -> Any:
        return json.loads(self._ask("info", "--format={{json .}}", timeout=timeout))

    def _ask(self, *arguments: str, timeout: float | None = None, after_end: bool = False) -> str:
        return process.run(["docker", *arguments], timeout=timeout or self.timeout, after_end=after_end)


def _local(row: Mapping[str, str]) -> Local:
    name = f"{row['Repository']}:{row['Tag']}"
    return Local(
        id=row["ID"].removeprefix("sha256:"),
        references=() if "<none>" in name else (name,),
        size=bytes_of(row["Size"]),
        also=() if "<none>" in name else _long(name),
    )


def _long(name: str) -> tuple[str, ...]:
    """What a name that docker lists without its registry is in full."""
    first, slash, _ = name.partition("/")
    if not slash:
        return (f"docker.io/library/{name}", f"docker.io/{name}")
    return () if "." in first or ":" in first or first == "localhost" else (f"docker.io/{name}",)


@contextmanager
def _explained() -> Iterator[None]:
    """Say in plain words what a builder that is too old means."""
    try:
        yield
    except CommandError as error:
        if any(_NO_CONTEXTS in line for line in error.tail):
            raise EngineError(
                "the BuildKit of this docker knows no further build contexts",
                hint="docker 23 and later do; or use --engine buildah",
            ) from error
        raise
