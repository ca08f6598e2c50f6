"""buildah: builds without a daemon; the default engine."""

import json
import os
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from kollage import process
from kollage.engines import BuildOrder, Local, daemonless
from kollage.engines.arguments import (
    QUICK,
    TIMEOUT,
    answered,
    bytes_of,
    each,
    facts,
    look_for_newer_parents,
    own_limits,
    remove_each,
    run_build,
)
from kollage.engines.containers import Containers
from kollage.engines.looking import Opened, opened_by_buildah
from kollage.errors import EngineError
from kollage.process import CommandError, OnLine

_PROGRAM = ("buildah",)
_QUESTIONS = 5  # how often one is asked that fails because of other runs


@dataclass(frozen=True, slots=True)
class Buildah:
    """The engine for the command `buildah`; chroot isolation works for root, in containers too."""

    isolation: str = "chroot"
    limits: tuple[str, ...] = field(default_factory=own_limits)
    temporary: Path | None = None  # where builds keep their caches; None: where the engine likes, one for all users
    timeout: float = TIMEOUT
    name: str = "buildah"

    def version(self) -> str:
        """See `Engine.version`."""
        return daemonless.version_in(self._ask("--version"))

    def about(self) -> Mapping[str, str]:
        """See `Engine.about`."""
        places = {"store": "store.GraphRoot", "driver": "store.GraphDriverName", "rootless": "host.rootless"}
        known = facts(lambda: self._info(QUICK), **places)
        free = answered(lambda: shutil.disk_usage(known["store"]).free)
        return {"version": answered(self.version), **known, "free": free, "isolation": self.isolation}

    def images(self, label: str = "") -> tuple[Local, ...]:
        """See `Engine.images`."""
        chosen = each("--filter", [f"label={label}"] if label else [])
        text = daemonless.listed(lambda: self._ask("images", "--json", "--no-trunc", *chosen, after_end=True))
        rows = json.loads(text or "[]") or []
        return tuple(
            Local(
                id=row["id"].removeprefix("sha256:"),
                references=daemonless.references(row["names"]),
                size=bytes_of(row["size"]),
            )
            for row in rows
        )

    def free_bytes(self) -> int:
        """See `Engine.free_bytes`."""
        return shutil.disk_usage(self._info()["store"]["GraphRoot"]).free

    def unfinished(self) -> Mapping[str, str]:
        """See `Engine.unfinished`."""
        rows = json.loads(self._containers() or "[]") or []
        return {row["id"]: self._began_with(row["imagename"], row["imageid"]) for row in rows if row["builder"]}

    def _containers(self) -> str:
        """The containers as JSON; the question fails where another run removes one while it is answered."""
        for _ in range(_QUESTIONS - 1):
            try:
                return self._ask("containers", "--json", "--notruncate", after_end=True)
            except CommandError as error:
                if not any("not known" in line for line in error.tail):
                    raise
        return self._ask("containers", "--json", "--notruncate", after_end=True)

    def working_for(self, run: Path) -> frozenset[str]:
        """See `Engine.working_for`."""
        return daemonless.working_for(run, Path(self._info()["store"]["GraphRoot"]))

    def discard(self, containers: Iterable[str]) -> None:
        """See `Engine.discard`."""
        for container in containers:
            with suppress(CommandError):
                process.run(["buildah", "rm", container], after_end=True)

    def build(self, order: BuildOrder, on_line: OnLine) -> str:
        """See `Engine.build`."""
        if order.pull:
            pull = partial(daemonless.pull, _PROGRAM, on_line=on_line, platform=order.platform)
            look_for_newer_parents(order, pull, self._is_there, on_line)
        command = partial(self._build, order)
        return daemonless.built(lambda: run_build(command, order, on_line, self.temporary))

    def command(self, order: BuildOrder) -> str:
        """See `Engine.command`."""
        return shlex.join(self._build(order))

    def pull(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        """See `Engine.pull`."""
        daemonless.pull(_PROGRAM, reference, on_line, plain=plain)
        return str(self._inspect(reference)["FromImageID"])

    def tag(self, image: str, reference: str) -> None:
        """See `Engine.tag`."""
        process.run(["buildah", "tag", image, reference], timeout=self.timeout)

    def push(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        """See `Engine.push`."""
        return daemonless.push(_PROGRAM, reference, on_line, plain=plain)

    def push_index(self, reference: str, members: Sequence[str], on_line: OnLine, *, plain: bool = False) -> None:
        """See `Engine.push_index`."""
        daemonless.push_index(_PROGRAM, reference, members, on_line, plain=plain)

    def remove(self, images: Iterable[str]) -> None:
        """See `Engine.remove`."""
        remove_each(images, self.images(), lambda name: process.run(["buildah", "rmi", name]))

    def opened(self, reference: str, run: Path | None = None) -> AbstractContextManager[Opened]:
        """See `Engine.opened`."""
        return opened_by_buildah(reference, run)

    def containers(self, *, systemd: bool = False) -> Containers:
        """See `Engine.containers`."""
        if not shutil.which("podman"):
            raise EngineError("buildah runs no containers", hint="install podman, which works with the same images")
        return daemonless.containers(("podman",), self.limits, systemd=systemd)

    def import_root(
        self, archive: Path, reference: str, labels: Mapping[str, str], on_line: OnLine, *, platform: str = ""
    ) -> str:
        """See `Engine.import_root`."""
        return daemonless.import_root(self, archive, reference, labels, on_line, platform)

    def _build(self, order: BuildOrder, *more: str) -> list[str]:
        return daemonless.build_command(_PROGRAM, order, isolation=self.isolation, limits=self.limits, more=more)

    def _began_with(self, name: str, image: str) -> str:
        if not daemonless.is_between(name):
            return daemonless.references([name])[0]
        try:
            return daemonless.began_with(self._inspect(image)["OCIv1"]["history"])
        except CommandError:  # it has gone meanwhile
            return ""

    def _is_there(self, image: str) -> bool:
        try:
            return bool(self._inspect(image))
        except CommandError:
            return False

    def _inspect(self, image: str) -> Any:
        return json.loads(
            process.run(["buildah", "inspect", "--type=image", image], timeout=self.timeout, after_end=True)
        )

    def _info(self, timeout: float | None = None) -> Any:
        return json.loads(self._ask("info", timeout=timeout, after_end=True))

    def _ask(self, *arguments: str, timeout: float | None = None, after_end: bool = False) -> str:
        """Ask something short; a user for whom the store cannot be had is told what to do."""
        try:
            return process.run([*_PROGRAM, *arguments], timeout=timeout or self.timeout, after_end=after_end)
        except CommandError as error:
            if os.geteuid() == 0:
                raise
            raise EngineError(
                f"buildah cannot work for this user: {error.tail[-1] if error.tail else error.message}",
                hint="run as root, or give the user ranges in /etc/subuid and /etc/subgid",
            ) from error
