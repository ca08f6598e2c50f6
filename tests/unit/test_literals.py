"""A fact is read off a file of code, and the code is not run."""

from pathlib import Path

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
def test_what_is_written_is_the_value(tmp_path: Path, name: str, value: object) -> None:
    (tmp_path / "code.py").write_text(CODE)
    assert assigned(tmp_path / "code.py", name) == value


@pytest.mark.parametrize("text", [b"def", b"\xff", b"A = '\0'"])
def test_what_is_no_code_is_an_error(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "code.py").write_bytes(text)
    with pytest.raises((SyntaxError, ValueError)):
        assigned(tmp_path / "code.py", "A")
