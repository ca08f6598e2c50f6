"""What the command lines of all engines have in common."""

import resource
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kollage import process
from kollage.engines import BuildOrder, Local, dockerfile
from kollage.errors import KollageError, UsageError
from kollage.process import CommandError, OnLine

RUN_FILE = "lock"  # what is in the folder of every run
TIMEOUT = 120.0  # seconds that an engine has for a short question
QUICK = 10.0  # seconds for one whose answer is not needed
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
    """The flags of a build that every builder understands alike."""
    return [
        f"--network={order.network}",
        f"--file={order.dockerfile}",
        *each("--tag", order.references),
        *each("--label", pairs(order.labels)),
        *each("--build-arg", pairs(order.build_args)),
        *each("--build-arg", sorted(order.inherited)),  # without a value: the engine takes it from its environment
        *for_platform(order.platform),
    ]


def for_platform(platform: str) -> list[str]:
    """The flag for a platform that is not simply the host's."""
    return [f"--platform={platform}"] if platform else []


def mount_arguments(order: BuildOrder) -> list[str]:
    """The flags for what RUN lines may see and the image does not keep."""
    return [
        *each("--build-context", pairs(order.contexts)),
        *each("--secret", [f"id={name},src={path}" for name, path in sorted(order.secrets.items())]),
    ]


def run_build(
    command: Callable[[str], Sequence[str]],
    order: BuildOrder,
    on_line: OnLine,
    temporary: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> str:
    """Run a build and give the image's id, which every engine writes into the file of `--iidfile`.

    `command` makes the command line from that flag. `temporary` is a folder of the user's own for what the engine
    keeps between builds.
    """
    told = {**(environ or {}), **order.inherited, **({"TMPDIR": str(temporary)} if temporary else {})}
    if temporary:
        temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="kollage-id-", dir=temporary) as folder:  # docker removes the file when it fails
        iidfile = Path(folder, "id")
        iidfile.touch()
        process.run(command(f"--iidfile={iidfile}"), on_line=on_line, env=told)
        return iidfile.read_text(encoding="utf-8").strip().removeprefix("sha256:")


def look_for_newer_parents(
    order: BuildOrder, pull: Callable[[str], object], is_there: Callable[[str], bool], on_line: OnLine
) -> None:
    """Pull what the stages of an order begin with; where that fails, the parent that is there is used.

    The engines' own flags for this differ in what they mean, from version to version, and some end a build where a
    registry does not answer.
    """
    for parent in dockerfile.parents(dockerfile.read(order.dockerfile)):
        try:
            pull(parent)
        except CommandError:
            if not is_there(parent):
                raise
            on_line(f"no newer {parent} can be had; the one that is there is used")


def require_one_platform(order: BuildOrder, engine: str) -> None:
    """See that an order is for no more than one platform, where more cannot be had."""
    if "," in order.platform:
        raise UsageError(
            f"{engine} builds for one platform at a time, not for {order.platform}",
            hint="give an order for each",
        )


def merged(rows: Iterable[Local]) -> tuple[Local, ...]:
    """Each image once, with all its names, from a list that has a row for every name."""
    found: dict[str, Local] = {}
    for row in rows:
        known = found.get(row.id, replace(row, references=(), also=()))
        names, others = (*known.references, *row.references), (*known.also, *row.also)
        found[row.id] = replace(known, references=tuple(dict.fromkeys(names)), also=tuple(dict.fromkeys(others)))
    return tuple(found.values())


def remove_each(images: Iterable[str], store: Iterable[Local], remove: Callable[[str], object]) -> None:
    """Remove images under all their names, and the parents among them after their children.

    An engine refuses an id that has several names, unless it is forced, which would take containers along.
    """
    named = {image.id: image.references for image in store}
    waiting = [name for image in images for name in named.get(image) or (image,)]
    while waiting:
        failures: dict[str, CommandError] = {}
        for name in waiting:
            try:
                remove(name)
            except CommandError as error:
                failures[name] = error
        if len(failures) == len(waiting):
            raise failures[waiting[0]]
        waiting = list(failures)


def answered(question: Callable[[], object]) -> str:
    """An answer as a text; `unknown` where there is none, for an engine of another age may say less."""
    try:
        return str(question())
    except (KollageError, OSError, ValueError, LookupError, TypeError):
        return "unknown"


def facts(question: Callable[[], object], **places: str) -> Mapping[str, str]:
    """What an engine says of itself, asked once; each name with its place in the answer, such as `store.graphRoot`."""
    answer: object = None
    with suppress(KollageError, ValueError):
        answer = question()
    return {name: answered(partial(_at, answer, place)) for name, place in places.items()}


def _at(answer: Any, place: str) -> object:
    for part in place.split("."):
        answer = answer[part]
    return answer


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
