"""What the command lines of all engines have in common."""

import resource
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from kollage import process
from kollage.engines import BuildOrder
from kollage.process import OnLine

_ASKED_FOR = 1_048_576  # what newer engines ask for of each kind
_ENOUGH = 32_768  # for any build; what older engines give themselves, and cannot raise again without privileges
_UNITS = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def each(flag: str, values: Iterable[str]) -> list[str]:
    """The flag once for every value."""
    return [f"{flag}={value}" for value in values]


def pairs(mapping: Mapping[str, object]) -> list[str]:
    """`name=value` of a mapping, in order of the names."""
    return [f"{name}={value}" for name, value in sorted(mapping.items())]


def build_arguments(order: BuildOrder) -> list[str]:
    """The flags of a build that buildah, podman and docker buildx understand alike."""
    return [
        f"--network={order.network}",
        f"--file={order.dockerfile}",
        *each("--tag", order.references),
        *each("--label", pairs(order.labels)),
        *each("--build-arg", pairs(order.build_args)),
        *each("--build-context", pairs(order.contexts)),
        *each("--secret", [f"id={name},src={path}" for name, path in sorted(order.secrets.items())]),
        *([f"--platform={order.platform}"] if order.platform else []),
    ]


def run_build(command: Callable[[str], Sequence[str]], on_line: OnLine, temporary: Path | None = None) -> str:
    """Run a build and give the image's id, which every engine writes into the file of `--iidfile`.

    `command` makes the command line from that flag. `temporary` is a folder of the user's own for what the engine
    keeps between builds.
    """
    environ = {"TMPDIR": str(temporary)} if temporary else None
    if temporary:
        temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("r", prefix="kollage-id-", dir=temporary) as iidfile:
        process.run(command(f"--iidfile={iidfile.name}"), on_line=on_line, env=environ)
        return iidfile.read().strip().removeprefix("sha256:")


def own_limits() -> tuple[str, ...]:
    """The limits of this process, where they are lower than what engines ask for by default.

    A container of a build may not have more than the host allows, and newer engines stop instead of asking for less.
    """
    hard = {
        "nofile": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "nproc": resource.getrlimit(resource.RLIMIT_NPROC)[1],
    }
    limits = {name: min(limit, _ENOUGH) for name, limit in hard.items() if 0 <= limit < _ASKED_FOR}
    return tuple(f"{name}={limit}:{limit}" for name, limit in limits.items())


def bytes_of(size: str) -> int:
    """The number that a text such as `124 MB` or `1.2GB` stands for."""
    digits = size.strip().rstrip("kKMGTB").strip()
    unit = size.strip()[len(digits) :].strip()
    return round(float(digits) * _UNITS.get(unit, 1))
