"""A base root file system: from a registry, or made from the distribution's signed package archive."""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType

from kollage import process
from kollage.catalogue import IMAGES
from kollage.errors import EngineError, UsageError
from kollage.fingerprint import fingerprint
from kollage.image import FAMILIES
from kollage.options import Options
from kollage.process import OnLine

REGISTRY_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "debian": "docker.io/library/debian",
        "ubuntu": "docker.io/library/ubuntu",
        "rocky": "quay.io/rockylinux/rockylinux",
        "centos": "quay.io/centos/centos",
    }
)
_VARIANT = "minbase"
_SUITES: Mapping[str, str] = MappingProxyType({"24.04": "noble", "22.04": "jammy"})


@cache
def rules() -> tuple[str, ...]:
    """The options of dpkg that leave out of a base what they leave out of the packages that images install on it."""
    text = (IMAGES / "base" / "dpkg_excludes").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """How a root file system is made from a package archive."""

    suite: str
    sources: tuple[str, ...]  # lines of a sources.list
    keyring: Path
    arch: str  # as dpkg says it
    epoch: int  # SOURCE_DATE_EPOCH: two runs over one archive state give the same bits
    rules: tuple[str, ...] = field(default_factory=rules)  # options of dpkg, which stay in the root file system

    @property
    def inputs(self) -> Mapping[str, object]:
        """Everything that the root file system is made of, by name."""
        return {
            "bootstrap": [self.suite, *self.sources],
            "variant": _VARIANT,
            "rules of dpkg": fingerprint({"rules": self.rules})[:12],
            "arch": self.arch,
            "epoch": self.epoch,
        }

    @property
    def identity(self) -> str:
        """The fingerprint of the recipe."""
        return fingerprint(self.inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What the images without a parent stand on."""

    reference: str
    identity: str
    reason: str
    bootstrap: Bootstrap | None = None  # None: it was found in a registry or in the store


def is_made(options: Options) -> bool:
    """Whether the base is made from the package archive: so asked for, or no image was named and the family has one."""
    chosen = options.base_source == "auto" and not options.base_image and possible(options)
    return options.base_source == "bootstrap" or chosen


def possible(options: Options) -> bool:
    """Whether the base can be made from its package archive."""
    return FAMILIES[options.base] == "deb"


def base(options: Options, *, epoch: int, reason: str) -> Base:
    """The base that is made from the package archive."""
    recipe = bootstrap_for(options, epoch=epoch)
    return Base(
        reference=f"kollage-bootstrap/{options.base}:{options.base_tag}-{recipe.identity[:12]}",
        identity=recipe.identity,
        reason=reason,
        bootstrap=recipe,
    )


def expected(options: Options, *, epoch: int) -> str:
    """The name of the base image, as far as it is known without an engine."""
    if is_made(options):
        return base(options, epoch=epoch, reason="").reference
    return registry_reference(options)


def same_name(name: str, references: Iterable[str]) -> bool:
    """Whether a store's short or long names contain this one."""
    return _short(name) in map(_short, references)


def registry_reference(options: Options) -> str:
    """The full name of the base image that the options ask for."""
    name = options.base_image or REGISTRY_NAMES[options.base]
    return name if _has_tag(name) else f"{name}:{options.base_tag}"


def bootstrap_for(options: Options, *, epoch: int) -> Bootstrap:
    """The recipe of a base from its package archive. Raises `UsageError` where the family has none."""
    if not possible(options):
        raise UsageError(
            f"there is no way to bootstrap {options.base} from its package archive",
            hint="name an image that the engine can pull with --base-image, and --base-source registry",
        )
    suite = _SUITES.get(options.base_tag, options.base_tag)
    return Bootstrap(
        suite=suite,
        sources=_sources(options, suite, epoch),
        keyring=Path(f"/usr/share/keyrings/{options.base}-archive-keyring.gpg"),
        arch={"x86_64": "amd64", "aarch64": "arm64"}[options.base_arch],
        epoch=epoch,
    )


def make_root(bootstrap: Bootstrap, target: Path, on_line: OnLine) -> None:
    """Write the root file system as a tar archive. Raises `EngineError` and `CommandError`."""
    if not bootstrap.keyring.exists():
        raise EngineError(
            f"{bootstrap.keyring} is missing: without it the package archive's signature cannot be checked",
            hint=f"install {bootstrap.keyring.stem}, or give --base-image",
        )
    process.run(command(bootstrap, target), on_line=on_line, env={"SOURCE_DATE_EPOCH": str(bootstrap.epoch)})


def command(bootstrap: Bootstrap, target: Path) -> list[str]:
    """The command line that makes the root file system; packages are never taken unsigned."""
    mode = "root" if os.geteuid() == 0 else "unshare"
    return [
        "mmdebstrap",
        f"--mode={mode}",
        f"--variant={_VARIANT}",
        f"--architectures={bootstrap.arch}",
        f"--keyring={bootstrap.keyring}",
        *(f"--dpkgopt={rule}" for rule in bootstrap.rules),
        "--format=tar",
        bootstrap.suite,
        str(target),
        *bootstrap.sources,
    ]


def refuse_snapshot(options: Options) -> None:
    """Refuse to pin the archive of a base that is an image already. Raises `UsageError`."""
    if options.snapshot:
        raise UsageError(
            f"--snapshot pins a base that is made from packages, and {registry_reference(options)} is made",
            hint="name no image with --base-image, or say --base-source bootstrap"
            if possible(options)
            else "leave it out: no base of this family is made from packages",
        )


def can_bootstrap() -> bool:
    """Whether this machine has what a bootstrap needs."""
    return shutil.which("mmdebstrap") is not None


def _short(name: str) -> str:
    """The name without what engines put before one that has no registry."""
    return name.removeprefix("localhost/").removeprefix("docker.io/library/").removeprefix("docker.io/")


def _has_tag(name: str) -> bool:
    return "@" in name or ":" in name.rpartition("/")[2]


def _sources(options: Options, suite: str, epoch: int) -> tuple[str, ...]:
    """The lines of the sources list: of the archive as it is, or with a snapshot as it was at the epoch."""
    lines = _debian(suite) if options.base == "debian" else _ubuntu(suite, options.base_arch)
    if not options.snapshot:
        return tuple(f"deb {archive} {rest}" for archive, rest in lines)
    if "{date}" in options.snapshot and not epoch:
        raise UsageError(
            "--snapshot has no day: images with a whole Dockerfile have no release whose epoch it could be",
            hint="write the day in place of {date}",
        )
    date = datetime.fromtimestamp(epoch, UTC).strftime("%Y%m%dT%H%M%SZ")
    address = options.snapshot.replace("{date}", date).rstrip("/")
    # what a release file says of its end was meant for the day it is of
    return tuple(
        f"deb [check-valid-until=no] {address.replace('{archive}', archive.rpartition('/')[2])} {rest}"
        for archive, rest in lines
    )


def _debian(suite: str) -> tuple[tuple[str, str], ...]:
    archive = "http://deb.debian.org/debian"
    security = "http://deb.debian.org/debian-security"
    return (
        (archive, f"{suite} main"),
        (archive, f"{suite}-updates main"),
        (security, f"{suite}-security main"),
    )


def _ubuntu(suite: str, arch: str) -> tuple[tuple[str, str], ...]:
    archive = "http://archive.ubuntu.com/ubuntu" if arch == "x86_64" else "http://ports.ubuntu.com/ubuntu-ports"
    return tuple((archive, f"{suite}{pocket} main universe") for pocket in ("", "-updates", "-security"))
