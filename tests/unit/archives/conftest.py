"""Keys are made once: it takes a moment."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.archives.archive import Signer, signer


@pytest.fixture(scope="session")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signer]:
    """Who signs the archive."""
    with signer(tmp_path_factory.mktemp("keys") / "d") as made:
        yield made


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signer]:
    """Who signs as well, and is not trusted."""
    with signer(tmp_path_factory.mktemp("keys") / "s") as made:
        yield made


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return tmp_path / "mirror"
