"""Look into an image without starting what it is for: its root file system, its configuration, a command in it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kollage import process

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
def opened_by_buildah(reference: str) -> Iterator[Opened]:
    """Open an image of the store that buildah and podman share."""
    container = process.run(["buildah", "from", "--pull-never", reference]).strip()
    try:
        root = Path(process.run(["buildah", "mount", container]).strip())
        facts = json.loads(process.run(["buildah", "inspect", container]))["Docker"]

        def run(command: Sequence[str], text: str = "") -> str:
            return process.run(
                ["buildah", "run", "--isolation=chroot", "--user=0", container, "--", *command], stdin=text
            )

        yield _opened(root, facts, run)
    finally:
        process.run(["buildah", "rm", container], after_end=True)


@contextmanager
def opened_by_docker(reference: str) -> Iterator[Opened]:
    """Open an image of docker's store: its root file system is a copy."""
    container = process.run(["docker", "create", reference]).strip()
    try:
        with TemporaryDirectory(prefix="kollage-root-") as folder:
            archive, root = Path(folder, "root.tar"), Path(folder, "root")
            root.mkdir()
            process.run(["docker", "export", f"--output={archive}", container])
            process.run(
                ["tar", "--extract", "--numeric-owner", "--preserve-permissions", f"--file={archive}"], cwd=root
            )
            archive.unlink()
            facts = json.loads(process.run(["docker", "image", "inspect", reference]))[0]
            told = process.run(["docker", "history", "--no-trunc", "--format={{.CreatedBy}}", reference])
            history = [{"created_by": line} for line in told.splitlines()]
            facts = {"config": facts["Config"], "architecture": facts["Architecture"], "history": history}

            def run(command: Sequence[str], text: str = "") -> str:
                start = ["docker", "run", "--rm", "--interactive", "--network=none", "--user=0", "--entrypoint="]
                return process.run([*start, reference, *command], stdin=text)

            yield _opened(root, facts, run)
    finally:
        process.run(["docker", "rm", container], after_end=True)


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
