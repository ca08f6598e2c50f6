"""The host's control groups: systemd, as the first process of a container, wants a part of its own in version 2.

A host has version 1, version 2 at the same place, or both beside one another (systemd's `hybrid`). On the last, an
engine without a daemon is started where it sees version 2 alone: what it then starts has nothing of the host's but
its own group.
"""

from pathlib import Path

from kollage.errors import EngineError

ROOT = Path("/sys/fs/cgroup")
_SIGN = "cgroup.controllers"  # every group of version 2 has this file, and none of version 1
_BESIDE = "unified"  # where version 2 is on a host that has both
_VIEW = f'mount --make-rprivate "$0" && mount --bind "$0/{_BESIDE}" "$0" && exec "$@"'


def seen_as_two(root: Path = ROOT) -> tuple[str, ...]:
    """The words before a command for it to see version 2: none on a host that has it alone.

    Otherwise the command gets a mount namespace of its own, for which it has to be root's. Raises `EngineError` where
    the host has version 1 alone.
    """
    if (root / _SIGN).is_file():
        return ()
    if not (root / _BESIDE / _SIGN).is_file():
        require_two("1")
    return ("unshare", "--mount", "--propagation=unchanged", "sh", "-c", _VIEW, str(root))


def require_two(version: str) -> None:
    """Raise `EngineError` unless an engine says that its control groups are of version 2."""
    if version.removeprefix("v") != "2":
        raise EngineError(
            f"systemd needs control groups of version 2, and the engine's are of version {version.removeprefix('v')}",
            hint="start the host with systemd.unified_cgroup_hierarchy=1",
        )
