"""What the package managers of both families are told of a repository, as shell commands for a RUN line."""

import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kollage.errors import RenderError
from kollage.repositories.reading import Entry

ASIDE = "/tmp/kolla-repos-backup"  # noqa: S108 - in the image that is built, where Kolla has it
ADDRESSES = ("baseurl", "metalink", "mirrorlist")  # an rpm repository needs one; the first that is there counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository as it is known in one place."""

    name: str
    entry: Entry
    usual: Entry  # the entry without the operator's file
    file: Path

    @property
    def of_distribution(self) -> bool:
        """Whether the base image has it already."""
        return bool(self.entry.get("distro"))

    @property
    def temporary(self) -> bool:
        """Whether it is written for the build and must not stay."""
        return bool(self.entry.get("build_only")) and not self.of_distribution

    def value(self, key: str) -> object:
        """What the entry has to say."""
        if key not in self.entry:
            raise self.complaint(f"has no {key}", hint=f"add {key} to it")
        return self.entry[key]

    def text(self, key: str) -> str:
        """A value that only a text can be."""
        value = self.value(key)
        if not isinstance(value, str):
            raise self.complaint(f"has a {key} that is not a text: {reprlib.repr(value)}", hint="put it in quotes")
        return value

    def complaint(self, what: str, *, hint: str) -> RenderError:
        """An error that names the file and the repository."""
        return RenderError(f"{self.file}: the repository '{self.name}' {what}", hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How the package manager of a family of bases is told of repositories."""

    folder: str
    suffix: str
    lines: Callable[[Repository, str], Iterable[str]]
    before: Callable[[Repository], str]  # a command that goes before the lines are written
    switch: Callable[[Repository, str], str]  # what turns on or off a repository that the distribution has
    original: Callable[[Repository], "Original"]

    def own_file(self, repository: Repository) -> str:
        """The name of the file that a repository is written to."""
        return f"{repository.name}{self.suffix}"

    def write(self, repository: Repository, codename: str) -> str:
        """The commands that write a repository's file."""
        path = f"{self.folder}/{self.own_file(repository)}"
        first, *more = self.lines(repository, codename)
        echoes = [f"echo '{first}' >{path}", *(f"echo '{line}' >>{path}" for line in more)]
        return " && ".join(filter(None, [self.before(repository), *echoes]))


@dataclass(frozen=True, slots=True)
class Original:
    """The file of an image that a repository for the build alone takes the place of."""

    folder: str
    file: str
    marker: str  # the empty file that says there was such a repository

    def put_aside(self) -> str:
        """The command that keeps the file, if there is one."""
        copied = f"cp {self.folder}/{self.file} {ASIDE}/{self.file} 2>/dev/null || true"
        return f"mkdir -p {ASIDE} && {copied} && touch {ASIDE}/{self.marker}"

    def restore(self) -> str:
        """The command that puts it back; what had no file before has none after."""
        path = f"{self.folder}/{self.file}"
        back = f"mv {ASIDE}/{self.file} {path} 2>/dev/null || rm -f {path}"
        return f"[ -f {ASIDE}/{self.marker} ] && ( {back} ) || true"


# --- the rpm family ---


def _rpm_lines(repository: Repository, _codename: str) -> Iterator[str]:
    name = repository.value("name")
    yield from (f"[{name}]", f"name={name}", "enabled=1")
    for check in ("gpgcheck", "repo_gpgcheck"):
        if value := repository.entry.get(check):
            yield f"{check}={value}"
    # further keys stand on lines of their own, indented
    yield from (f"{'       ' if number else 'gpgkey='}{key}" for number, key in enumerate(_keys(repository)))
    yield from _address(repository)


def _keys(repository: Repository) -> list[str]:
    return repository.text("gpgkey").splitlines()


def _address(repository: Repository) -> list[str]:
    """Where the packages are; of base URLs there may be several."""
    key = next((key for key in ADDRESSES if key in repository.entry), "")
    if not key:
        raise repository.complaint("has no baseurl, metalink or mirrorlist", hint="add one of them to it")
    if key == "baseurl":
        return [f"{key}={url}" for url in repository.text(key).splitlines()]
    return [f"{key}={repository.value(key)}"]


def _without_namesake(repository: Repository) -> str:
    """The command that removes every file with a repository of that name."""
    return f"grep -rlF '[{repository.value('name')}]' /etc/yum.repos.d/ 2>/dev/null | xargs -r rm -f"


def _dnf_switch(repository: Repository, mode: str) -> str:
    return f"dnf config-manager --{mode} {repository.value('name')} || true"


def _rpm_original(repository: Repository) -> Original:
    """A distribution may have several repositories in one file."""
    group = repository.entry.get("file_group") or repository.usual.get("file_group") or f"{repository.name}.repo"
    return Original("/etc/yum.repos.d", f"{group}", f"{group}.enabled")


# --- the deb family ---


def _deb_lines(repository: Repository, codename: str) -> Iterator[str]:
    key = repository.text("gpg_key")
    yield f"Uris: {repository.value('url')}"
    yield f"Components: {repository.value('component')}"
    yield "Types: deb"
    yield f"Suites: {repository.text('suite').replace('{openstack_release_codename}', codename.lower())}"
    yield f"Signed-By: {key if key.startswith('/') else f'/etc/kolla/apt-keys/{key}'}"
    if repository.entry.get("trusted"):
        yield "Trusted: yes"
    if "arch" in repository.entry:
        yield f"Architectures: {repository.entry['arch']}"


def _deb_original(repository: Repository) -> Original:
    return Original("/etc/apt/sources.list.d", f"{repository.name}.sources", f"{repository.name}.enabled")


def _nothing(*_args: object) -> str:
    return ""


FAMILIES: Mapping[str, Family] = {
    "rpm": Family(
        folder="/etc/yum.repos.d",
        suffix=".repo",
        lines=_rpm_lines,
        before=_without_namesake,
        switch=_dnf_switch,
        original=_rpm_original,
    ),
    "deb": Family(
        folder="/etc/apt/sources.list.d",
        suffix=".sources",
        lines=_deb_lines,
        before=_nothing,
        switch=_nothing,  # apt has no such switch: the distribution's are always on
        original=_deb_original,
    ),
}
