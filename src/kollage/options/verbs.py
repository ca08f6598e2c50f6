"""The verbs of the program: what each does, and which settings it takes as flags."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kollage.errors import UsageError
from kollage.options.setting import Setting, nearest
from kollage.options.settings import SETTINGS
from kollage.options.settings.groups import (
    BUILD,
    CERTS,
    CLEAN,
    CLOUD,
    DOWN,
    GENCONFIG,
    HOSTS,
    IMAGE,
    IMAGES,
    INSTEAD,
    LAUNCH,
    LISTING,
    LOGS,
    NAMES,
    NETWORK,
    OUTPUT,
    PLACES,
    PUSH,
    REGISTRY,
    RENEWAL,
    RESULTS,
    RUNS,
    SIZE,
    SMOKE,
    SUBJECT,
    VERIFY,
    WHICH,
    WORKER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """What the program does on one word, and the groups of settings that it takes as flags."""

    name: str
    summary: str
    groups: tuple[str, ...]
    program: str = ""  # what is typed for it
    defaults: Mapping[str, str] = field(default_factory=dict)  # of settings, where this verb has its own
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # further ones of settings

    @property
    def flags(self) -> tuple[Setting, ...]:
        """The settings that this verb takes on the command line, arguments without a flag first."""
        taken = (setting for setting in SETTINGS if setting.flag and setting.group in self.groups)
        return tuple(map(self.defaulted, sorted(taken, key=lambda setting: not setting.positional)))

    def defaulted(self, setting: Setting) -> Setting:
        """A setting with the default and the choices that it has here."""
        if setting.name in self.choices:
            setting = replace(setting, choices=(*setting.choices, *self.choices[setting.name]))
        return replace(setting, default=self.defaults[setting.name]) if setting.name in self.defaults else setting

    @property
    def usage(self) -> str:
        """The form of the command line."""
        positional = "".join(f" {_FORMS[setting.group]}" for setting in self.flags if setting.positional)
        return f"{self.program} [flags]{positional}"


_FORMS = {WHICH: "[REGEX ...]", IMAGE: "IMAGE", REGISTRY: "start|stop", RUNS: "[show NUMBER|last]", LOGS: "SERVICE"}
_EVERY_STEP = (IMAGES, NAMES, BUILD, VERIFY, RESULTS, PUSH, PLACES, NETWORK, OUTPUT)


def _verb(name: str, summary: str, *groups: str) -> Verb:
    return Verb(name=name, summary=summary, groups=groups, program=f"kollage {name}")


VERBS: Mapping[str, Verb] = {
    verb.name: verb
    for verb in (
        _verb("build", "build images and what they stand on", WHICH, *_EVERY_STEP, HOSTS, INSTEAD),
        _verb("plan", "say what a build would do, and why", WHICH, *_EVERY_STEP),
        _verb("why", "say why an image is built, or what it is made of", IMAGE, *_EVERY_STEP),
        _verb("list", "list the images of the catalogue", WHICH, IMAGES, NAMES, PLACES, OUTPUT, LISTING),
        _verb("show", "show what an image is made of", IMAGE, *_EVERY_STEP),
        _verb("push", "push images that are built", WHICH, *_EVERY_STEP),
        _verb("verify", "prove that images have what they need, and run", WHICH, SUBJECT, *_EVERY_STEP),
        _verb("size", "say where the bytes of images are", WHICH, SIZE, IMAGES, NAMES, BUILD, PLACES, OUTPUT),
        _verb(
            "updates",
            "say which packages of images have updates",
            WHICH,
            IMAGES,
            NAMES,
            BUILD,
            PLACES,
            NETWORK,
            OUTPUT,
        ),
        _verb("clean", "remove images that Kollage made", CLEAN, BUILD, PLACES, OUTPUT),
        _verb("runs", "say what earlier runs did", RUNS, PLACES, OUTPUT),
        _verb("lock", "resolve a release's Python packages and write them down", IMAGES, PLACES, NETWORK, OUTPUT),
        _verb("registry", "start or stop a registry on this machine", REGISTRY, PLACES, OUTPUT),
        replace(
            _verb(
                "up",
                "launch a cloud from the images, or go on with it",
                CLOUD,
                LAUNCH,
                IMAGES,
                NAMES,
                BUILD,
                PLACES,
                OUTPUT,
            ),
            choices={"format": ("kube",)},
        ),
        _verb("status", "say how the services of the cloud are", CLOUD, IMAGES, NAMES, BUILD, PLACES, OUTPUT),
        _verb("logs", "show what a service of the cloud says", LOGS, CLOUD, IMAGES, NAMES, BUILD, PLACES, OUTPUT),
        _verb(
            "reconfigure",
            "bring other settings or new secrets to the cloud",
            CLOUD,
            LAUNCH,
            RENEWAL,
            IMAGES,
            NAMES,
            BUILD,
            PLACES,
            OUTPUT,
        ),
        _verb("upgrade", "bring newer images to the cloud", CLOUD, LAUNCH, IMAGES, NAMES, BUILD, PLACES, OUTPUT),
        _verb(
            "smoke",
            "prove that the cloud does its work",
            CLOUD,
            SMOKE,
            RESULTS,
            IMAGES,
            NAMES,
            BUILD,
            PLACES,
            NETWORK,
            OUTPUT,
        ),
        _verb("down", "stop the cloud", CLOUD, DOWN, IMAGES, NAMES, BUILD, PLACES, OUTPUT),
        _verb(
            "worker",
            "take steps of builds from a scheduler, on this host",
            WORKER,
            HOSTS,
            BUILD,
            PUSH,
            VERIFY,
            PLACES,
            NETWORK,
        ),
        _verb("certs", "make the certificates of many hosts", CERTS, HOSTS),
        _verb("genconfig", "write a sample configuration file", GENCONFIG),
        _verb("diag", "say what this machine has, for a bug report", NAMES, BUILD, PLACES, NETWORK, OUTPUT),
    )
}

# the command beside `kollage build`, with Kolla's defaults where an operator's scripts may rely on them
KOLLA_BUILD = Verb(
    name="kolla-build",
    summary="build images and what they stand on",
    groups=VERBS["build"].groups,
    program="kolla-build",
    defaults={
        "base": "rocky",
        "format": "json",
        "maintainer": "Kolla Project (https://launchpad.net/kolla)",
        "registry-cache": "false",
    },
)


def verb_named(name: str) -> Verb:
    """Find a verb by its name. Raises `UsageError`."""
    if name == KOLLA_BUILD.name:
        return KOLLA_BUILD
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
    return shlex.join([*verb_named(verb).program.split(), *flags, f"^{image}$"])
