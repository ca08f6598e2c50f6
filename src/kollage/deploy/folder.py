"""The folder of a cloud: written whole or not at all, and readable by its owner alone."""

import json
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from kollage.deploy import choices, secret
from kollage.deploy.choices import Record
from kollage.deploy.cloud import HOST, NETWORK, REGION, Cloud, File
from kollage.deploy.secret import Secrets
from kollage.errors import UsageError

# what trying the cloud leaves in its folder, a configuration with a password among it
LOCK, TEMPEST, TEMPEST_LOG = "smoke.lock", "tempest", "tempest.log"


def write(place: Path, files: Iterable[File]) -> None:
    """Write files below a folder; each is the old one or the new one at any time. Raises `UsageError`."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.chmod(0o700)
        for file in files:
            _write(place / file.path, file)
    except OSError as error:
        raise UsageError(
            f"the folder of the cloud {place} cannot be written: {error.strerror}", hint="name another with --cloud-dir"
        ) from error


def _write(path: Path, file: File) -> None:
    """A file that is as it should be is left alone; containers see the folders that they lie in."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        if path.read_text(encoding="utf-8") == file.text and path.stat().st_mode & 0o777 == file.mode:
            return
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=file.mode)
    new.chmod(file.mode)
    new.write_text(file.text, encoding="utf-8")
    new.replace(path)


def configuration(place: Path, cloud: Cloud) -> None:
    """Write what the containers see, and remove what no container sees any more."""
    files = [file for part in cloud.parts.values() for file in part.files]
    write(place, files)
    known = {place / file.path for file in files}
    for path in sorted((place / "config").rglob("*")):
        if path.is_file() and path not in known:
            path.unlink()
    for path in (place / "config").iterdir():
        if path.name not in cloud.parts:
            shutil.rmtree(path)


def secrets_file(found: Secrets) -> File:
    """The file of the secrets."""
    return File(path=secret.FILE, text=secret.text(found))


def record_file(cloud: Cloud, record: Record) -> File:
    """The file of what is known of a cloud: nothing secret, for later runs and for other programs."""
    return File(
        path=choices.FILE,
        text=json.dumps({**facts(cloud), **_plain(record)}, indent=2, sort_keys=True) + "\n",
        mode=0o644,
    )


def _plain(record: Record) -> Mapping[str, object]:
    """A record as JSON has it, where objects have no order."""
    return {**asdict(record), "needs": [[name, list(needs)] for name, needs in record.needs.items()]}


def facts(cloud: Cloud) -> Mapping[str, object]:
    """What other programs need to know of a cloud, beside its clouds.yaml."""
    network = cloud.choices.network
    return {
        "auth_url": f"{cloud.address}:{cloud.parts['keystone'].unit.front}/v3",
        "dashboard": dashboard(cloud),
        "region": REGION,
        "hypervisor": cloud.hypervisor,
        "datapath": cloud.datapath,
        "tls": cloud.choices.tls,
        "host": HOST,
        "external_network": {"name": NETWORK, "cidr": network},
        "services": {
            name: {
                "container": f"kollage-{name}",
                "image": part.unit.image,
                "project": part.unit.project,
                "port": part.unit.port or None,
                "front": part.unit.front or None,
            }
            for name, part in cloud.parts.items()
            if not part.unit.once
        },
    }


def dashboard(cloud: Cloud) -> str:
    """Where the dashboard is; "" where there is none."""
    horizon = cloud.parts.get("horizon")
    return f"{cloud.address}:{horizon.unit.front}/" if horizon else ""


def remove(place: Path) -> None:
    """Remove all that Kollage wrote there, and the folder if nothing else is in it."""
    for name in ("config", "tls", "kube", TEMPEST):
        shutil.rmtree(place / name, ignore_errors=True)
    for name in (choices.FILE, secret.FILE, "compose.yaml", "clouds.yaml", "ca.pem", LOCK, TEMPEST_LOG):
        (place / name).unlink(missing_ok=True)
    with suppress(OSError):
        place.rmdir()
