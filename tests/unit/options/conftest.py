"""The machine that every test of the options has to itself."""

from pathlib import Path

import pytest
from tests.unit.options.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)
