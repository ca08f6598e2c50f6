"""podman: the same builder as buildah, with an engine that also runs containers; or a service of it elsewhere."""

import json
import secrets
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from kollage import process
from kollage.engines import BuildOrder, Local, daemonless
from kollage.engines.arguments import (
    QUICK,
    TIMEOUT,
    answered,
    each,
    facts,
    look_for_newer_parents,
    merged,
    own_limits,
    remove_each,
    run_build,
)
from kollage.engines.containers import Containers
from kollage.engines.control_groups import require_two
from kollage.engines.looking import Opened, opened_by_copy
from kollage.process import CommandError, OnLine


@dataclass(frozen=True, slots=True)
class Podman:
    """The engine for the command `podman`."""

    isolation: str = "chroot"
    limits: tuple[str, ...] = field(default_factory=own_limits)
    temporary: Path | None = None  # where builds keep their caches; None: where the engine likes, one for all users
    url: str = ""  # of a service to build on; "": podman works by itself
    timeout: float = TIMEOUT
    name: str = "podman"

    def version(self) -> str:
        """See `Engine.version`."""
        if self.url:  # only the service's own answer proves that it is there
            return self._ask("version", "--format={{.Server.Version}}").strip()
        return daemonless.version_in(self._ask("--version"))

    def about(self) -> Mapping[str, str]:
        """See `Engine.about`."""
        places = {
            "version": "version.Version",
            "store": "store.graphRoot",
            "driver": "store.graphDriverName",
            "rootless": "host.security.rootless",
            "runtime": "host.ociRuntime.name",
        }
        known = facts(lambda: self._info(QUICK), **places)
        free = answered(lambda: shutil.disk_usage(known["store"]).free)
        return {**known, "free": free, "isolation": self.isolation, "service": self.url or "none"}

    def images(self, label: str = "") -> tuple[Local, ...]:
        """See `Engine.images`."""
        chosen = each("--filter", [f"label={label}"] if label else [])
        text = daemonless.listed(lambda: self._ask("images", "--format=json", "--no-trunc", *chosen, after_end=True))
        rows = json.loads(text or "[]")
        return merged(
            Local(id=row["Id"], references=daemonless.references(row.get("Names")), size=row["Size"]) for row in rows
        )

    def free_bytes(self) -> int:
        """See `Engine.free_bytes`."""
        store = self._info()["store"]
        if self.url:  # its folder need not be on this machine
            return int(store["graphRootAllocated"]) - int(store["graphRootUsed"])
        return shutil.disk_usage(store["graphRoot"]).free

    def unfinished(self) -> Mapping[str, str]:
        """See `Engine.unfinished`."""
        text = self._ask("ps", "--all", "--external", "--format=json", after_end=True)
        rows = [row for row in json.loads(text or "[]") if row["State"] == "storage"]
        return {row["Id"]: self._began_with(row["Image"], row["ImageID"]) for row in rows}

    def working_for(self, run: Path) -> frozenset[str] | None:
        """See `Engine.working_for`."""
        # the files of a service need not be on this machine
        return None if self.url else daemonless.working_for(run, Path(self._info()["store"]["graphRoot"]))

    def discard(self, containers: Iterable[str]) -> None:
        """See `Engine.discard`."""
        for container in containers:
            with suppress(CommandError):
                process.run([*self._program, "rm", "--force", container], after_end=True)

    def build(self, order: BuildOrder, on_line: OnLine) -> str:
        """See `Engine.build`."""
        if order.pull:
            pull = partial(daemonless.pull, self._program, on_line=on_line, platform=order.platform)
            look_for_newer_parents(order, pull, self._is_there, on_line)
        command = partial(self._build, order)
        return daemonless.built(lambda: run_build(command, order, on_line, self.temporary))

    def command(self, order: BuildOrder) -> str:
        """See `Engine.command`."""
        return shlex.join(self._build(order))

    def pull(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        """See `Engine.pull`."""
        daemonless.pull(self._program, reference, on_line, plain=plain)
        return str(self._inspect(reference)["Id"])

    def tag(self, image: str, reference: str) -> None:
        """See `Engine.tag`."""
        self._ask("tag", image, reference)

    def push(self, reference: str, on_line: OnLine, *, plain: bool = False) -> str:
        """See `Engine.push`."""
        if not self.url:
            return daemonless.push(self._program, reference, on_line, plain=plain)
        command = [*self._program, "push", *daemonless.tls(plain=plain), *daemonless.once(self._program, "push")]
        process.run([*command, reference], on_line=on_line)
        return self._published(reference, plain=plain)

    def push_index(self, reference: str, members: Sequence[str], on_line: OnLine, *, plain: bool = False) -> None:
        """See `Engine.push_index`."""
        daemonless.push_index(self._program, reference, members, on_line, plain=plain)

    def remove(self, images: Iterable[str]) -> None:
        """See `Engine.remove`."""
        remove_each(images, self.images(), lambda name: process.run([*self._program, "rmi", name]))

    def opened(self, reference: str, run: Path | None = None) -> AbstractContextManager[Opened]:
        """See `Engine.opened`."""
        return opened_by_copy(self._program, reference, self.limits, run)

    def containers(self, *, systemd: bool = False) -> Containers:
        """See `Engine.containers`."""
        if self.url and systemd:
            require_two(self._info()["host"]["cgroupVersion"])
            return Containers(self._program, self.limits, daemonless.SYSTEMD)
        return daemonless.containers(self._program, self.limits, systemd=systemd)

    def import_root(
        self, archive: Path, reference: str, labels: Mapping[str, str], on_line: OnLine, *, platform: str = ""
    ) -> str:
        """See `Engine.import_root`."""
        return daemonless.import_root(self, archive, reference, labels, on_line, platform)

    @property
    def _program(self) -> tuple[str, ...]:
        return ("podman", "--url", self.url) if self.url else ("podman",)

    def _build(self, order: BuildOrder, *more: str) -> list[str]:
        # what a service keeps of its containers is not read: see `working_for`
        own = replace(order, run=None) if self.url else order
        return daemonless.build_command(self._program, own, isolation=self.isolation, limits=self.limits, more=more)

    def _began_with(self, name: str, image: str) -> str:
        if not daemonless.is_between(name):
            return daemonless.references([name])[0]
        try:
            return daemonless.began_with(self._inspect(image)["History"])
        except CommandError:  # it has gone meanwhile
            return ""

    def _is_there(self, image: str) -> bool:
        try:
            return bool(self._inspect(image))
        except CommandError:
            return False

    def _published(self, reference: str, *, plain: bool) -> str:
        """The digest on the registry, which many a client of a service cannot tell when it pushes; a list can."""
        name = f"kollage-{secrets.token_hex(8)}"
        self._ask("manifest", "create", name)
        try:
            self._ask("manifest", "add", *daemonless.tls(plain=plain), name, f"docker://{reference}")
            return str(json.loads(self._ask("manifest", "inspect", name))["manifests"][0]["digest"])
        finally:
            self._ask("manifest", "rm", name, after_end=True)

    def _inspect(self, image: str) -> Any:
        return json.loads(self._ask("image", "inspect", image, after_end=True))[0]

    def _info(self, timeout: float | None = None) -> Any:
        return json.loads(self._ask("info", "--format=json", timeout=timeout, after_end=True))

    def _ask(self, *arguments: str, timeout: float | None = None, after_end: bool = False) -> str:
        return process.run([*self._program, *arguments], timeout=timeout or self.timeout, after_end=after_end)
