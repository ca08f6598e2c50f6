"""What is written for whoever reads it: results on the output, and what is to be known beside them.

Nobody's work hangs on its reader. One that has gone, as `head` goes, misses the rest; what was begun comes to its own
end, with its own exit code.
"""

import errno
import os
import sys
from contextlib import suppress
from typing import TextIO

from kollage.errors import KollageError

_GONE = {errno.EPIPE, errno.EIO}  # the reader of a pipe, a terminal


def write(text: str, stream: TextIO) -> None:
    """Write text at once; what the stream's encoding cannot say becomes a question mark.

    Raises `KollageError` where a reader is there and cannot be given it: a full disk.
    """
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except OSError as error:
        _leave(stream)
        if error.errno not in _GONE:
            raise KollageError(f"the output cannot be written: {error.strerror}") from error


def tell(text: str) -> None:
    """Say something that is no result."""
    write(f"{text}\n", sys.stderr)


def warn(sentence: str) -> None:
    """Say what is wrong with what goes on nevertheless."""
    tell(f"warning: {sentence}")


def open_what_is_closed() -> None:
    """Give the process an input and outputs where it was started without: else the next file would be taken for one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")


def _leave(stream: TextIO) -> None:
    """Let all that follows, and what waits in the stream, go nowhere."""
    with suppress(OSError):  # a stream of no file has none to change
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
