"""Package repositories as templates written for Kolla use them: files of Kolla's form in, RUN lines out.

The text is Kolla's to the byte, oddities included, for templates and operators' overrides go on after it. A file is
read once for all images. What is wrong in a file or a template is a sentence that says where.
"""

import reprlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kollage.errors import RenderError
from kollage.facts import nearest
from kollage.repositories.families import ADDRESSES, ASIDE, FAMILIES, Family, Original, Repository
from kollage.repositories.reading import Entry, Sections, load_sources, read_sections

__all__ = ["Repositories", "debian_package_install", "load_repositories", "load_sources"]


def debian_package_install(packages: Sequence[str], clean_package_cache: bool = True) -> str:  # noqa: FBT001, FBT002 - as templates call it
    """The commands that install packages: from the archive, or from where a name that begins with http leads."""
    if isinstance(packages, str) or not all(isinstance(package, str) for package in packages):
        raise RenderError(
            f"debian_package_install needs a list of texts, not {reprlib.repr(packages)}",
            hint="put the names of the packages into square brackets and quotes",
        )
    archived = [package for package in packages if not package.startswith("http")]
    commands: list[str] = []
    if archived:
        commands += [
            "apt-get --error-on=any update",
            f"apt-get -y install --no-install-recommends {' '.join(archived)}",
        ]
    if archived and clean_package_cache:
        commands += ["apt-get clean", "rm -rf /var/lib/apt/lists/*"]
    for address in packages:
        if address.startswith("http"):
            file = address.rpartition("/")[2]
            commands += [f"curl --location {address} -o {file}", f"dpkg -i {file}", f"rm -rf {file}"]
    return " && ".join(commands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repositories:
    """All repositories by section: those of a package type, of a base, of a base on an architecture.

    `usual` is how they come, `changed` how the operator's file leaves them; `file` is where one would mend them.
    """

    file: Path
    usual: Sections
    changed: Sections

    def handle(
        self, names: Sequence[str], mode: str, *, package_type: str, base: str, arch: str, codename: str, image: str
    ) -> str:
        """The RUN line that enables or disables repositories; empty if nothing is to be done. Raises `RenderError`."""
        there = self._there(package_type, base, arch)
        if package_type == "rpm":
            self._check_groups(there.values())
        wanted = _wanted(names, there, f"{base} on {arch}", image)
        text = _commands(mode, FAMILIES[package_type], wanted, codename)
        return f"RUN {text}" if text else ""

    def cleanup(self, *, package_type: str, base: str, arch: str) -> str:
        """The RUN line that undoes what repositories for the build alone have changed; empty if there are none."""
        temporary = [each for each in self._there(package_type, base, arch).values() if each.temporary]
        commands = list(_restored(FAMILIES[package_type], temporary))
        return "RUN " + " \\\n    && ".join([*commands, f"rm -rf {ASIDE}"]) if commands else ""

    def _there(self, package_type: str, base: str, arch: str) -> Mapping[str, Repository]:
        """What is known in one place, by name."""
        sections = (package_type, base, f"{base}-{arch}")
        usual = _laid_over(self.usual, sections)
        return {
            name: Repository(name=name, entry=entry, usual=usual.get(name, {}), file=self.file)
            for name, entry in _laid_over(self.changed, sections).items()
        }

    def _check_groups(self, there: Iterable[Repository]) -> None:
        """A distribution's file goes when one repository in it is replaced, so all in it must be."""
        shared = [each for each in there if each.usual.get("distro") and each.usual.get("file_group")]
        replaced = [each for each in shared if not each.of_distribution]
        groups = [each.usual["file_group"] for each in replaced]
        lost = sorted(each.name for each in there if each.of_distribution and each.entry.get("file_group") in groups)
        if lost:
            raise RenderError(
                f"{self.file}: it replaces {', '.join(sorted(each.name for each in replaced))} but not "
                f"{', '.join(lost)}, and they share a file of the distribution",
                hint=f"replace {', '.join(lost)} as well: the file goes with the first of them",
            )


def load_repositories(*, default: Path, override: Path | None) -> Repositories:
    """The repositories of a file of Kolla's form, and how the operator's file changes them. Raises `UsageError`."""
    usual = read_sections(default)
    own = read_sections(override) if override else {}
    # an entry of the operator's replaces the whole entry, in its place
    changed = {name: MappingProxyType({**usual.get(name, {}), **own.get(name, {})}) for name in {**usual, **own}}
    return Repositories(file=override or default, usual=MappingProxyType(usual), changed=MappingProxyType(changed))


def _laid_over(sections: Sections, names: Iterable[str]) -> Mapping[str, Entry]:
    """The entries of several sections, the later over the earlier; the order is that of first mention."""
    entries: dict[str, Entry] = {}
    for name in names:
        for repository, entry in sections.get(name, {}).items():
            entries[repository] = _over(entries[repository], entry) if repository in entries else entry
    return entries


def _over(below: Entry, above: Entry) -> Entry:
    """One entry over another; with an address it is no longer the distribution's."""
    both = {**below, **above}
    if any(key in both for key in (*ADDRESSES, "url")):
        both.pop("distro", None)
    return both


def _wanted(names: Sequence[str], there: Mapping[str, Repository], place: str, image: str) -> list[Repository]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RenderError(
            f"the image {image} calls handle_repos with {reprlib.repr(names)}, which is not a list of names",
            hint="put the names of the repositories into square brackets and quotes",
        )
    for name in names:
        if name not in there:
            raise RenderError(
                f"the image {image} needs a repository '{name}', which is not known for {place}",
                hint=nearest(name, there) or f"known are {', '.join(sorted(there))}",
            )
    return [there[name] for name in names]


def _commands(mode: str, family: Family, repositories: Sequence[Repository], codename: str) -> str:
    match mode:
        case "enable":
            return _enabled(family, repositories, codename)
        case "disable":
            return _disabled(family, repositories)
        case _:
            return ""  # as Kolla has it


def _enabled(family: Family, repositories: Sequence[Repository], codename: str) -> str:
    """The commands for all; what the build alone needs is put aside once for each file."""
    aside: list[Original] = []
    parts: list[str] = []
    for repository in repositories:
        original = family.original(repository)
        if repository.temporary and original not in aside:
            aside.append(original)
            parts.append(original.put_aside())
        if repository.of_distribution:
            parts.append(family.switch(repository, "enable"))
        else:
            parts.append(family.write(repository, codename))
    # as Kolla has it: commands end with && if the last repository needs none
    dangling = " && " if any(parts) and not parts[-1] else ""
    return " && ".join(filter(None, parts)) + dangling


def _disabled(family: Family, repositories: Sequence[Repository]) -> str:
    """The commands for those of the distribution; as Kolla has it, nothing stands between them."""
    return "".join(family.switch(each, "disable") for each in repositories if each.of_distribution)


def _restored(family: Family, repositories: Iterable[Repository]) -> Iterator[str]:
    """The commands that put originals back; a file that several repositories came from is put back once."""
    shared: list[Original] = []
    for repository in repositories:
        original = family.original(repository)
        if original.file != family.own_file(repository):
            yield f"rm -f {family.folder}/{family.own_file(repository)}"
            if original in shared:
                continue
            shared.append(original)
        yield original.restore()
