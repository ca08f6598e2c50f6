"""What buildah and podman do alike: both build, push and name images with the same library, without a daemon."""

import re
import tempfile
from collections.abc import Iterable, Sequence

from kollage import process
from kollage.engines import BuildOrder, dockerfile
from kollage.engines.arguments import TIMEOUT, build_arguments, each, mount_arguments, require_one_platform
from kollage.process import OnLine

_LOCALHOST = "localhost/"  # the prefix that both give to names without a registry


def references(names: Iterable[str] | None) -> tuple[str, ...]:
    """The names of an image as the core writes them."""
    return tuple(name.removeprefix(_LOCALHOST) for name in names or ())


def version_in(answer: str) -> str:
    """The version in an answer such as `podman version 5.4.2`."""
    match = re.search(r"version (\S+)", answer)
    return match.group(1) if match else answer.strip()


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
        f"--pull={'newer' if order.pull else 'missing'}",  # `true` fails in podman where a registry does not answer
        f"--force-rm={str(not order.keep).lower()}",
        "--format=docker",  # the only one that keeps SHELL and HEALTHCHECK of templates
        *each("--ulimit", limits),
        *build_arguments(order),
        *mount_arguments(order),
        *more,
        str(order.context),
    ]


def push(program: Sequence[str], reference: str, on_line: OnLine, *, plain: bool) -> str:
    """Push an image and give the digest that its registry has."""
    flags = [*tls(plain=plain), *once(program, "push")]
    with tempfile.NamedTemporaryFile("r", prefix="kollage-digest-") as file:
        process.run([*program, "push", f"--digestfile={file.name}", *flags, reference], on_line=on_line)
        return file.read().strip()


def tls(*, plain: bool) -> list[str]:
    """The flag that allows a registry without TLS."""
    return ["--tls-verify=false"] if plain else []


def once(program: Sequence[str], verb: str) -> list[str]:
    """The flag that keeps the engine from trying again by itself, which `Retrying` does, where it has one."""
    return ["--retry=0"] if "--retry " in process.run([*program, verb, "--help"], timeout=TIMEOUT) else []


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
