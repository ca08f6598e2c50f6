import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from kollage.distributed import narrow
from kollage.errors import UsageError
from kollage.results import Finding, Result, Status
from kollage.steps import Action, Decision, Lane, Step

STEP = Step(
    id="push:app",
    image="app",
    decision=Decision(action=Action.PUSH, reason="--push"),
    identity="1f",
    reference="r/app:t",
    lane=Lane.PUSH,
)


class Calls:
    """Has a function called when it is read."""

    def __init__(self, function: Callable[..., Any], *arguments: object) -> None:
        self.reduced = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self.reduced


@pytest.mark.parametrize(
    "value",
    [
        STEP,
        Result(
            step="a",
            image="a",
            status=Status.FAILED,
            log=Path("/x"),
            findings=(Finding(check="c", subject="s", message="m"),),
        ),
        MappingProxyType({"a": ("b",)}),
    ],
)
def test_values_of_this_program_come_back_as_they_were(value: object) -> None:
    assert narrow.loads(narrow.dumps(value)) == value


@pytest.mark.parametrize(
    "attempt",
    [
        Calls(os.mkdir, "was-here"),
        Calls(eval, "1"),
        Calls(subprocess.run, ["true"]),
        Calls(getattr, "a", "upper"),
        os.system,
        narrow.install,
        sys.exit,
    ],
)
def test_nothing_else_does_and_nothing_is_called(
    attempt: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no order of this program"):
        narrow.loads(pickle.dumps(attempt))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x80\x05.", pickle.dumps("a")[:-3]])
def test_what_is_no_pickle_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(UsageError, match="no order"):
        narrow.loads(content)


IN_DASK = """
import os, pickle, sys
from kollage.distributed import narrow
narrow.install()
from distributed.protocol import pickle as of_dask
from distributed.protocol import deserialize, serialize
class Calls:
    def __reduce__(self): return os.mkdir, ("was-here",)
for value in (of_dask.loads(pickle.dumps(Calls())), deserialize(*serialize(Calls(), serializers=["pickle"]))):
    assert isinstance(value, narrow.Stranger), value
try:
    of_dask.loads(pickle.dumps(os.mkdir))("was-here")
except BaseException as error:
    print(type(error).__name__)
from kollage.distributed.site import carry_out
assert of_dask.loads(pickle.dumps(carry_out)) is carry_out
"""


def test_dask_reads_the_same_in_a_process_where_that_is_installed(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", IN_DASK], cwd=tmp_path, check=True, env={**os.environ, "HOME": str(tmp_path)})
    assert not (tmp_path / "was-here").exists()
