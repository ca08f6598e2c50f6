"""A CI system sees each verification as a case, and what was found as its failure."""

import xml.etree.ElementTree as ET

from kollage.report import junit_text
from kollage.results import Result, Status

GOOD = Result(step="verify:cron", image="cron", status=Status.VERIFIED, reason="every check", seconds=1.5)
BEFORE = Result(step="verify:etcd", image="etcd", status=Status.REUSED, reason="it passed before")
BAD = Result(
    step="verify:nova-api",
    image="nova-api",
    status=Status.FAILED,
    reason="2 findings",
    seconds=2.25,
    tail=("prover.libraries /usr/bin/x: <no> libx & more", "\x1b[31mred\x1b[0m"),
)
BLOCKED = Result(step="verify:heat", image="heat", status=Status.BLOCKED, reason="heat failed")


def test_each_verification_is_a_case_and_builds_are_none() -> None:
    built = Result(step="build:cron", image="cron", status=Status.FAILED)
    text = junit_text((built, GOOD, BEFORE, BAD, BLOCKED))
    assert text.startswith("<?xml version='1.0' encoding='utf-8'?>\n")
    (suite,) = ET.fromstring(text)
    assert suite.attrib == {
        "name": "kollage verify",
        "tests": "4",
        "failures": "1",
        "skipped": "1",
        "time": "3.750",
    }
    assert [(case.get("name"), [inner.tag for inner in case]) for case in suite] == [
        ("cron", []),
        ("etcd", []),
        ("nova-api", ["failure"]),
        ("heat", ["skipped"]),
    ]


def test_a_failure_tells_what_was_found_and_cannot_break_the_document() -> None:
    failure = ET.fromstring(junit_text((BAD,))).find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.get("message") == "2 findings"
    assert failure.text == "prover.libraries /usr/bin/x: <no> libx & more\nred"


def test_without_a_verification_there_is_an_empty_suite() -> None:
    (suite,) = ET.fromstring(junit_text(()))
    assert (suite.get("tests"), list(suite)) == ("0", [])
