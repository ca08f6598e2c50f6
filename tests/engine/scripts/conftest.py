"""One container for all cases here, swept after each."""

from collections.abc import Iterator

import pytest

from tests.engine.scripts.box import Box, opened


@pytest.fixture(scope="package")
def container() -> Iterator[Box]:
    with opened() as box:
        box.mark()
        yield box


@pytest.fixture
def box(container: Box) -> Iterator[Box]:
    """The container as it was made; a test that changes what it cannot remove would spoil the next ones."""
    yield container
    assert container.reset() == {}
