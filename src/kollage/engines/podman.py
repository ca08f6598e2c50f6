"""podman: the same builder as buildah, with an engine that also runs containers."""

import json
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from kollage import process
from kollage.engines import BuildOrder, Local
from kollage.engines.arguments import build_arguments, each, own_limits, pairs, run_build
from kollage.engines.buildah import LOCALHOST
from kollage.process import CommandError, OnLine


@dataclass(frozen=True, slots=True)
class Podman:
    """The engine for the command `podman`."""

    isolation: str = "chroot"
    limits: tuple[str, ...] = field(default_factory=own_limits)
    temporary: Path | None = None  # where builds keep their caches; None: where the engine likes, one for all users
    url: str = ""  # of a service to build on; "": podman works by itself
    name: str = "podman"

    def version(self) -> str:
        """See `Engine.version`."""
        text = process.run(["podman", "--version"])
        match = re.search(r"version (\S+)", text)
        return match.group(1) if match else text.strip()

    def images(self, label: str = "") -> tuple[Local, ...]:
        """See `Engine.images`."""
        rows = json.loads(process.run(["podman", "images", "--format=json", "--no-trunc"], after_end=True) or "[]")
        return tuple(
            Local(
                id=row["Id"],
                references=tuple(name.removeprefix(LOCALHOST) for name in row.get("Names") or ()),
                size=row["Size"],
            )
            for row in rows
        )

    def free_bytes(self) -> int:
        """See `Engine.free_bytes`."""
        store = json.loads(process.run(["podman", "info", "--format=json"]))["store"]
        return shutil.disk_usage(store["graphRoot"]).free

    def unfinished(self) -> Mapping[str, str]:
        """See `Engine.unfinished`."""
        text = process.run(["podman", "ps", "--all", "--external", "--format=json"], after_end=True)
        rows = json.loads(text or "[]")
        return {row["Id"]: row["Image"].removeprefix(LOCALHOST) for row in rows if row["State"] == "storage"}

    def discard(self, containers: Iterable[str]) -> None:
        """See `Engine.discard`."""
        for container in containers:
            with suppress(CommandError):
                process.run(["podman", "rm", "--force", container], after_end=True)

    def build(self, order: BuildOrder, on_line: OnLine) -> str:
        """See `Engine.build`."""
        return run_build(partial(self._arguments, order), on_line, self.temporary)

    def command(self, order: BuildOrder) -> str:
        """See `Engine.command`."""
        return shlex.join(self._arguments(order))

    def pull(self, reference: str, on_line: OnLine) -> str:
        """See `Engine.pull`."""
        process.run(["podman", "pull", reference], on_line=on_line)
        return str(json.loads(process.run(["podman", "image", "inspect", reference]))[0]["Id"])

    def tag(self, image: str, reference: str) -> None:
        """See `Engine.tag`."""
        process.run(["podman", "tag", image, reference])

    def import_root(self, archive: Path, reference: str, labels: Mapping[str, str], on_line: OnLine) -> str:
        """See `Engine.import_root`."""
        changes = each("--change", [f"LABEL {pair}" for pair in pairs(labels)])
        process.run(["podman", "import", *changes, str(archive), reference], on_line=on_line)
        return str(json.loads(process.run(["podman", "image", "inspect", reference]))[0]["Id"])

    def _arguments(self, order: BuildOrder, *more: str) -> list[str]:
        return [
            "podman",
            "build",
            f"--isolation={self.isolation}",
            "--layers=false",
            "--pull=false",
            "--format=docker",
            *each("--ulimit", self.limits),
            *build_arguments(order),
            *more,
            str(order.context),
        ]
