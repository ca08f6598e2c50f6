"""What buildah and podman do alike: both build, push and name images with the same library, without a daemon."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from kollage import process
from kollage.engines import BuildOrder, Engine, dockerfile
from kollage.engines.arguments import (
    RUN_FILE,
    TIMEOUT,
    build_arguments,
    each,
    for_platform,
    mount_arguments,
    require_one_platform,
)
from kollage.engines.containers import Containers
from kollage.engines.control_groups import seen_as_two
from kollage.process import CommandError, OnLine

SYSTEMD = ("--systemd=always",)  # all that podman has to be told for it to be the first process
_LOCALHOST = "localhost/"  # the prefix that both give to names without a registry
_HALF_MADE = 'item named "manifest" for image'  # what a listing trips over while another build adds an image
_UNSEALED = "sealing memfd copy"  # the kernel still holds a page of the program's copy that a RUN line starts with
_STATE = "*-containers/*/userdata/buildah.json"
_LOOKS = 20
_PAUSE = 0.5  # seconds


def references(names: Iterable[str] | None) -> tuple[str, ...]:
    """The names of an image as the core writes them."""
    return tuple(name.removeprefix(_LOCALHOST) for name in names or ())


def version_in(answer: str) -> str:
    """The version in an answer such as `podman version 5.4.2`."""
    match = re.search(r"version (\S+)", answer)
    return match.group(1) if match else answer.strip()


def is_between(name: str) -> bool:
    """Whether an image is one between two steps of a build: it has no name, or one that podman makes up for it."""
    return not name or name.endswith("-tmp:latest")


def began_with(history: Iterable[Mapping[str, Any]]) -> str:
    """The name of the image with which a build began, by the history of an image between its steps; "" if unknown."""
    told = [str(entry.get("comment", "")).partition("FROM ")[2] for entry in history]
    names = [name for name in told if "/" in name]  # others are such images in turn, by their ids
    return references(names)[-1] if names else ""


def working_for(run: Path, store: Path) -> frozenset[str]:
    """The containers of a store in which a run works.

    What both keep of a container that they build in names the run: see `build_command` and `opened_by_buildah`.
    """
    return frozenset(file.parents[1].name for file in store.glob(_STATE) if _names(file, run))


def _names(file: Path, run: Path) -> bool:
    try:
        return run.name in file.read_text("utf-8")
    except OSError:  # it has gone meanwhile
        return False


def containers(program: tuple[str, ...], limits: tuple[str, ...], *, systemd: bool) -> Containers:
    """What runs containers here; see `Engine.containers`."""
    if not systemd:
        return Containers(program, limits)
    before = seen_as_two()
    uncounted = ("--pids-limit=0",) if before else ()  # what counts processes belongs to version 1 there
    return Containers((*before, *program), limits, (*SYSTEMD, *uncounted))


def import_root(
    engine: Engine, archive: Path, reference: str, labels: Mapping[str, str], on_line: OnLine, platform: str
) -> str:
    """Make an image of a root file system as a build, which takes any label; `podman import` does not."""
    text = archive.with_suffix(".Dockerfile")
    text.write_text(f"FROM scratch\nADD {archive.name} /\n", encoding="utf-8")
    order = BuildOrder(
        context=archive.parent,
        dockerfile=text,
        references=(reference,),
        labels=labels,
        cache=False,
        platform=platform,
    )
    return engine.build(order, on_line)


def build_command(
    program: Sequence[str], order: BuildOrder, *, isolation: str, limits: Iterable[str], more: Iterable[str]
) -> list[str]:
    """The command line of a build."""
    require_one_platform(order, program[0])
    return [
        *program,
        "build",
        *_isolated(order, isolation),
        *_layers(order),
        "--pull=missing",
        f"--force-rm={str(not order.keep).lower()}",
        "--format=docker",  # the only one that keeps SHELL and HEALTHCHECK of templates
        *each("--ulimit", limits),
        *build_arguments(order),
        *mount_arguments(order),
        # no step asks for it, and what is kept of the container names it
        *([f"--secret=id=kollage-run,src={order.run / RUN_FILE}"] if order.run else ()),
        *more,
        str(order.context),
    ]


def pull(program: Sequence[str], reference: str, on_line: OnLine, platform: str = "", *, plain: bool = False) -> None:
    """Pull an image, for the host's platform unless another is named."""
    policy = ["--policy=always"] if program[0] == "buildah" else []  # else it looks no further than its own store
    flags = [*policy, *for_platform(platform), *(["--tls-verify=false"] if plain else []), *once(program, "pull")]
    process.run([*program, "pull", *flags, reference], on_line=on_line)


def push(program: Sequence[str], reference: str, on_line: OnLine, *, plain: bool) -> str:
    """Push an image and give the digest that its registry has."""
    flags = [*tls(plain=plain), *once(program, "push")]
    with TemporaryDirectory(prefix="kollage-digest-") as folder:
        digest = Path(folder, "digest")
        process.run([*program, "push", f"--digestfile={digest}", *flags, reference], on_line=on_line)
        return digest.read_text(encoding="utf-8").strip()


def push_index(program: Sequence[str], reference: str, members: Sequence[str], on_line: OnLine, *, plain: bool) -> None:
    """Push an index of images that are in the store; it is made under a name that nobody else has, and goes again."""
    name = f"kollage-index-{uuid4().hex}"
    process.run([*program, "manifest", "create", name], timeout=TIMEOUT)
    try:
        for member in members:
            process.run([*program, "manifest", "add", name, f"containers-storage:{member}"], on_line=on_line)
        target = f"docker://{reference}"
        process.run([*program, "manifest", "push", "--all", *tls(plain=plain), name, target], on_line=on_line)
    finally:
        process.run([*program, "manifest", "rm", name], after_end=True)


def tls(*, plain: bool) -> list[str]:
    """The flag that allows a registry without TLS."""
    return ["--tls-verify=false"] if plain else []


def once(program: Sequence[str], verb: str) -> list[str]:
    """The flags that keep the engine from trying again by itself, which `Retrying` does, where it has them.

    buildah does so whatever number it is given, but without the pauses that would come on top.
    """
    known = "--retry " in process.run([*program, verb, "--help"], timeout=TIMEOUT)
    return ["--retry=0", "--retry-delay=10ms"] if known else []


def _isolated(order: BuildOrder, isolation: str) -> list[str]:
    if isolation == "chroot" and order.network != "host":
        return []  # there, RUN lines have the host's network and no other: the engine's own way has all
    return [f"--isolation={isolation}"]


def _layers(order: BuildOrder) -> list[str]:
    """One layer for all that an image adds, unless layers are needed.

    What RUN lines bind is not among the things by which the engine knows a layer again, so it would give stale ones
    for an image that binds. And only a build in layers can leave its container behind.
    """
    if order.squash:
        return ["--layers=false"]
    if order.cache and not dockerfile.binds(dockerfile.read(order.dockerfile)):
        return ["--layers=true"]
    return ["--layers=true", "--no-cache"] if order.keep else ["--layers=false"]


def listed(ask: Callable[[], str]) -> str:
    """What a store says that it has, asked again where another build was just adding an image."""
    return _again(ask, _HALF_MADE)


def built(build: Callable[[], str]) -> str:
    """The id of what a build made, begun anew where the kernel was not ready for the program that runs its lines."""
    return _again(build, _UNSEALED)


def _again(ask: Callable[[], str], passing: str) -> str:
    for _ in range(_LOOKS - 1):
        try:
            return ask()
        except CommandError as error:
            if not any(passing in line for line in error.tail):
                raise
            process.pause(_PAUSE)
    return ask()
