"""What the folder of a cloud says of it, as far as a smoke test needs to know; of a cloud of others, one file."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kollage.deploy import choices
from kollage.deploy.folder import LOCK
from kollage.errors import UsageError
from kollage.options import Options

CLOUD = "kollage"  # its name in clouds.yaml
_KOLLA = "kolla-admin"  # the name of kolla-ansible's


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a cloud is described, and what is said of it there."""

    clouds: Path  # the file by which clients find the cloud
    cloud: str = CLOUD  # its name there
    external: str = ""  # the name of the network of floating addresses; "" means: any
    folder: Path | None = None  # what `kollage up` made; None: the cloud is of others
    services: tuple[str, ...] = ()  # what runs

    @property
    def lock(self) -> Path:
        """The file that only one smoke test has at a time."""
        return self.folder / LOCK if self.folder else self.clouds


def read(options: Options) -> Place:
    """Read what the options mean. Raises `UsageError` where there is no cloud."""
    if options.clouds_file and options.cloud_dir:
        raise UsageError("--clouds-file and --cloud-dir name two clouds", hint="leave out one of them")
    if options.clouds_file:
        return Place(clouds=options.clouds_file, cloud=options.os_cloud or _KOLLA)
    if options.os_cloud:
        raise UsageError(f"nothing says which file has the cloud '{options.os_cloud}'", hint="name it: --clouds-file")
    return _own(choices.folder(options))


def _own(folder: Path) -> Place:
    path = folder / choices.FILE
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        place = Place(
            folder=folder,
            clouds=folder / "clouds.yaml",
            external=facts["external_network"]["name"],
            services=tuple(facts["services"]),
        )
    except FileNotFoundError as error:
        raise UsageError(
            f"there is no cloud in {folder}", hint="make one with `kollage up`, or say where it is with --cloud-dir"
        ) from error
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint="run as the user that it belongs to"
        ) from error
    except (ValueError, LookupError, TypeError) as error:
        raise UsageError(f"{path} does not describe a cloud: {error}", hint="`kollage up` writes it anew") from error
    if not place.clouds.is_file():
        raise UsageError(f"{place.clouds} is missing", hint="`kollage up` writes it")
    return place


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Be the only smoke test of a cloud: what carries the name of one may then be deleted. Raises `UsageError`."""
    try:
        lock = os.open(place.lock, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(
            f"{place.lock} cannot be used: {error.strerror}", hint="run as the user that it belongs to"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise UsageError(
            f"another smoke test of the cloud in {place.folder or place.clouds} is running", hint="wait for its end"
        ) from error
    else:
        yield
    finally:
        os.close(lock)
