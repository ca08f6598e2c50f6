"""What the catalogue holds, as values: images with all their parts, accounts, repositories and releases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

BASES = ("debian", "ubuntu", "rocky", "centos")
FAMILIES: Mapping[str, str] = MappingProxyType({"debian": "deb", "ubuntu": "deb", "rocky": "rpm", "centos": "rpm"})
ARCHITECTURES = ("x86_64", "aarch64")
SUITES = ("bullseye", "bookworm", "trixie")  # of Debian's that releases stand on, oldest first
SOURCE_TYPES = ("pypi", "url", "git", "local", "release")  # release: the release's own constraints


@dataclass(frozen=True, slots=True, kw_only=True)
class PerBase:
    """A list that may differ between bases: what holds for all, for a family (deb, rpm) and for one base."""

    everywhere: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def anywhere(self) -> frozenset[str]:
        """What is on the list of any base."""
        return frozenset(self.everywhere).union(*self.only.values())

    def on(self, base: str) -> tuple[str, ...]:
        """The list for one base, general names first, each name once."""
        names = (*self.everywhere, *self.only.get(FAMILIES[base], ()), *self.only.get(base, ()))
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where something that is unpacked into an image comes from, before it is pinned.

    `name` is the section of the configuration file that can replace it, and the stem of the archive in the build
    context (`<name>-archive`).
    """

    name: str
    type: str  # one of SOURCE_TYPES
    location: str = ""  # a url, a repository, a path; for pypi the project's name on the index
    reference: str = ""  # git: a branch, a tag or a commit
    version: str = ""  # pypi: the version; "" means the release's
    sha256: Mapping[str, str] = field(default_factory=dict)  # by architecture; "" holds for every one
    link: str = ""  # where the unpacked tree is to be found in the image
    config: str = ""  # a folder of the tree that is copied to /etc/<link's name>
    unpack: bool = True  # False: the image's own steps take from the archive what they need
    constraints: str = ""  # pypi: the set of the release whose version is taken, where there is one


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """What is installed into an image's virtual environment."""

    packages: tuple[str, ...] = ()  # requirements; "/keystone[ldap]" is a tree in the image
    wheels: tuple[str, ...] = ()  # those that need a compiler: built in a stage of their own
    compilers: PerBase = PerBase()  # the distribution packages of that stage
    venv: str = "/var/lib/kolla/venv"
    create: bool = False  # whether this image makes the environment rather than its parent
    constraints: str = ""  # the set of the release that holds from this image on; "": as for its parent


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """The account that an image's service belongs to, and what this image sets up for it."""

    name: str
    home: str
    shell: str = ""
    groups: tuple[str, ...] = ()


