"""What a root file system has from package archives, and from which."""

from collections.abc import Mapping
from dataclasses import dataclass

from kollage.archives.installed import Installed, installed
from kollage.archives.lists import Archive, archives, unread
from kollage.rootfs import Root

_STATUS = "/var/lib/dpkg/status"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The packages of a root file system, and the archives that it names."""

    packages: Mapping[str, Installed]
    archives: tuple[Archive, ...]
    unread: tuple[str, ...] = ()  # the archives that cannot be believed, each with the reason

    @property
    def architecture(self) -> str:
        """The architecture, as dpkg says it: its own."""
        return self.packages["dpkg"].architecture if "dpkg" in self.packages else ""


def state(root: Root) -> State:
    """Read a root file system; one without dpkg has no packages."""
    return State(packages=installed(root.text(_STATUS)), archives=archives(root), unread=unread(root))
