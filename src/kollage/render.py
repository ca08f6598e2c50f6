"""An image becomes a Dockerfile and its build context.

No network, no engine, and nothing decided by anything but the values that are given; the texts are kept for later runs.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from kollage import __version__, contents, templates
from kollage.catalogue import Catalogue
from kollage.contents import ContextFile
from kollage.errors import RenderError, UsageError
from kollage.facts import nearest
from kollage.image import FAMILIES, ConstraintSet, File, Image, Release, Repository, Source
from kollage.options import Options
from kollage.templates.names import block_names, block_stem, list_stem

_DISTRIBUTIONS: Mapping[str, str] = MappingProxyType(
    {"debian": "Debian GNU/Linux", "ubuntu": "Ubuntu", "rocky": "Rocky Linux", "centos": "CentOS Stream"}
)
# the same as Kolla's own templates are told: one release alone
_BY_KOLLA: Mapping[str, str] = MappingProxyType(
    {"debian": "Debian GNU/Linux 13 (trixie)", "ubuntu": "Ubuntu 24.04.* LTS", "rocky": "Rocky Linux 10.* (Red Quartz)"}
)
# what templates written for Kolla begin from where no --base-image is given
_BASE_IMAGES: Mapping[str, str] = MappingProxyType(
    {
        "debian": "debian",
        "ubuntu": "ubuntu",
        "rocky": "quay.io/rockylinux/rockylinux",
        "centos": "quay.io/centos/centos",
    }
)
_NEWEST = "Hibiscus"
_CODENAMES: Mapping[str, str] = MappingProxyType(
    {
        "2024.1": "Caracal",
        "2024.2": "Dalmatian",
        "2025.1": "Epoxy",
        "2025.2": "Flamingo",
        "2026.1": "Gazpacho",
        "2026.2": _NEWEST,
    }
)
_APT_PLACES: Mapping[str, str] = MappingProxyType(
    {
        "sources.list": "/etc/apt/sources.list.d/kolla-custom.list",
        "apt_preferences": "/etc/apt/preferences.d/kolla-custom",
    }
)
_FROM = re.compile(r"^FROM\s.*$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What an engine needs to build an image, but for the archives of its sources.

    `folder` is where it lies below the catalogue's root. `archives` maps a file of the context to the sources that
    are packed into it.
    """

    image: Image
    folder: str
    dockerfile: str
    reference: str  # the image's full name
    parent: str  # the parent's full name, as the FROM line has it
    files: tuple[ContextFile, ...]
    sources: tuple[Source, ...]
    plugins: tuple[Source, ...]
    additions: tuple[Source, ...]
    foreign: bool = False  # whether it stands on an image from elsewhere
    empty_folders: tuple[str, ...] = ()  # of the context, made even where nothing lies in them
    updates: tuple[str, ...] = ()  # package=version: what archives had newer when it was asked to be built anew

    def recipe(self) -> str:
        """The Dockerfile without the parent's name: what counts is what the parent is, not what it is called."""
        return "\n".join(self._anonymous(line) for line in self.dockerfile.splitlines())

    def standing_on(self, name: str) -> "Rendered":
        """The same with another name for the same parent."""
        lines = (self._anonymous(line, name) for line in self.dockerfile.split("\n"))
        return replace(self, dockerfile="\n".join(lines), parent=name)

    def _anonymous(self, line: str, name: str = "parent") -> str:
        words = line.split(" ")
        if not _FROM.match(line) or self.parent not in words:
            return line
        at = words.index(self.parent)
        return " ".join([*words[:at], name, *words[at + 1 :]])


def renderer(
    catalogue: Catalogue,
    options: Options,
    *,
    base_image: str,
    constraints: Path | None,
    sets: Mapping[str, ConstraintSet] = MappingProxyType({}),
    fill: templates.Fill | None = None,
) -> Callable[[Image], Rendered]:
    """A function that renders any image of the catalogue.

    `base_image` is the full name of what images without a parent stand on; `constraints` the release's pinned
    requirements, None where only images with a whole Dockerfile are rendered; `sets` what the release pins for single
    images. Raises `RenderError`.
    """
    fill = fill or templates.filler(catalogue, options)
    shared = _shared_context(catalogue, options)
    locks = {name: (each.constraints, constraints) for name, each in sets.items() if constraints}
    return partial(
        _render, fill, shared, catalogue, options, base_image=base_image, constraints=constraints, locks=locks
    )


def rendered(
    images: Iterable[Image], catalogue: Catalogue, options: Options, *, base_image: str, release: Release | None
) -> Mapping[str, Rendered]:
    """Images of the catalogue by name, with texts of an earlier run where those hold. Raises `RenderError`.

    Without a release only images with a whole Dockerfile can be rendered.
    """
    before = templates.Before(catalogue, options, templates.filler(catalogue, options))
    constraints, sets = (release.constraints, release.sets) if release else (None, {})
    make = renderer(catalogue, options, base_image=base_image, constraints=constraints, sets=sets, fill=before.fill)
    found = {image.name: make(image) for image in images}
    before.keep()
    return found


