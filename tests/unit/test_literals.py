"""A fact is read off a file of code, and the code is not run."""

import pytest

from kollage.literals import assigned

CODE = """\
import os
os.abort()
FIRST = 'a' \\
    'b'
SOURCES = {
    'etcd': {'type': 'url', 'location': ('https://example.org/'
                                         'etcd.tar.gz')},  # a comment
}
WORKED_OUT = FIRST + 'c'
def f():
    INSIDE = 1
"""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIRST", "ab"),
        ("SOURCES", {"etcd": {"type": "url", "location": "https://example.org/etcd.tar.gz"}}),
        ("WORKED_OUT", None),
        ("INSIDE", None),
        ("ABSENT", None),
    ],
)
def test_what_is_written_is_the_value(name: str, value: object) -> None:
    assert assigned(CODE.encode(), name) == value


@pytest.mark.parametrize("text", [b"def", b"\xff", b"A = '\0'"])
def test_what_is_no_code_is_an_error(text: bytes) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        assigned(text, "A")
