"""Look into an image without starting what it is for: its root file system, its configuration, a command in it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

from kollage import process
from kollage.engines.containers import RUN_LABEL

Run = Callable[[Sequence[str], str], str]  # a command and its input -> its output


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An image that is open: `root` can be read, `run` runs a command in it and gives what it printed."""

    root: Path
    configuration: Mapping[str, object]
    history: tuple[str, ...]
    labels: Mapping[str, str]
    architecture: str
    run: Run = field(repr=False)


@contextmanager
def opened_by_buildah(reference: str, run: Path | None = None) -> Iterator[Opened]:
    """Open an image of the store that buildah and podman share; the container's name says whose run that is."""
    own = f"{run.name if run else 'kollage'}-{token_hex(4)}"
    container = process.run(["buildah", "from", "--pull-never", f"--name={own}", reference]).strip()
    try:
        root = Path(process.run(["buildah", "mount", container]).strip())
        facts = json.loads(process.run(["buildah", "inspect", container]))["Docker"]

        def called(command: Sequence[str], text: str = "") -> str:
            return process.run(
                ["buildah", "run", "--isolation=chroot", "--user=0", container, "--", *command], stdin=text
            )

        yield _opened(root, facts, called)
    finally:
        process.run(["buildah", "rm", container], after_end=True)


@contextmanager
def opened_by_copy(
    program: Sequence[str], reference: str, limits: Sequence[str] = (), run: Path | None = None
) -> Iterator[Opened]:
    """Open an image with podman or docker, wherever their store is: its root file system is a copy."""
    label = [f"--label={RUN_LABEL}={run}"] if run else []
    container = process.run([*program, "create", *label, reference]).strip()
    try:
        with TemporaryDirectory(prefix="kollage-root-") as folder:
            yield _opened(
                _copied(program, container, Path(folder)),
                _facts(program, reference),
                _runner(program, reference, limits),
            )
    finally:
        process.run([*program, "rm", container], after_end=True)


def _copied(program: Sequence[str], container: str, folder: Path) -> Path:
    archive, root = folder / "root.tar", folder / "root"
    root.mkdir()
    process.run([*program, "export", f"--output={archive}", container])
    unpack = ["tar", "--extract", "--numeric-owner", "--preserve-permissions", f"--file={archive}"]
    process.run(unpack, cwd=root)
    archive.unlink()
    return root


def _facts(program: Sequence[str], reference: str) -> Mapping[str, Any]:
    """What an image says of itself, in the words of the image format."""
    told = json.loads(process.run([*program, "image", "inspect", reference]))[0]
    lines = process.run([*program, "history", "--no-trunc", "--format={{.CreatedBy}}", reference]).splitlines()
    return {
        "config": told["Config"],
        "architecture": told["Architecture"],
        "history": [{"created_by": line} for line in lines],
    }


def _runner(program: Sequence[str], reference: str, limits: Sequence[str]) -> Run:
    flags = ["--rm", "--interactive", "--network=none", "--user=0", "--entrypoint="]

    def run(command: Sequence[str], text: str = "") -> str:
        return process.run(
            [*program, "run", *flags, *(f"--ulimit={limit}" for limit in limits), reference, *command], stdin=text
        )

    return run


def _opened(root: Path, facts: Mapping[str, Any], run: Run) -> Opened:
    configuration = facts["config"]
    return Opened(
        root=root,
        configuration=configuration,
        history=tuple(str(entry.get("created_by", "")) for entry in facts.get("history") or ()),
        labels=configuration.get("Labels") or {},
        architecture=str(facts.get("architecture", "")),
        run=run,
    )
