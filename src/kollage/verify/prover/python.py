"""Whether virtual environments are complete: what is required is there, and what is loaded can be imported.

Requirements are read; imports take the image's own Python, which runs meanwhile.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kollage.errors import KollageError
from kollage.verify.prover.distributions import Distribution, EntryPoint, Environment, environments
from kollage.verify.prover.programs import programs
from kollage.verify.prover.reading import text
from kollage.verify.prover.requirements import left_out, unmet
from kollage.verify.subject import Finding, Subject

NAME = "prover.python"

_COMMANDS = ("console_scripts", "gui_scripts")
_APPLICATIONS = "wsgi_scripts"
_ENTRY_POINT = re.compile(r"(?P<module>[\w.]+)\s*(?::\s*(?P<attribute>[\w.]+))?\s*(?P<extras>\[[^\]]*\])?\s*")
_FACTORY = re.compile(r"^paste\.\w+_factory\s*=\s*([\w.]+:[\w.]+)\s*$", re.MULTILINE)
_WSGI = re.compile(r"[^/]+/wsgi(/\w+)?\.py")
_INSIDE = Path(__file__).with_name("inside.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """Why a name cannot be imported."""

    error: str
    missing: str  # the module that it is for want of, if it is that
    is_import: bool  # whether something is missing or broken, rather than that the code ended with another error


def check_requirements(subject: Subject) -> Iterator[Finding]:
    """Every requirement of an installed distribution is met."""
    for environment in environments(subject):
        for each in unmet(environment, _machine(subject), subject.image.python.packages):
            yield _finding(f"{each.distribution}:{each.requirement}", f"{each.message} in {environment.folder}")


def check_imports(subject: Subject) -> Iterator[Finding]:
    """Whatever the service and its commands load by name can be imported."""
    for environment in environments(subject):
        yield from _imports(subject, environment, _machine(subject))


def _machine(subject: Subject) -> str:
    return subject.environment.get("KOLLA_BASE_ARCH", "x86_64")


def _imports(subject: Subject, environment: Environment, machine: str) -> Iterator[Finding]:
    """Everything is imported by one process of the image's own Python."""
    owners = dict([*programs(subject, environment), *_names(environment), *_pipeline(subject, environment)])
    applications = [name for name in _applications(subject, environment) if name not in owners]
    if not owners and not applications:
        return
    command = [f"{environment.folder}/bin/python", "-B", "-c", _INSIDE.read_text(encoding="utf-8")]
    asked = json.dumps({"names": list(owners), "applications": applications})
    try:
        failures = _asked(subject, command, asked)
    except (KollageError, ValueError) as error:
        yield _finding(environment.folder, f"the Python of {environment.folder} cannot import anything: {error}")
        return
    told = {name: failure for name, failure in failures.items() if _counts(failure, owners.get(name))}
    wanted = {name: left_out(owner, environment, machine) for name, owner in owners.items() if name in told}
    serious = {name: each for name, each in told.items() if not _is_optional(each, wanted.get(name, ()))}
    yield from _together(serious, environment.folder)


def _asked(subject: Subject, command: Sequence[str], asked: str) -> Mapping[str, _Failure]:
    """What the image's Python says; asked again where nothing came, as happens on a machine under load, and seldom."""
    return dict(_answers(subject.run(command, asked) or subject.run(command, asked)))


def _counts(failure: _Failure, owner: Distribution | None) -> bool:
    """Whether a failure speaks of something that is missing.

    An application that is imported runs and asks for its configuration, which a deployment brings.
    """
    return owner is not None or failure.is_import


def _together(failures: Mapping[str, _Failure], folder: str) -> Iterator[Finding]:
    """One finding for all that fail for want of one module, by its name; one for each of the others."""
    causes: dict[str, list[str]] = {}
    for name, failure in failures.items():
        causes.setdefault(failure.missing or name, []).append(name)
    for cause, names in causes.items():
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        error = failures[names[0]].error
        yield _finding(cause, f"{names[0]}{others} cannot be imported in {folder}: {error}")


def _names(environment: Environment) -> Iterator[tuple[str, Distribution]]:
    """What is loaded by name, with the distribution that says so."""
    services = tuple(f"{package}." for project in environment.projects for package in project.packages)
    for distribution in environment.own:
        for entry_point in distribution.entry_points:
            name = _name(entry_point)
            if name and _is_loaded(entry_point, distribution, services):
                yield name, distribution


def _pipeline(subject: Subject, environment: Environment) -> Iterator[tuple[str, Distribution]]:
    """What the pipelines of the service's API are made of, as paste files name it."""
    for project in environment.projects:
        for package in project.packages:
            files = (path for path in subject.entries if path.startswith(f"/etc/{package}/") and path.endswith(".ini"))
            yield from ((name, project) for path in files for name in _FACTORY.findall(text(subject, path)))


def _name(entry_point: EntryPoint) -> str:
    """What an entry point stands for; nothing where it belongs to an extra."""
    found = _ENTRY_POINT.fullmatch(entry_point.value)
    return ":".join(filter(None, (found["module"], found["attribute"]))) if found and not found["extras"] else ""


def _is_loaded(entry_point: EntryPoint, distribution: Distribution, services: tuple[str, ...]) -> bool:
    """Whether the service or a user's command loads it: what libraries have for other programs is not loaded."""
    if ".tests." in entry_point.value:
        return False  # what only tests need is not installed
    if entry_point.group in _COMMANDS or distribution.from_tree:
        return entry_point.group != _APPLICATIONS
    return entry_point.group.startswith(("oslo.", "oslo_", *services))


def _applications(subject: Subject, environment: Environment) -> Iterator[str]:
    """What a web server runs of a service. These come last: they are whole programs."""
    for project in environment.projects:
        yield from (_name(each) for each in project.entry_points if each.group == _APPLICATIONS and _name(each))
        for package in project.packages:
            begin = f"{project.site}/{package}/wsgi"
            inner = (path.removeprefix(f"{project.site}/") for path in subject.entries if path.startswith(begin))
            found = (each.removesuffix(".py") for each in inner if _WSGI.fullmatch(each))
            yield from (each.replace("/", ".").removesuffix(".__init__") for each in found)


def _answers(output: str) -> Iterator[tuple[str, _Failure]]:
    """What the image's Python said, as far as it says anything."""
    answers = None
    with suppress(ValueError, RecursionError):
        answers = json.loads(output)
    if not isinstance(answers, dict):
        raise ValueError(f"it answered {output[:80]!r}")  # noqa: TRY004 - the answer is wrong, not a type of ours
    for name, said in answers.items():
        if isinstance(said, dict):
            error, missing = str(said.get("error", "")), str(said.get("missing", ""))
            yield name, _Failure(error=error, missing=missing, is_import=said.get("kind") == "import")


def _is_optional(failure: _Failure, optional: Sequence[str]) -> bool:
    """Whether what is missing belongs to an extra that nobody asked for.

    A module is seldom called exactly like its distribution: ldap is in python-ldap, zmq in pyzmq, googleapiclient in
    google-api-python-client.
    """
    missing = re.sub(r"[^a-z0-9]", "", failure.missing.partition(".")[0].lower())
    return bool(missing) and any(missing in re.sub("python|-", "", name) for name in optional)


def _finding(subject: str, message: str) -> Finding:
    return Finding(check=NAME, subject=subject, message=message)
