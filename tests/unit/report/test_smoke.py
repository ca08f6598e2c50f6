"""How a smoke test reads, for people and for programs."""

from xml.etree import ElementTree as ET

import pytest

from kollage.report.smoke import FAILED, PASSED, SKIPPED, Outcome, exit_code, junit, line, text, to_json

GOOD = Outcome(step="token", status=PASSED, seconds=0.42, detail="admin in admin")
BAD = Outcome(
    step="instance",
    status=FAILED,
    seconds=31.0,
    asked="the instance 1",
    answered="it is in ERROR: No valid host\nsecond line",
    hint="see whether there is room",
    tail=("last words \x1b[2J",),
    logs=("kollage logs nova-compute",),
)
LEFT = Outcome(step="ping", status=SKIPPED, detail="instance failed")

WHOLE = """\

step      result    time  detail
token     passed    0.4s  admin in admin
instance  failed   31.0s  it is in ERROR: No valid host
ping      skipped         instance failed

1 passed, 1 failed, 1 skipped in 31.4s

instance failed after 31.0s
  asked: the instance 1
  answer: it is in ERROR: No valid host
          second line
    last words
  hint: see whether there is room
  look at: kollage logs nova-compute
"""


def test_the_table_has_the_time_of_each_step_and_failures_whole() -> None:
    assert text([GOOD, BAD, LEFT]) == WHOLE


def test_a_line_tells_how_a_step_ended() -> None:
    assert line(GOOD) == "token: passed in 0.4s, admin in admin\n"
    assert line(BAD) == "instance: failed in 31.0s, it is in ERROR: No valid host\n"


def test_programs_get_all_of_it() -> None:
    told = to_json([GOOD, BAD, LEFT])
    assert told["counts"] == {PASSED: 1, FAILED: 1, SKIPPED: 1}
    assert (told["seconds"], told["exit_code"]) == (31.42, 1)
    steps = told["steps"]
    assert isinstance(steps, list)
    assert steps[1]["answered"].startswith("it is in ERROR")


def test_junit_has_a_case_for_each_step() -> None:
    (suite,) = ET.fromstring(junit([GOOD, BAD, LEFT]))
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    cases = {case.get("name"): case for case in suite}
    failure, skipped = cases["instance"].find("failure"), cases["ping"].find("skipped")
    assert failure is not None
    assert failure.get("message") == "the instance 1: it is in ERROR: No valid host second line"
    assert failure.text == "last words \nkollage logs nova-compute"
    assert skipped is not None
    assert list(cases["token"]) == []


@pytest.mark.parametrize(("outcomes", "code"), [([GOOD, LEFT], 0), ([GOOD, BAD], 1), ([], 0)])
def test_what_failed_is_the_answer_of_the_process(outcomes: list[Outcome], code: int) -> None:
    assert exit_code(outcomes) == code