def reference(name: str, options: Options, *, tag: str = "") -> str:
    """The full name of an image: {registry}/{namespace}/{prefix}{name}:{tag}."""
    path = "/".join(
        part for part in (options.registry, options.namespace, f"{options.image_name_prefix}{name}") if part
    )
    return f"{path}:{tag or options.tag}"


def settle(catalogue: Catalogue, options: Options) -> Catalogue:
    """Fill the templates of images with a whole Dockerfile: its first FROM line says what each stands on.

    Raises `RenderError`, and `UsageError` for a parent that is named like an image of this catalogue and is none.
    """
    if not any(image.whole for image in catalogue.images.values()):
        return catalogue
    shared = _shared_context(catalogue, options)
    texts = templates.filled_before(catalogue, options, shared, partial(_filled, catalogue, options, shared))
    names = {reference(name, options): name for name in catalogue.images}
    images = {
        name: _settled(image, texts[name], names, options) if image.whole else image
        for name, image in catalogue.images.items()
    }
    return replace(catalogue, images=MappingProxyType(images))


def _filled(catalogue: Catalogue, options: Options, shared: Mapping[str, object]) -> Mapping[str, str]:
    fill = templates.filler(catalogue, options)
    whole = (image for image in catalogue.images.values() if image.whole)
    users = {name: account for name, account in catalogue.accounts.items() if not account.own}  # all that Kolla has
    return {image.name: fill(image, {**shared, "users": users, "image_name": image.name}) for image in whole}


def _settled(image: Image, text: str, names: Mapping[str, str], options: Options) -> Image:
    dockerfile = _with_pip_arguments(text, options)
    stands_on = _first_from(dockerfile)
    if not stands_on:
        raise RenderError(
            f"{image.template}: there is no FROM line in it", hint="steps alone need an image.toml beside them"
        )
    parent = names.get(stands_on)
    name = _own_name(stands_on, options)
    if name and not parent:
        short = [other for other in names.values() if other != image.name]
        raise UsageError(
            f"{image.template}: the parent '{name}' is not in the catalogue",
            hint=nearest(name, short) or "see `kollage list`",
        )
    return replace(image, dockerfile=dockerfile, parent=parent, stands_on="" if parent else stands_on)


def _own_name(full: str, options: Options) -> str:
    """What an image of ours would be called that has this full name; "" for a name that none of ours has."""
    before, _, end = reference("*", options).partition("*")
    ours = full.startswith(before) and full.endswith(end) and full != _base_name(options)
    name = full.removeprefix(before).removesuffix(end)
    return name if ours and "/" not in name else ""


def _first_from(dockerfile: str) -> str:
    """What a Dockerfile stands on; "" where it has no FROM line."""
    words = next((line.split() for line in dockerfile.splitlines() if _FROM.match(line)), [])
    return next((word for word in words[1:] if not word.startswith("--")), "")


def _with_pip_arguments(dockerfile: str, options: Options) -> str:
    """The text with a declaration of each package index that the configuration file names, behind the first FROM."""
    lines = dockerfile.split("\n")
    first = next((number for number, line in enumerate(lines, 1) if _FROM.match(line)), 0)
    if first:
        lines[first:first] = [f"ARG {name}" for name in options.pip_arguments]
    return "\n".join(lines)


def _render(
    fill: templates.Fill,
    shared: Mapping[str, object],
    catalogue: Catalogue,
    options: Options,
    image: Image,
    *,
    base_image: str,
    constraints: Path | None,
    locks: Mapping[str, tuple[Path, Path]],
) -> Rendered:
    parent = reference(image.parent, options) if image.parent else image.stands_on or base_image
    dockerfile = image.dockerfile
    if not image.whole:
        apart = contents.APART if image.python.constraints in locks else ""
        values = {**shared, **_image_context(image, catalogue, options), "parent": parent, "constraints": apart}
        dockerfile = _tidy(fill(image, values))
    elif image.stands_on == _base_name(options) and base_image:
        parent, dockerfile = base_image, _on(base_image, dockerfile)
    return Rendered(
        image=image,
        folder=image.place,
        dockerfile=dockerfile,
        reference=reference(image.name, options),
        parent=parent,
        files=tuple(contents.context_files(image, options, constraints, locks)),
        sources=tuple(source for source in image.sources if source.type != "release"),
        plugins=image.plugin_sources,
        additions=image.addition_sources,
        foreign=is_foreign(image, options),
        empty_folders=(contents.PATCHES,) if image.whole else (),
    )


def is_foreign(image: Image, options: Options) -> bool:
    """Whether an image stands on one from elsewhere, and not on another of ours or the base of the distribution."""
    return image.stands_on not in {"", _base_name(options)}


