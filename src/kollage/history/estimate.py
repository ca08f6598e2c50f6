"""How long a step is expected to take: as the last times, else by what the catalogue says of its image."""

from collections.abc import Mapping

from kollage.history import Before
from kollage.image import Image

# seconds, as a machine of two cores takes them; what counts is which image takes longer than which
_ANY = 5.0  # a container made, files copied, a layer written
_PACKAGES = 40.0  # the package manager looks around and sets up what it unpacked
_PACKAGE = 2.0  # each package, with what it brings
_PYTHON = 40.0  # requirements are resolved and linked
_REQUIREMENT = 2.0  # each requirement, with what it brings
_COMPILED = 60.0  # a stage with compilers, and wheels made in it
_SOURCE = 3.0  # each archive that is unpacked
_WHOLE = 60.0  # an image with a whole Dockerfile, of which nothing is known
BASE = 45.0  # a base made from its package archive
OTHER = 10.0  # a push, a pull, a verification


def expected(step: str, before: Mapping[str, Before], image: Image | None, base: str) -> float:
    """The seconds that a step is expected to take."""
    known = before.get(step)
    if known and known.seconds:
        return median(known.seconds)
    if image:
        return estimate(image, base)
    return BASE if step.startswith("bootstrap:") else OTHER


def median(seconds: tuple[float, ...]) -> float:
    """The middle one; of an even number the longer of the two."""
    return sorted(seconds)[len(seconds) // 2]


def estimate(image: Image, base: str) -> float:
    """The seconds that the first build of an image is expected to take."""
    if image.whole:
        return _WHOLE
    packages = image.packages.on(base)
    python = image.python
    return (
        _ANY
        + (_PACKAGES + _PACKAGE * len(packages) if packages else 0.0)
        + (_PYTHON + _REQUIREMENT * len(python.packages) if python.packages else 0.0)
        + (_COMPILED if python.wheels or python.compilers.on(base) else 0.0)
        + _SOURCE * len((*image.sources, *image.plugin_sources, *image.addition_sources))
    )
