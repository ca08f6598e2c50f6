"""The verbs of the program: what each does, and which settings it takes as flags."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kollage.errors import UsageError
from kollage.options.setting import Setting, nearest
from kollage.options.settings import (
    BUILD,
    IMAGE,
    IMAGES,
    LISTING,
    NAMES,
    NETWORK,
    OUTPUT,
    PLACES,
    REGEX,
    SETTINGS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """What the program does on one word, and the groups of settings that it takes as flags."""

    name: str
    summary: str
    groups: tuple[str, ...]

    @property
    def flags(self) -> tuple[Setting, ...]:
        """The settings that this verb takes on the command line, arguments without a flag first."""
        taken = (setting for setting in SETTINGS if setting.flag and setting.group in self.groups)
        return tuple(sorted(taken, key=lambda setting: not setting.positional))

    @property
    def usage(self) -> str:
        """The form of the command line."""
        positional = "".join(f" {_FORMS[setting.group]}" for setting in self.flags if setting.positional)
        return f"kollage {self.name} [flags]{positional}"


_FORMS = {REGEX: "[REGEX ...]", IMAGE: "IMAGE"}
_EVERY_STEP = (IMAGES, NAMES, BUILD, PLACES, NETWORK, OUTPUT)

VERBS: Mapping[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb(name="build", summary="build images and what they stand on", groups=(REGEX, *_EVERY_STEP)),
        Verb(name="plan", summary="say what a build would do, and why", groups=(REGEX, *_EVERY_STEP)),
        Verb(
            name="list",
            summary="list the images of the catalogue",
            groups=(REGEX, IMAGES, NAMES, OUTPUT, LISTING),
        ),
        Verb(name="show", summary="show what an image is made of", groups=(IMAGE, *_EVERY_STEP)),
        Verb(
            name="lock",
            summary="resolve a release's Python packages and write them down",
            groups=(IMAGES, PLACES, NETWORK, OUTPUT),
        ),
    )
}


def verb_named(name: str) -> Verb:
    """Find a verb by its name. Raises `UsageError`."""
    if name not in VERBS:
        raise UsageError(f"there is no verb '{name}'", hint=nearest(name, VERBS) or f"one of {', '.join(VERBS)}")
    return VERBS[name]


def usage() -> str:
    """Write what `kollage --help` prints."""
    width = max(map(len, VERBS))
    lines = [f"  {verb.name:{width}}  {verb.summary}" for verb in VERBS.values()]
    return "\n".join(
        [
            "usage: kollage VERB [flags] ...",
            "",
            "Builds the container images of an OpenStack cloud and proves that they run.",
            "",
            "verbs:",
            *lines,
            "",
            "`kollage VERB --help` shows the flags of a verb. `kollage --version` prints the version.",
            "",
        ]
    )


def repeated(verb: str, argv: Sequence[str], expressions: Sequence[str], image: str) -> str:
    """The command line that does for one image alone what `argv` did for all, ready to paste."""
    flags = list(argv)
    for start in range(len(flags) - len(expressions), -1, -1):
        if expressions and flags[start : start + len(expressions)] == list(expressions):
            del flags[start : start + len(expressions)]
            break
    return shlex.join(["kollage", verb, *flags, f"^{image}$"])
