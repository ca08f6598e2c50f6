"""An operator's own configuration, laid out as for kolla-ansible: merged over what is made here, or in its place.

For the file `nova.conf` of the service nova-api these count, each over the one before: `global.conf`, `nova.conf`,
`nova/nova.conf`, `nova/nova-api.conf`. A file that is not of sections and keys, such as JSON, stands in the place of
the one of its name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kollage.deploy import ini
from kollage.deploy.facts import Unit
from kollage.errors import UsageError

_SECTIONS = (".conf", ".ini", ".cnf")
_OTHERS = {"rabbitmq.conf", "rabbitmq-env.conf", "libvirtd.conf", "qemu.conf"}  # that only look like it
# further files that an operator may bring: name -> where each goes
_FURTHER: Mapping[str, Mapping[str, str]] = {
    "horizon": {"_9999-custom-settings.py": "/etc/openstack-dashboard/local_settings.d/_9999-custom-settings.py"},
    **{
        project: {name: f"/etc/{project}/{name}" for name in ("policy.yaml", "policy.json")}
        for project in ("cinder", "glance", "heat", "keystone", "neutron", "nova", "placement")
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """The operator's files, by their path below the folder."""

    root: Path
    texts: Mapping[str, str]

    def merged(self, unit: Unit, name: str, text: str) -> str:
        """The text of a unit's file with all that the operator says of it. Raises `UsageError`."""
        paths = [path for path in self._paths(unit, name) if path in self.texts]
        if not paths:
            return text
        if not _has_sections(name):
            return self.texts[paths[-1]]
        sections = ini.parsed(text, Path(name))
        for path in paths:
            sections = ini.merged(sections, ini.parsed(self.texts[path], self.root / path))
        return ini.written(sections)

    def further(self, unit: Unit) -> Mapping[str, tuple[str, str]]:
        """Files that only an operator brings: name -> where it goes, and its text."""
        known = _FURTHER.get(unit.project, {})
        return {
            name: (to, self.texts[f"{unit.project}/{name}"])
            for name, to in known.items()
            if unit.files and f"{unit.project}/{name}" in self.texts
        }

    def _paths(self, unit: Unit, name: str) -> Iterator[str]:
        if name.endswith(".conf") and name.removesuffix(".conf").startswith(unit.project) and _has_sections(name):
            yield "global.conf"
        yield name
        yield f"{unit.project}/{name}"
        if name == f"{unit.project}.conf":
            yield f"{unit.project}/{unit.name}.conf"


def read(root: Path | None) -> Custom:
    """The operator's files below a folder. Raises `UsageError` for one that is no text."""
    if root is None:
        return Custom(root=Path(), texts={})
    if not root.is_dir():
        raise UsageError(f"--node-custom-config: there is no folder '{root}'", hint="name another one")
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return Custom(root=root, texts={path.relative_to(root).as_posix(): _text(path) for path in paths})


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a text in UTF-8", hint="take it away or mend it") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="take it away or mend it") from error


def _has_sections(name: str) -> bool:
    return name.endswith(_SECTIONS) and name not in _OTHERS and not name.endswith("-uwsgi.ini")
