"""What is written comes out at once, whatever its letters; who reads it may go."""

import errno
import os
from collections.abc import Iterator
from io import BytesIO, StringIO, TextIOWrapper
from typing import TextIO

import pytest

from kollage.errors import KollageError
from kollage.output import tell, warn, write


def test_what_the_encoding_lacks_becomes_a_question_mark() -> None:
    raw = BytesIO()
    stream = TextIOWrapper(raw, encoding="latin-1")
    write("é…\n", stream)
    assert raw.getvalue() == b"\xe9?\n"


def test_text_goes_out_at_once_and_as_it_is() -> None:
    stream = StringIO()
    write("é…\n", stream)
    assert stream.getvalue() == "é…\n"


@pytest.fixture
def unread() -> Iterator[TextIO]:
    """A stream whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        yield stream


def test_a_reader_that_has_gone_misses_the_rest(unread: TextIO) -> None:
    for _ in range(3):
        write("more than a pipe holds" * 10_000, unread)


def test_a_stream_of_no_file_may_break_too() -> None:
    class Broken(StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    write("lost", Broken())


def test_a_full_disk_is_told_once() -> None:
    with open("/dev/full", "w") as stream:  # noqa: PTH123 - a device
        with pytest.raises(KollageError, match="the output cannot be written: No space left on device"):
            write("all of it", stream)
        write("what is said when it ends", stream)


def test_what_is_no_result_stands_beside_the_results(capsys: pytest.CaptureFixture[str]) -> None:
    tell("begun")
    warn("it is late")
    assert capsys.readouterr() == ("", "begun\nwarning: it is late\n")
