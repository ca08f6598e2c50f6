"""The world that every functional test has to itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.world import World, end_group, make


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make(tmp_path)
    yield made
    end_group([int(path.read_text(encoding="utf-8")) for path in made.engine.glob("sleeps-*")])
