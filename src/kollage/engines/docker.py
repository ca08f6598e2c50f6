"""docker: builds with BuildKit through `docker buildx`."""

import json
import shlex
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kollage import process
from kollage.engines import BuildOrder, Local
from kollage.engines.arguments import build_arguments, bytes_of, each, pairs, run_build
from kollage.process import OnLine


@dataclass(frozen=True, slots=True)
class Docker:
    """The engine for the command `docker`, with its daemon behind it."""

    buildkit: bool = True
    builder: str = ""  # of BuildKit; "": the active one
    name: str = "docker"

    def version(self) -> str:
        """See `Engine.version`."""
        return process.run(["docker", "version", "--format={{.Server.Version}}"], timeout=30).strip()

    def images(self, label: str = "") -> tuple[Local, ...]:
        """See `Engine.images`."""
        text = process.run(["docker", "images", "--no-trunc", "--format={{json .}}"], after_end=True)
        rows = [json.loads(line) for line in text.splitlines()]
        return tuple(
            Local(
                id=row["ID"].removeprefix("sha256:"),
                references=() if row["Tag"] == "<none>" else (f"{row['Repository']}:{row['Tag']}",),
                size=bytes_of(row["Size"]),
            )
            for row in rows
        )

    def free_bytes(self) -> int:
        """See `Engine.free_bytes`."""
        root = Path(process.run(["docker", "info", "--format={{.DockerRootDir}}"]).strip())
        return shutil.disk_usage(root if root.exists() else Path("/")).free

    def unfinished(self) -> Mapping[str, str]:
        """See `Engine.unfinished`: BuildKit keeps its own order."""
        return {}

    def discard(self, containers: Iterable[str]) -> None:
        """See `Engine.discard`."""

    def build(self, order: BuildOrder, on_line: OnLine) -> str:
        """See `Engine.build`."""
        return run_build(partial(self._arguments, order), on_line)

    def command(self, order: BuildOrder) -> str:
        """See `Engine.command`."""
        return shlex.join(self._arguments(order))

    def pull(self, reference: str, on_line: OnLine) -> str:
        """See `Engine.pull`."""
        process.run(["docker", "pull", reference], on_line=on_line)
        return _id(reference)

    def tag(self, image: str, reference: str) -> None:
        """See `Engine.tag`."""
        process.run(["docker", "tag", image, reference])

    def import_root(self, archive: Path, reference: str, labels: Mapping[str, str], on_line: OnLine) -> str:
        """See `Engine.import_root`."""
        changes = each("--change", [f"LABEL {pair}" for pair in pairs(labels)])
        process.run(["docker", "import", *changes, str(archive), reference], on_line=on_line)
        return _id(reference)

    def _arguments(self, order: BuildOrder, *more: str) -> list[str]:
        return [
            "docker",
            "buildx",
            "build",
            "--load",
            "--progress=plain",
            *build_arguments(order),
            *more,
            str(order.context),
        ]


def _id(reference: str) -> str:
    found = process.run(["docker", "image", "inspect", "--format={{.Id}}", reference])
    return found.strip().removeprefix("sha256:")
