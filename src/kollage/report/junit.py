"""Verifications as JUnit XML, which every CI system shows: an image is a case, its findings are the failure."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from kollage.report.events import action, clean
from kollage.results import Result, Status


def text(results: Sequence[Result]) -> str:
    """Write one suite with a case for each image that was to be verified."""
    cases = [result for result in results if action(result.step) == "verify"]
    suite = ET.Element(
        "testsuite",
        name="kollage verify",
        tests=str(len(cases)),
        failures=str(sum(case.status is Status.FAILED for case in cases)),
        skipped=str(sum(case.status in {Status.BLOCKED, Status.CANCELLED} for case in cases)),
        time=f"{sum(case.seconds for case in cases):.3f}",
    )
    for case in cases:
        _add(suite, case)
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _add(suite: ET.Element, case: Result) -> None:
    element = ET.SubElement(suite, "testcase", classname="kollage", name=case.image, time=f"{case.seconds:.3f}")
    if case.status is Status.FAILED:
        failure = ET.SubElement(element, "failure", message=clean(case.reason))
        failure.text = "\n".join(clean(line) for line in case.tail)
    elif not case.ok:
        ET.SubElement(element, "skipped", message=clean(case.reason))
