"""Tempest, the tests of OpenStack's own developers, at a cloud: its configuration, its image run, and what it found."""

import configparser
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kollage.deploy.folder import TEMPEST, TEMPEST_LOG
from kollage.engines.containers import Containers, Service
from kollage.errors import UsageError
from kollage.process import CommandError
from kollage.smoke.bench import Bench, Made
from kollage.smoke.faults import CloudError
from kollage.smoke.making import Done
from kollage.smoke.place import Place

WHICH = r"^tempest\.api\.(identity|image|compute)\..*\bsmoke\b"
_ETC = "/etc/tempest"
_AUTHORITY = f"{_ETC}/ca.pem"
_SCRIPT = f"""\
set -e
cd
tempest init work
cd work
exec tempest run --concurrency 1 --config-file {_ETC}/tempest.conf --regex '{WHICH}'
"""
_BOOT = "600"  # seconds that an instance may take
_COUNTS = re.compile(r"^ - (Passed|Skipped|Failed): (\d+)$", re.MULTILINE)
_FAILED = re.compile(r"^\{\d+\} (.+?)(?:\[\S*\])? \[[\d.]+s\] \.\.\. FAILED$", re.MULTILINE)

Sections = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What Tempest has to be told of a cloud."""

    login: Mapping[str, str]  # as clouds.yaml has it
    region: str
    authority: bool  # whether the cloud has a certificate of its own authority
    external: str  # the identity of the external network
    external_name: str
    image: str
    flavor: str
    volumes: bool


def sections(facts: Facts) -> Sections:
    """What stands in tempest.conf; everything else is as Tempest's own defaults have it."""
    secure = {"ca_certificates_file": _AUTHORITY} if facts.authority else {}
    return {
        "DEFAULT": {"log_file": "tempest.log"},
        "oslo_concurrency": {"lock_path": "/tmp/tempest-locks"},  # noqa: S108 - in a container of its own
        "auth": {
            "admin_username": facts.login["username"],
            "admin_password": facts.login["password"],
            "admin_project_name": facts.login["project_name"],
            "admin_domain_name": facts.login["user_domain_name"],
            "use_dynamic_credentials": "true",
        },
        "identity": {"uri_v3": facts.login["auth_url"], "auth_version": "v3", "region": facts.region, **secure},
        "identity-feature-enabled": {"security_compliance": "false"},
        "compute": {
            "image_ref": facts.image,
            "image_ref_alt": facts.image,
            "flavor_ref": facts.flavor,
            "flavor_ref_alt": facts.flavor,
            "build_timeout": _BOOT,
            "max_microversion": "latest",
        },
        "compute-feature-enabled": {"resize": "false", "cold_migration": "false", "live_migration": "false"},
        "network": {
            "public_network_id": facts.external,
            "floating_network_name": facts.external_name,
            "build_timeout": _BOOT,
        },
        "service_available": {
            "cinder": str(facts.volumes).lower(),
            "swift": "false",
            **dict.fromkeys(("glance", "nova", "neutron"), "true"),
        },
        "validation": {"run_validation": "false"},  # the guest has nobody who logs in over the network
    }


def text(found: Sections) -> str:
    """The file, as oslo.config reads it."""
    writer = configparser.RawConfigParser(default_section="")
    writer.read_dict(found)
    page = io.StringIO()
    writer.write(page)
    return page.getvalue()


def step(
    place: Place, kept: Path, containers: Callable[[], Containers], reference: str
) -> Callable[[Bench, Made], Done]:
    """The step that runs Tempest from its image against a cloud, and keeps what it needs and says in a folder."""

    def act(_bench: Bench, made: Made) -> Done:
        folder = _configuration(place, kept / TEMPEST, made)
        service = Service(
            reference=reference,
            configuration=folder,
            environment={"KOLLA_CONFIG_STRATEGY": "COPY_ALWAYS"},
            volumes={},
            network="host",
        )
        lines: list[str] = []
        try:
            containers().run(service, on_line=lines.append)
        except CommandError as error:
            lines += [] if lines else error.tail
        finally:
            _kept(kept / TEMPEST_LOG, "\n".join(lines) + "\n")
        return made, _verdict("\n".join(lines), kept / TEMPEST_LOG)

    return act


def _verdict(said: str, log: Path) -> str:
    """How many tests passed. Raises `CloudError` with the names of those that did not."""
    counts = {word.lower(): int(number) for word, number in _COUNTS.findall(said)}
    failed = list(dict.fromkeys(_FAILED.findall(said)))
    summary = ", ".join(f"{counts.get(word, 0)} {word}" for word in ("passed", "failed", "skipped"))
    if not counts.get("passed") or counts.get("failed") or failed:
        answer = "\n".join([summary, *failed]) if counts else "it did not get to its end"
        last = () if failed else tuple(said.splitlines()[-15:])
        raise CloudError("Tempest's smoke tests of identity, image and compute", answer, tail=last, hint=f"see {log}")
    return f"{summary} (log: {log})"


def _configuration(place: Place, folder: Path, made: Made) -> Path:
    """Write the folder that the container sees."""
    entry = _entry(place)
    authority = Path(entry["cacert"]) if "cacert" in entry else None
    facts = Facts(
        login=entry["auth"],
        region=entry["region_name"],
        authority=authority is not None,
        external=made.external,
        external_name=place.external,
        image=made.image,
        flavor=made.flavor,
        volumes=made.offers("volumev3", "block-storage"),
    )
    folder.mkdir(mode=0o700, exist_ok=True)
    _kept(folder / "tempest.conf", text(sections(facts)))
    _kept(folder / "run", _SCRIPT)
    copied = ["tempest.conf", "run"]
    if authority:
        _kept(folder / "ca.pem", authority.read_text(encoding="ascii"))
        copied.append("ca.pem")
    settings = {
        "command": f"bash {_ETC}/run",  # its start splits it at every space, whatever is quoted
        "config_files": [
            {
                "source": f"/var/lib/kolla/config_files/{name}",
                "dest": f"{_ETC}/{name}",
                "owner": "tempest",
                "perm": "0600",
            }
            for name in copied
        ],
    }
    _kept(folder / "config.json", json.dumps(settings, indent=2) + "\n")
    return folder


def _entry(place: Place) -> Mapping[str, Any]:
    try:
        return dict(yaml.safe_load(place.clouds.read_text(encoding="utf-8"))["clouds"][place.cloud])
    except (yaml.YAMLError, LookupError, TypeError, OSError) as error:
        raise UsageError(f"{place.clouds} cannot be used: {error}") from error


def _kept(path: Path, content: str) -> None:
    """Write a file that its owner alone can read."""
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")
