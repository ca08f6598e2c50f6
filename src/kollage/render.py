"""An image becomes a Dockerfile and its build context.

Rendering is pure: no network, no engine, nothing written.
"""

import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from kollage import __version__, templates
from kollage.catalogue import Catalogue, additional_sources, context_files
from kollage.errors import RenderError
from kollage.image import FAMILIES, Image, Repository, Source
from kollage.options import Options

_DISTRIBUTIONS: Mapping[str, str] = MappingProxyType(
    {"debian": "Debian GNU/Linux", "ubuntu": "Ubuntu", "rocky": "Rocky Linux", "centos": "CentOS Stream"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextFile:
    """A file of the build context."""

    path: str
    content: bytes
    mode: int = 0o644


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

    def recipe(self) -> str:
        """The Dockerfile without the parent's name: what counts is what the parent is, not what it is called."""
        return "\n".join(self._anonymous(line) for line in self.dockerfile.splitlines())

    def _anonymous(self, line: str) -> str:
        words = line.split(" ")
        return " ".join([*words[:1], "parent", *words[2:]]) if words[:2] == ["FROM", self.parent] else line


def renderer(
    catalogue: Catalogue, options: Options, *, base_image: str, constraints: Path
) -> Callable[[Image], Rendered]:
    """A function that renders any image of the catalogue.

    `base_image` is the full name of what images without a parent stand on; `constraints` the release's pinned
    requirements. Raises `RenderError`.
    """
    fill = templates.filler(catalogue, options.template_override)
    shared = _shared_context(catalogue, options)
    return partial(_render, fill, shared, catalogue, options, base_image=base_image, constraints=constraints)


def reference(name: str, options: Options, *, tag: str = "") -> str:
    """The full name of an image: {registry}/{namespace}/{prefix}{name}:{tag}."""
    path = "/".join(
        part for part in (options.registry, options.namespace, f"{options.image_name_prefix}{name}") if part
    )
    return f"{path}:{tag or options.tag}"


def _render(
    fill: templates.Fill,
    shared: Mapping[str, object],
    catalogue: Catalogue,
    options: Options,
    image: Image,
    *,
    base_image: str,
    constraints: Path,
) -> Rendered:
    parent = reference(image.parent, options) if image.parent else base_image
    context = {**shared, **_image_context(image, catalogue, options), "parent": parent}
    dockerfile = fill(image, context)
    return Rendered(
        image=image,
        folder=str(image.folder.relative_to(catalogue.root)),
        dockerfile=_tidy(dockerfile),
        reference=reference(image.name, options),
        parent=parent,
        files=tuple(_context_files(image, options, constraints)),
        sources=tuple(source for source in image.sources if source.type != "release"),
        plugins=additional_sources(image.name, "plugin", options.sources),
        additions=additional_sources(image.name, "additions", options.sources),
    )


def _tidy(text: str) -> str:
    """The text without empty lines: templates may be laid out freely, and the recipe stays the same."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines() if line.strip())


def _context_files(image: Image, options: Options, constraints: Path) -> Iterator[ContextFile]:
    for name, path in context_files(image.folder).items():
        executable = path.stat().st_mode & stat.S_IXUSR
        yield ContextFile(path=name, content=path.read_bytes(), mode=0o755 if executable else 0o644)
    for source in image.sources:
        if source.type == "release":
            yield ContextFile(
                path=f"{source.name}-archive/requirements/upper-constraints.txt",
                content=constraints.read_bytes(),
            )
    yield from _patches(image, options)


def _patches(image: Image, options: Options) -> Iterator[ContextFile]:
    """The patches that the operator keeps for an image, below patches/, with their series, which may be empty."""
    if options.patches_path is None:
        return
    folder = options.patches_path / image.name
    series = folder / "series"
    content = _read(series, f"the series {series}") if series.exists() else b""
    yield ContextFile(path="patches/series", content=content)
    for name in _named(series, content):
        yield ContextFile(path=f"patches/{name}", content=_read(folder / name, f"{series}: names '{name}', which"))


def _named(series: Path, content: bytes) -> Iterator[str]:
    """The patches of a series: one a line; a line that begins with # is a comment."""
    try:
        lines = [line.strip() for line in content.decode().splitlines()]
    except UnicodeDecodeError as error:
        raise RenderError(f"the series {series} is not UTF-8: {error}") from error
    for name in lines:
        if not name or name.startswith("#"):
            continue
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise RenderError(f"{series}: '{name}' is outside the folder of the series", hint="put the patch beside it")
        yield name


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RenderError(f"{what} cannot be read: {error.strerror}", hint="check --patches-path") from error


# --- what a template sees ---


def _shared_context(catalogue: Catalogue, options: Options) -> Mapping[str, object]:
    return {
        "base_arch": options.base_arch,
        "base_distro": options.base,
        "base_distro_tag": options.base_tag,
        "base_image": options.base_image,
        "base_package_type": FAMILIES[options.base],
        "clean_package_cache": True,
        "debian_arch": {"x86_64": "amd64", "aarch64": "arm64"}[options.base_arch],
        "distro_package_manager": "dnf" if FAMILIES[options.base] == "rpm" else "apt",
        "docker_healthchecks": options.docker_healthchecks,
        "image_prefix": options.image_name_prefix,
        "kolla_version": __version__,
        "maintainer": options.maintainer,
        "namespace": options.namespace,
        "openstack_branch": options.openstack_branch,
        "openstack_branch_slashed": options.openstack_branch.replace("-", "/"),
        "openstack_release": options.release,
        "patches_path": options.patches_path,
        "supported_distro_name": _DISTRIBUTIONS[options.base],
        "tag": options.tag,
        "use_dumb_init": options.use_dumb_init,
        "users": catalogue.accounts,
    }


def _image_context(image: Image, catalogue: Catalogue, options: Options) -> Mapping[str, object]:
    stem = image.name.replace("-", "_")
    return {
        "image": image,
        "image_name": image.name,
        "block_stem": image.block or stem,
        "block_names": _block_names(image, stem),
        "customizable_stem": stem,
        "leaf": catalogue.is_leaf(image.name),
        "files": [file for file in image.files if file.on(options.base)],
        "packages": list(image.packages.on(options.base)),
        "package_lists": ["packages", *image.package_lists.on(options.base)],
        "pip_packages": list(image.python.packages),
        "compilers": list(image.python.compilers.on(options.base)),
        "repositories": _repository_flags(image, catalogue, options),
    }


def _block_names(image: Image, stem: str) -> Mapping[str, str]:
    """Blocks with names that the image's own does not give: that of a source is called after where it is found."""
    links = [PurePosixPath(source.link).name for source in image.sources if source.link and source.type != "release"]
    name = f"{links[0].replace('-', '_')}_source_install" if links else f"{stem}_python_install"
    return {"source_install": name}


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
