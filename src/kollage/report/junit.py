"""What was tried as JUnit XML, which every CI system shows: a suite of cases, each with what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from kollage.report.events import action, clean
from kollage.results import Result, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that was tried, or was to be."""

    group: str
    name: str
    seconds: float
    failure: str = ""  # why it failed, in a line; "" where it did not
    lines: Sequence[str] = ()  # what a failure shows
    skipped: str = ""  # why it was not tried; "" where it was


def text(results: Sequence[Result]) -> str:
    """Write one suite with a case for each image that was to be verified."""
    return document("kollage verify", [_case(each) for each in results if action(each.step) == "verify"])


def document(name: str, cases: Sequence[Case]) -> str:
    """Write one suite."""
    suites = ET.Element("testsuites")
    suite = ET.SubElement(
        suites,
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(sum(bool(case.failure) for case in cases)),
        skipped=str(sum(bool(case.skipped) for case in cases)),
        time=f"{sum(case.seconds for case in cases):.3f}",
    )
    for case in cases:
        element = ET.SubElement(suite, "testcase", classname=case.group, name=case.name, time=f"{case.seconds:.3f}")
        if case.failure:
            ET.SubElement(element, "failure", message=clean(case.failure)).text = "\n".join(map(clean, case.lines))
        elif case.skipped:
            ET.SubElement(element, "skipped", message=clean(case.skipped))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _case(result: Result) -> Case:
    failed = result.status is Status.FAILED
    return Case(
        group="kollage",
        name=result.image,
        seconds=result.seconds,
        failure=(result.reason or "failed") if failed else "",
        lines=result.tail,
        skipped=(result.reason or result.status.value) if not failed and not result.ok else "",
    )
