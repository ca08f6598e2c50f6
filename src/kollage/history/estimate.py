"""How long a step is expected to take: as the last times, else by what the catalogue says of its image."""

from collections.abc import Mapping

from kollage.history import Before
from kollage.image import Image

# seconds, as a machine of two cores takes them; what counts is which image takes longer than which
_ANY = 5.0  # a container made, files copied, a layer written
_PACKAGES = 8.0  # the package manager looks around and sets up what it unpacked
_PACKAGE = 1.0  # each package, with what it brings
_PYTHON = 8.0  # requirements are resolved and linked
_REQUIREMENT = 0.5  # each requirement, with what it brings
_COMPILED = 60.0  # a stage with compilers, and wheels made in it
_SOURCE = 3.0  # each archive that is unpacked
_WHOLE = 45.0  # an image with a whole Dockerfile, of which nothing is known
UNKNOWN = 10.0  # what the catalogue does not know: a base, most of all


def expected(step: str, before: Mapping[str, Before], image: Image | None, base: str) -> float:
    """The seconds that a step is expected to take."""
    known = before.get(step)
    return median(known.seconds) if known and known.seconds else estimate(image, base)


def median(seconds: tuple[float, ...]) -> float:
    """The middle one; of an even number the longer of the two."""
    return sorted(seconds)[len(seconds) // 2]


def estimate(image: Image | None, base: str) -> float:
    """The seconds that the first build of an image is expected to take."""
    if image is None:
        return UNKNOWN
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