def _on(parent: str, dockerfile: str) -> str:
    """The text with another name in its first FROM line."""
    return _FROM.sub(lambda match: match[0].replace(_first_from(match[0]), parent), dockerfile, count=1)


def _base_name(options: Options) -> str:
    """What the FROM line of Kolla's base image names."""
    return f"{_base_image(options)}:{options.base_tag}"


def _base_image(options: Options) -> str:
    return options.base_image or _BASE_IMAGES[options.base]


def _tidy(text: str) -> str:
    """The text without empty lines: templates may be laid out freely, and the recipe stays the same."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines() if line.strip())


# --- what a template sees ---


def _shared_context(catalogue: Catalogue, options: Options) -> Mapping[str, object]:
    family = FAMILIES[options.base]
    return {
        "base_arch": options.base_arch,
        "base_distro": options.base,
        "base_distro_tag": options.base_tag,
        "base_image": _base_image(options),
        "base_package_type": options.base_package_type or family,
        "clean_package_cache": options.clean_package_cache,
        "debian_arch": options.debian_arch,
        "distro_package_manager": options.distro_package_manager or {"rpm": "dnf", "deb": "apt"}[family],
        "docker_healthchecks": options.docker_healthchecks,
        "image_prefix": options.image_name_prefix,
        "kolla_version": __version__,
        "maintainer": options.maintainer,
        "namespace": "/".join(part for part in (options.registry, options.namespace) if part),
        "openstack_branch": options.openstack_branch,
        "openstack_branch_slashed": options.openstack_branch_slashed,
        "openstack_release": options.release,
        "openstack_release_codename": options.openstack_release_codename or _CODENAMES.get(options.release, _NEWEST),
        "patches_path": options.patches_path,
        "repos_yaml": str(options.repos_yaml or ""),
        "rpm_setup": [_rpm_setup(each) for each in options.rpm_setup_config],
        "supported_distro_name": _BY_KOLLA.get(options.base, ""),
        "tag": options.tag,
        "use_dumb_init": options.use_dumb_init,
        "users": catalogue.accounts,
    }


def _rpm_setup(place: str) -> str:
    """The line of a Dockerfile that sets up a repository from a package, a file or an address."""
    if place.endswith(".rpm"):
        return f"RUN dnf -y install {place}"
    if not place.endswith(".repo"):
        raise UsageError(f"rpm_setup_config: '{place}' is neither .rpm nor .repo", hint="name files or URLs that are")
    if place.startswith("http"):
        return f"RUN curl -L {place} -o /etc/yum.repos.d/{PurePosixPath(place).name}"
    return f"COPY {place} /etc/yum.repos.d/"


def _image_context(image: Image, catalogue: Catalogue, options: Options) -> Mapping[str, object]:
    return {
        "image": image,
        "supported_distro_name": _DISTRIBUTIONS[options.base],
        "image_name": image.name,
        "block_stem": block_stem(image),
        "block_names": block_names(image),
        "customizable_stem": list_stem(image),
        "leaf": catalogue.is_leaf(image.name),
        "begins_as": _begins_as(image, catalogue),
        "files": [*_setup_files(image, options), *(file for file in image.files if file.on(options.base))],
        "packages": list(image.packages.on(options.base)),
        "package_lists": ["packages", *image.package_lists.on(options.base)],
        "pip_packages": list(image.python.packages),
        "compilers": list(image.python.compilers.on(options.base)),
        "repositories": _repository_flags(image, catalogue, options),
    }


def _begins_as(image: Image, catalogue: Catalogue) -> str:
    """The account that the image's parent runs as, where that is not root."""
    seen: set[str] = set()
    at = catalogue.images.get(image.parent or "")
    while at and not at.run_as and at.name not in seen:
        seen.add(at.name)
        at = catalogue.images.get(at.parent or "")
    return at.run_as if at and at.run_as != "root" else ""


def _setup_files(image: Image, options: Options) -> Iterator[File]:
    """The operator's files for apt, which are in place before the first package is installed."""
    given = contents.apt_files(options) if image.parent is None and FAMILIES[options.base] == "deb" else {}
    yield from (File(name=name, to=_APT_PLACES[name], early=True) for name in given)


def _repository_flags(image: Image, catalogue: Catalogue, options: Options) -> list[str]:
    """What dnf is told so that one command sees the image's repositories and the image keeps none of them."""
    return [
        flag
        for name in image.repositories.on(options.base)
        for flag in _flags(name, catalogue.repositories.get(name), image)
    ]


def _flags(name: str, repository: Repository | None, image: Image) -> tuple[str, ...]:
    if repository is None:
        raise RenderError(
            f"{image.folder / 'image.toml'}: repositories names '{name}', which repositories.toml does not have"
        )
    if not repository.baseurl:
        return (f"--enablerepo={name}",)
    return (
        f"--repofrompath='{name},{repository.baseurl}'",
        f"--setopt={name}.gpgcheck=1",
        f"--setopt='{name}.gpgkey={repository.gpgkey}'",
    )
