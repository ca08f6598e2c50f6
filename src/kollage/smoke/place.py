"""What the folder of a cloud says of it, as far as a smoke test needs to know."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The folder of a cloud and what stands in it."""

    folder: Path
    external: str  # the name of the network of floating addresses
    services: tuple[str, ...]  # what runs
    dashboard: str = ""

    @property
    def clouds(self) -> Path:
        """The file by which clients find the cloud."""
        return self.folder / "clouds.yaml"


def read(options: Options) -> Place:
    """Read the folder that the options mean. Raises `UsageError` where there is no cloud."""
    folder = choices.folder(options)
    path = folder / choices.FILE
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        place = Place(
            folder=folder,
            external=facts["external_network"]["name"],
            services=tuple(facts["services"]),
            dashboard=facts.get("dashboard", ""),
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
        lock = os.open(place.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(
            f"{place.folder} cannot be written: {error.strerror}", hint="run as the user that it belongs to"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise UsageError(
            f"another smoke test of the cloud in {place.folder} is running", hint="wait for its end"
        ) from error
    else:
        yield
    finally:
        os.close(lock)
