"""The program: errors become messages, messages become exit codes."""

import errno
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from kollage.errors import ExitCode, KollageError, UsageError
from kollage.output import open_what_is_closed, tell, write

_REFUSALS = {
    errno.EACCES, errno.EDQUOT, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOSPC, errno.ENOTDIR, errno.EPERM,
    errno.EROFS,
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, that of the process where none is given, and return the exit code."""
    open_what_is_closed()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # `nohup` has one ignored
            signal.signal(number, _terminated)
    try:
        with _explained():
            return _answer(sys.argv[1:] if argv is None else argv)
    except KollageError as error:
        from kollage import report

        write(report.error_text(error), sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        tell("interrupted")
        return ExitCode.INTERRUPTED


def kolla_build() -> int:
    """Run the command `kolla-build`, which is a verb with Kolla's flags and defaults."""
    return main(["kolla-build", *sys.argv[1:]])


def _answer(argv: Sequence[str]) -> int:
    """Do what the command line says; asked for help or the version, print that."""
    from kollage import cli
    from kollage.options import Done

    try:
        return cli.run(argv, os.environ)
    except Done as done:
        write(done.text if done.text.endswith("\n") else f"{done.text}\n", sys.stdout)
        return ExitCode.OK


@contextmanager
def _explained() -> Iterator[None]:
    """Make a sentence of what the machine refuses; any other error that is none of ours is a bug."""
    try:
        yield
    except OSError as error:
        if error.errno not in _REFUSALS or not error.filename:
            raise
        raise UsageError(
            f"{os.fsdecode(error.filename)} cannot be used: {error.strerror}",
            hint="see who owns it, and whether its disk is full or read-only",
        ) from error


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    """Take a polite request to end like Ctrl-C."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
