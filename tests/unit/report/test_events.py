"""Events read in one line, and nothing that a build prints can steer a terminal."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kollage.report.events import Begun, begun_text, clean, duration, ended_text, outcome, size
from kollage.results import Result, Status

LOG = Path("logs/keystone.log")


def ended(status: Status, step: str = "build", **facts: object) -> str:
    return ended_text(Result(step=f"{step}:keystone", image="keystone", status=status, **facts))  # type: ignore[arg-type]


def test_a_step_that_ends_reads_as_a_sentence() -> None:
    assert [
        ended(Status.BUILT, seconds=41.2, size=402_000_000),
        ended(Status.BUILT, seconds=41.2),
        ended(Status.BUILT, "bootstrap", seconds=192, size=80_000_000),
        ended(Status.PUSHED, "push", seconds=3),
        ended(Status.REUSED, "push", reason="the registry has it"),
        ended(Status.VERIFIED, "verify", seconds=3),
        ended(Status.REUSED, "verify", reason="it passed before"),
        ended(Status.FAILED, "verify", seconds=3),
        ended(Status.STARTED, "start", seconds=3),
        ended(Status.FETCHED, "fetch", seconds=3),
        ended(Status.LEFT, "fetch", reason="source 'a': it is not there"),
        ended(Status.PULLED, seconds=3, size=402_000_000),
        ended(Status.SKIPPED, reason="--skip-existing"),
        ended(Status.REUSED, reason="unchanged"),
        ended(Status.FAILED, seconds=41, log=LOG),
        ended(Status.FAILED, "push", seconds=4),
        ended(Status.BLOCKED, reason="openstack-base failed"),
        ended(Status.CANCELLED, seconds=2),
        ended(Status.CANCELLED),
    ] == [
        "keystone: built in 41s, 402 MB",
        "keystone: built in 41s",
        "keystone: bootstrapped in 3m12s, 80 MB",
        "keystone: pushed in 3s",
        "keystone: pushed before, the registry has it",
        "keystone: verified in 3s",
        "keystone: verified before, it passed before",
        "keystone: verify failed after 3s",
        "keystone: started in 3s",
        "keystone: fetched in 3s",
        "keystone: fetch left to the build: source 'a': it is not there",
        "keystone: pulled in 3s, 402 MB",
        "keystone: skipped, --skip-existing",
        "keystone: reused, unchanged",
        "keystone: failed after 41s (log: logs/keystone.log)",
        "keystone: push failed after 4s",
        "keystone: blocked, openstack-base failed",
        "keystone: cancelled after 2s",
        "keystone: cancelled",
    ]


def test_a_step_that_begins_says_where_its_output_goes() -> None:
    assert begun_text(Begun(step="build:a", image="a", log=Path("logs/a.log"))) == "a: building (log: logs/a.log)"
    assert begun_text(Begun(step="verify:a", image="a")) == "a: verifying"


def test_an_unknown_kind_of_step_is_named_by_its_id() -> None:
    assert outcome(Result(step="sign:a", image="a", status=Status.FAILED)) == "sign failed"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (41.4, "41s"), (59.6, "1m00s"), (192, "3m12s"), (3599.7, "1h00m"), (3900, "1h05m")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (5_000, "0.0 MB"),
        (3_210_000, "3.2 MB"),
        (9_960_000, "10 MB"),
        (402_000_000, "402 MB"),
        (999_600_000, "1.0 GB"),
        (1_234_000_000, "1.2 GB"),
    ],
)
def test_sizes_are_decimal(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[10;20Hhome", "home"),
        ("\x9b2Jeight bit", "eight bit"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ended", "0;never ended"),
        ("\x1bcreset", "reset"),
        ("a\tb\rc", "a b c"),
        ("\u202eright to left\u202c", "right to left"),
        ("zero\u200bwidth", "zerowidth"),
        ("[red]markup[/red] :smile:", "[red]markup[/red] :smile:"),
        ("a lone \udc80 surrogate", "a lone  surrogate"),
        ("漢字 é", "漢字 é"),
    ],
)
def test_foreign_text_is_shown_and_not_obeyed(foreign: str, shown: str) -> None:
    assert clean(foreign) == shown


@given(st.text() | st.text(alphabet="\x1b\x9b\x9d[]0;mJH\x07\\\r\n a"))
def test_whatever_is_printed_comes_out_printable(text: str) -> None:
    assert clean(text) == "" or clean(text).isprintable()


def test_a_hostile_line_costs_no_more_than_its_length() -> None:
    assert clean("\x9d" * 200_000 + "\x1b[" * 200_000 + "\x1b]" * 200_000).isprintable()
