"""What was chosen for a cloud, kept with it: a later run goes on from there without saying it again."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kollage.errors import UsageError
from kollage.options import Options

FILE = "cloud.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """All that may be different from cloud to cloud."""

    extra: tuple[str, ...] = ()  # what there is beside the services that are always there
    address: str = "127.0.0.1"
    tls: bool = False
    network: str = "172.24.4.0/24"
    ports: Mapping[str, str] = field(default_factory=dict)
    hypervisor: str = "auto"
    datapath: str = "auto"
    config_dir: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of a cloud from earlier runs."""

    choices: Choices
    images: Mapping[str, str] = field(default_factory=dict)  # image -> the id that the cloud runs
    done: Mapping[str, str] = field(default_factory=dict)  # job -> the digest with which it ended well; service -> the
    # start after which it was seen healthy
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of each unit, each after those that it needs


def folder(options: Options) -> Path:
    """Where the cloud is kept."""
    if options.cloud_dir:
        return options.cloud_dir
    data = options.environ.get("XDG_DATA_HOME") or f"{options.environ.get('HOME', '~')}/.local/share"
    return Path(data).expanduser() / "kollage" / "cloud"


def recorded(place: Path) -> Record | None:
    """What is known of the cloud in a folder; None where none is. Raises `UsageError` for a file that is spoilt."""
    path = place / FILE
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        chosen: dict[str, Any] = value["choices"]
        return Record(
            choices=Choices(**{**chosen, "extra": tuple(chosen["extra"])}),
            images=value["images"],
            done=value["done"],
            needs={name: tuple(needs) for name, needs in value.get("needs", [])},
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint="run as the user that it belongs to"
        ) from error
    except (ValueError, LookupError, TypeError) as error:
        raise UsageError(
            f"{path} does not describe a cloud: {error}", hint="remove the file; the next `kollage up` writes it anew"
        ) from error


def chosen(options: Options, before: Record | None) -> Choices:
    """What is chosen now: what was said, else what was chosen before."""
    said = {
        "extra": options.cloud_with,
        "address": options.cloud_address,
        "tls": options.cloud_tls,
        "network": options.cloud_network,
        "ports": dict(options.cloud_ports) if options.cloud_ports is not None else None,
        "hypervisor": options.hypervisor,
        "datapath": options.datapath,
        "config_dir": str(options.node_custom_config) if options.node_custom_config else None,
    }
    kept = asdict(before.choices) if before else {}
    return Choices(**{**kept, **{name: value for name, value in said.items() if value is not None}})
