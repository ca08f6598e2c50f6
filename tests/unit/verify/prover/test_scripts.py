"""Scripts with and without their interpreters."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.verify.roots import File, Made, link, program, subject

from kollage.verify.prover.scripts import check_interpreters

VENV = "/var/lib/kolla/venv"
SYSTEM: Mapping[str, Made] = {
    "/bin": link("usr/bin"),
    "/usr/bin/sh": File(b"\x7fELF", mode=0o755),
    "/usr/bin/env": File(b"\x7fELF", mode=0o755),
    f"{VENV}/bin/python": link("/usr/bin/python3"),
    "/usr/bin/python3": File(b"\x7fELF", mode=0o755),
    "/usr/bin/perl": File(b"\x7fELF", mode=0o644),
}


def found(root: Path, files: Mapping[str, Made]) -> dict[str, str]:
    configuration = {"Env": [f"PATH={VENV}/bin:/usr/bin"]}
    findings = check_interpreters(subject(root, {**SYSTEM, **files}, configuration=configuration))
    return {each.subject: each.message.removeprefix(each.subject).strip() for each in findings}


def script(line: str | bytes) -> File:
    return File(line, mode=0o755)


@pytest.mark.parametrize(
    "line",
    [
        "#!/bin/sh\n",
        "#! /bin/sh -e\nfalse",
        f"#!{VENV}/bin/python\n",
        "#!/usr/bin/env python\n",
        "#!/usr/bin/env -S python -u\n",
        "#!/usr/bin/env -i HOME=/root sh\n",
        "#!/usr/bin/env\n",
        "echo no script\n",
        b"\x7fELF",
        "",
    ],
)
def test_an_interpreter_that_is_there_is_found(tmp_path: Path, line: str | bytes) -> None:
    assert found(tmp_path, {"/usr/local/bin/tool": script(line)}) == {}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("#!/usr/bin/ruby\n", "is run by /usr/bin/ruby, which is not in the image"),
        ("#!/usr/bin/perl -w\n", "is run by /usr/bin/perl, which is not in the image"),
        ("#!/usr/bin/env expect\n", "is run by expect, which is not on the PATH of the image"),
        ("#!/bin/sh\r\n", "is run by '/bin/sh\\r', which is not in the image"),
        ("#!python\n", "is run by python, which is not in the image"),
        ("#!\n", "is run by '', which is not in the image"),
        (b"#!/bin/\xff\xfe\n", "is run by /bin/\ufffd\ufffd, which is not in the image"),
    ],
)
def test_an_interpreter_that_is_missing_is_told(tmp_path: Path, line: str | bytes, message: str) -> None:
    assert found(tmp_path, {"/usr/local/bin/tool": script(line)}) == {"/usr/local/bin/tool": message}


@pytest.mark.parametrize(
    "path",
    [
        "/usr/share/doc/postfix/examples/start",
        "/usr/share/rsync/examples/start",
        f"{VENV}/lib/python3.13/site-packages/cgi.py",
        "/usr/lib/python3/dist-packages/cgi.py",
        "/usr/lib/python3.13/cgi.py",
        "/etc/sv/ssh/run",
    ],
)
def test_what_nobody_starts_may_name_what_it_likes(tmp_path: Path, path: str) -> None:
    assert found(tmp_path, {path: script("#!/usr/local/bin/python\n")}) == {}


def test_what_cannot_be_executed_is_no_program(tmp_path: Path) -> None:
    assert found(tmp_path, {"/usr/lib/functions": "#!/bin/zsh\n"}) == {}


def test_links_are_not_followed_out_of_the_image_or_in_circles(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("#!/bin/sh\n")
    files: Mapping[str, Made] = {
        "/usr/bin/circle": link("circle"),
        "/usr/bin/out": link("../../../../../outside"),
        "/usr/local/bin/one": script("#!/usr/bin/circle\n"),
        "/usr/local/bin/two": script("#!/usr/bin/out\n"),
    }
    assert list(found(tmp_path / "root", files)) == ["/usr/local/bin/one", "/usr/local/bin/two"]


def test_a_file_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    looked_at = subject(tmp_path, {"/usr/bin/tool": program()})
    (tmp_path / "usr/bin/tool").unlink()
    assert list(check_interpreters(looked_at)) == []