class Layered(NamedTuple):
    """A file of a catalogue, by the folder that it came from and how high that lies: the catalogue itself is 0.

    There are a thousand of them, most of which no run looks at.
    """

    root: Path
    name: str  # its path below the root
    layer: int

    @property
    def path(self) -> Path:
        """Where it really is."""
        return self.root / self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of the image's folder that is copied into the image."""

    name: str
    to: str
    mode: int = 0o644
    early: bool = False  # copied before packages are installed
    only: str = ""  # a family or a base; "": everywhere

    def on(self, base: str) -> bool:
        """Whether the file belongs to images of that base."""
        return self.only in {"", base, FAMILIES[base]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Names of empty blocks that an image has for overrides, by the place where they stand."""

    packages: tuple[str, ...] = ()  # before the packages are installed
    python: tuple[str, ...] = ()  # before the Python packages are; what sources link to is there already


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One of the accounts that exist in every image, or in those that set it up and what stands on them."""

    uid: int
    gid: int
    group: str
    own: bool = False  # whether only the image that sets it up makes it


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintSet:
    """What a release resolved apart, for images that cannot live with the constraints of all the others."""

    projects: Mapping[str, str]  # name on the package index -> version
    constraints: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release: the version of each project and the constraints that were resolved for all of them together."""

    name: str
    codename: str
    epoch: int  # seconds since 1970, UTC: the archive state that images of this release stand for
    projects: Mapping[str, str]  # name on the package index -> version
    constraints: Path  # requirements format, pinned, with hashes
    sets: Mapping[str, ConstraintSet] = field(default_factory=dict)

    def projects_of(self, constraints: str) -> Mapping[str, str]:
        """The versions for images of a set: those of the set first. A set that is not there changes nothing."""
        return {**self.projects, **self.sets[constraints].projects} if constraints in self.sets else self.projects

    def locks_of(self, constraints: str) -> tuple[Path, ...]:
        """The locks that hold for images of a set, the set's own first."""
        return (*(each.constraints for name, each in self.sets.items() if name == constraints), self.constraints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A package repository that images of the rpm family may name."""

    baseurl: str = ""  # "": the distribution has it, switched off
    gpgkey: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """How `kollage verify` sees that the service of an image is alive, and what it leaves out.

    The files of the folder `verify` beside image.toml are the service's configuration, `config.json` among them.
    """

    size: int = 0  # MB at most; 0: no budget
    version: tuple[str, ...] = ()  # the command that prints the service's version
    healthy: tuple[str, ...] = ()  # succeeds when the service is there; (): it is not started
    needs: tuple[str, ...] = ()  # images whose services run beside it
    prepare: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # image -> a command in its container first
    bootstrap: bool = False  # whether the image is run once with KOLLA_BOOTSTRAP before
    environment: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()  # folders that outlive the bootstrap; shared with those of `needs` that have them too
    network_admin: bool = False  # whether it may administer the network that it has, a namespace of its own
    ipc: str = ""  # the one of `needs` whose IPC namespace, and so its shared memory, it has
    pid: str = ""  # the one of `needs` whose PID namespace it has, and so knows its processes by their numbers
    systemd: bool = False  # whether its first process is systemd, which needs control groups of its own
    kernel: tuple[str, ...] = ()  # modules of a kernel that it needs: it is started in a machine of its own, emulated
    seconds: int = 60  # until the service has to be healthy
    stop_seconds: int = 10  # within which it ends when it is asked to
    exceptions: Mapping[str, str] = field(default_factory=dict)  # `<check> <subject>` -> why that is right here
    commands_by: tuple[str, ...] = ()  # the images that start what the shared code names, and are held to it
    not_started: str = ""  # why its service cannot be seen alive on an ordinary machine
    unproven: str = ""  # why nobody has built it yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Why a release lacks an image, and what to say instead to have it."""

    reason: str
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image as its folder describes it."""

    name: str
    folder: Path
    description: str
    parent: str | None  # None: it stands on the base itself
    users: tuple[User, ...] = ()
    run_as: str = ""  # "": root
    packages: PerBase = PerBase()
    package_lists: PerBase = PerBase()  # what overrides may call the packages besides `packages`
    repositories: PerBase = PerBase()  # beside those that every image has
    sources: tuple[Source, ...] = ()
    python: Python = Python()
    plugins: bool = False  # whether the operator's plugins are installed into it
    plugin_sources: tuple[Source, ...] = ()  # packed together into plugins-archive
    addition_sources: tuple[Source, ...] = ()  # packed together into additions-archive
    files: tuple[File, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    block: str = ""  # the stem of its block names where that is not its own name
    hooks: Hooks = Hooks()
    unsupported: Mapping[str, str] = field(
        default_factory=dict
    )  # a base, a base and architecture, an architecture, or a suite of Debian's -> the reason
    absent: Absence | None = None  # where the release that was asked for lacks it
    commands: PerBase = PerBase()  # what must be found on the service's PATH
    verify: Verify = Verify()
    template: Path | None = None
    place: str = ""  # of the folder below the catalogue's root
    context: Mapping[str, Layered] = field(default_factory=dict)  # the files of the build context, by their path in it
    configuration: Mapping[str, Layered] = field(default_factory=dict)  # what the service is verified with, by name
    whole: bool = False  # whether the template is a whole Dockerfile, as Kolla has them
    dockerfile: str = ""  # of a whole template: the text that it gave
    stands_on: str = ""  # of a whole template without a parent in the catalogue: what its FROM line names

    def unsupported_on(self, base: str, arch: str, tag: str = "") -> str:
        """Why the image cannot be built there; empty when it can. `tag` is the suite of the base."""
        keys = (base, FAMILIES[base], arch, f"{base}-{arch}", tag)
        reasons = (self.unsupported[key] for key in keys if key in self.unsupported)
        return self.absent.reason if self.absent else next(reasons, "")
