"""buildah: builds without a daemon; the default engine."""

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from kollage import process
from kollage.engines import BuildOrder, Local
from kollage.engines.arguments import build_arguments, bytes_of, each, own_limits, run_build
from kollage.errors import EngineError
from kollage.process import CommandError, OnLine

LOCALHOST = "localhost/"  # the prefix that buildah and podman give to names without a registry


@dataclass(frozen=True, slots=True)
class Buildah:
    """The engine for the command `buildah`; chroot isolation works for root, in containers too."""

    isolation: str = "chroot"
    limits: tuple[str, ...] = field(default_factory=own_limits)
    temporary: Path | None = None  # where builds keep their caches; None: where the engine likes, one for all users
    name: str = "buildah"

    def version(self) -> str:
        """See `Engine.version`."""
        text = _run(["--version"])
        match = re.search(r"version (\S+)", text)
        return match.group(1) if match else text.strip()

    def images(self, label: str = "") -> tuple[Local, ...]:
        """See `Engine.images`."""
        rows = json.loads(_run(["images", "--json", "--no-trunc"], after_end=True) or "[]") or []
        return tuple(
            Local(
                id=row["id"].removeprefix("sha256:"),
                references=tuple(name.removeprefix(LOCALHOST) for name in row["names"] or ()),
                size=bytes_of(row["size"]),
            )
            for row in rows
        )

    def free_bytes(self) -> int:
        """See `Engine.free_bytes`."""
        return shutil.disk_usage(json.loads(_run(["info"]))["store"]["GraphRoot"]).free

    def unfinished(self) -> Mapping[str, str]:
        """See `Engine.unfinished`."""
        rows = json.loads(_run(["containers", "--json", "--notruncate"], after_end=True) or "[]") or []
        return {row["id"]: row["imagename"].removeprefix(LOCALHOST) for row in rows if row["builder"]}

    def discard(self, containers: Iterable[str]) -> None:
        """See `Engine.discard`."""
        for container in containers:
            with suppress(CommandError):
                process.run(["buildah", "rm", container], after_end=True)

    def build(self, order: BuildOrder, on_line: OnLine) -> str:
        """See `Engine.build`."""
        return run_build(partial(self._arguments, order), on_line, self.temporary)

    def command(self, order: BuildOrder) -> str:
        """See `Engine.command`."""
        return shlex.join(self._arguments(order))

    def pull(self, reference: str, on_line: OnLine) -> str:
        """See `Engine.pull`."""
        process.run(["buildah", "pull", reference], on_line=on_line)
        inspected = process.run(["buildah", "inspect", "--type=image", reference])
        return str(json.loads(inspected)["FromImageID"])

    def tag(self, image: str, reference: str) -> None:
        """See `Engine.tag`."""
        process.run(["buildah", "tag", image, reference])

    def import_root(self, archive: Path, reference: str, labels: Mapping[str, str], on_line: OnLine) -> str:
        """See `Engine.import_root`."""
        dockerfile = archive.with_suffix(".Dockerfile")
        dockerfile.write_text(f"FROM scratch\nADD {archive.name} /\n", encoding="utf-8")
        order = BuildOrder(context=archive.parent, dockerfile=dockerfile, references=(reference,), labels=labels)
        return self.build(order, on_line)

    def _arguments(self, order: BuildOrder, *more: str) -> list[str]:
        return [
            "buildah",
            "build",
            f"--isolation={self.isolation}",
            "--layers=false",  # an image is rebuilt as a whole or not at all
            "--pull=false",  # parents are in the store by now
            "--format=docker",  # the only one that keeps SHELL and HEALTHCHECK of templates
            *each("--ulimit", self.limits),
            *build_arguments(order),
            *more,
            str(order.context),
        ]


def _run(arguments: Sequence[str], *, after_end: bool = False) -> str:
    try:
        return process.run(["buildah", *arguments], after_end=after_end)
    except CommandError as error:
        if os.geteuid() == 0:
            raise
        raise EngineError(
            f"buildah cannot work for this user: {error.tail[-1] if error.tail else error.message}",
            hint="run as root, or give the user ranges in /etc/subuid and /etc/subgid",
        ) from error
