"""What dpkg has installed, as its status file tells it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FIELD = re.compile(r"^(Package|Status|Version|Architecture): *(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A package that is installed."""

    name: str
    version: str
    architecture: str
    held: bool = False  # whether it is to stay as it is


def installed(status: str) -> Mapping[str, Installed]:
    """The installed packages by name; of one that is there for several architectures, the first."""
    found: dict[str, Installed] = {}
    for package in _packages(status):
        found.setdefault(package.name, package)
    return found


def _packages(status: str) -> Iterator[Installed]:
    for paragraph in status.split("\n\n"):
        fields = dict(_FIELD.findall(paragraph))
        wanted, _, state = fields.get("Status", "").partition(" ")
        if state.endswith(" installed") and "Package" in fields and "Version" in fields:
            yield Installed(
                name=fields["Package"],
                version=fields["Version"],
                architecture=fields.get("Architecture", ""),
                held=wanted == "hold",
            )
