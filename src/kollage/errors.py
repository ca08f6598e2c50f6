"""What can go wrong, as one family: a sentence for the user, then the way out.

Only `kollage.__main__` prints these and turns them into exit codes. Anything that is not a `KollageError` is a
bug and keeps its traceback.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process answers to whoever started it."""

    OK = 0
    FAILED = 1  # something that was asked for could not be built
    USAGE = 2  # a flag, the configuration or the catalogue is wrong; nothing was started
    ENGINE = 3  # no engine, or it cannot be reached
    INTERRUPTED = 130  # Ctrl-C, as shells count it


class KollageError(Exception):
    """A failure that the user can understand and do something about."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(KollageError):
    """A flag or the configuration file asks for something that cannot be."""

    exit_code = ExitCode.USAGE


class CatalogueError(UsageError):
    """An image's folder contradicts itself or another one."""


class RenderError(UsageError):
    """A template or an override does not compile or names something that is not there."""


class SourceError(KollageError):
    """A source could not be had, or is not what was promised."""


class RegistryError(KollageError):
    """A registry cannot be reached, or refuses; what is `transient` may go well in a moment."""

    def __init__(self, message: str, *, hint: str = "", transient: bool = False, pause: float = 0.0) -> None:
        super().__init__(message, hint=hint)
        self.transient = transient
        self.pause = pause  # seconds that the registry asks to be left alone


class EngineError(KollageError):
    """The engine is missing or does not answer."""

    exit_code = ExitCode.ENGINE


class BuildError(KollageError):
    """A step was begun and failed."""


class Interrupted(KollageError):  # noqa: N818 - an interrupt is not an error of anybody
    """The user asked to stop."""

    exit_code = ExitCode.INTERRUPTED
