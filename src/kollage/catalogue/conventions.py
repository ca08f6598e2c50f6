"""What an image.toml need not say, because images of one system do it alike.

A system is the folder that images lie in. What is said in an image.toml always holds instead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from kollage.image import File, Image

_START = "extend_start.sh"
_RULES = "_sudoers"
_QUEUE, _PORT = "rabbitmq", "5672"
_PROGRAMS = ("/usr/bin", "/usr/sbin", "/usr/local/bin")


def with_conventions(images: Mapping[str, Image]) -> dict[str, Image]:
    """The images, those with an image.toml with all that their folders say without words."""
    stood = {name: image if image.whole else _with_parent(image, images) for name, image in images.items()}
    return {name: image if image.whole else _complete(image, stood) for name, image in stood.items()}


def mode_of(place: str) -> int:
    """The mode that a file has for being at a place: programs can be run, rules of sudo are read by root alone."""
    folder, name = str(PurePosixPath(place).parent), PurePosixPath(place).name
    if folder == "/etc/sudoers.d":
        return 0o440
    return 0o755 if folder in _PROGRAMS and not name.endswith("_extend_start") else 0o644


def _with_parent(image: Image, images: Mapping[str, Image]) -> Image:
    """Where image.toml names none: what the system shares, else what code of OpenStack or all images stand on."""
    names = (f"{_system(image)}-base", *(("openstack-base",) if _projects(image) else ()), "base")
    there = (name for name in names if name in images and name != image.name)
    return image if image.parent else replace(image, parent=next(there, None))


def _complete(image: Image, images: Mapping[str, Image]) -> Image:
    return replace(
        image,
        files=(*_files(image, images), *image.files),
        verify=replace(
            image.verify, size=_size(image, images), version=_version(image, images), healthy=_healthy(image)
        ),
    )


def _files(image: Image, images: Mapping[str, Image]) -> Iterator[File]:
    """The files that are copied because of their names, unless image.toml or the image's steps speak of them."""
    named = {file.name for file in image.files}
    parent = images.get(image.parent or "")
    if _START in image.context and _START not in named:
        system = f"{_system(image)}_".replace("-", "_") if parent and _START in parent.context else ""
        yield File(name=_START, to=f"/usr/local/bin/kolla_{system}extend_start")
    for name in image.context:
        if name.endswith(_RULES) and name not in named:
            yield File(name=name, to=f"/etc/sudoers.d/kolla_{name}", mode=mode_of(f"/etc/sudoers.d/{name}"))


def _size(image: Image, images: Mapping[str, Image]) -> int:
    """The budget of the parent within the system; nobody knows how large is what was never built."""
    if image.verify.size or image.verify.unproven:
        return image.verify.size
    shared = _shared(image, images)
    return _size(shared, images) if shared else 0


def _version(image: Image, images: Mapping[str, Image]) -> tuple[str, ...]:
    """The command of the parent within the system, or the version of the image's own Python package."""
    projects, shared = _projects(image), _shared(image, images)
    if image.verify.version:
        return image.verify.version
    if projects:
        return ("pip", "show", projects[0])
    return _version(shared, images) if shared else ()


def _healthy(image: Image) -> tuple[str, ...]:
    """A worker is well when its program, the first of its commands, is connected to RabbitMQ."""
    if image.verify.healthy or image.verify.not_started or _QUEUE not in image.verify.needs:
        return image.verify.healthy
    return ("healthcheck_port", *image.commands.everywhere[:1], _PORT)


def _projects(image: Image) -> list[str]:
    """The projects of the package index that the image installs from their sources."""
    return [source.location for source in image.sources if source.type == "pypi" and source.link]


def _shared(image: Image, images: Mapping[str, Image]) -> Image | None:
    """The parent, where it is of the same system."""
    parent = images.get(image.parent or "")
    return parent if parent and _system(image) and _system(parent) == _system(image) else None


def _system(image: Image) -> str:
    """The folder that the image's own lies in; "" for an image without such a one."""
    return PurePosixPath(image.place).parent.name
