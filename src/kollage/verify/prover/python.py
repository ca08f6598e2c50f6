"""Whether virtual environments are complete: what is required is there, and what is loaded can be imported."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kollage.errors import KollageError
from kollage.verify.prover.distributions import Distribution, EntryPoint, Environment, environments
from kollage.verify.prover.requirements import left_out, unmet
from kollage.verify.subject import Finding, Subject

NAME = "prover.python"

_COMMANDS = ("console_scripts", "gui_scripts")
_APPLICATIONS = "wsgi_scripts"
_ENTRY_POINT = re.compile(r"(?P<module>[\w.]+)\s*(?::\s*(?P<attribute>[\w.]+))?\s*(?P<extras>\[[^\]]*\])?\s*")
_INSIDE = Path(__file__).with_name("inside.py")

_Failure = Mapping[str, str]


def check_python(subject: Subject) -> Iterator[Finding]:
    """Every requirement is met, and whatever the service and its commands load by name can be imported."""
    for environment in environments(subject):
        machine = subject.environment.get("KOLLA_BASE_ARCH", "x86_64")
        for each in unmet(environment, machine, subject.image.python.packages):
            yield _finding(f"{each.distribution}:{each.requirement}", f"{each.message} in {environment.folder}")
        yield from _imports(subject, environment, machine)


def _imports(subject: Subject, environment: Environment, machine: str) -> Iterator[Finding]:
    """Everything is imported by one process of the image's own Python."""
    owners = dict(_names(environment))
    applications = [name for name in _applications(subject, environment) if name not in owners]
    if not owners and not applications:
        return
    command = [f"{environment.folder}/bin/python", "-B", "-c", _INSIDE.read_text(encoding="utf-8")]
    try:
        failures = _answers(subject.run(command, json.dumps([*owners, *applications])))
    except (KollageError, ValueError) as error:
        yield _finding(environment.folder, f"the Python of {environment.folder} cannot import anything: {error}")
        return
    for name, failure in failures.items():
        owner = owners.get(name)
        if owner is None and failure["kind"] != "import":
            continue  # an application that runs and asks for its configuration, which a deployment brings
        if owner is None or not _is_optional(failure, left_out(owner, environment, machine)):
            yield _finding(name, f"{name} cannot be imported in {environment.folder}: {failure['error']}")


def _names(environment: Environment) -> Iterator[tuple[str, Distribution]]:
    """What is loaded by name, with the distribution that says so."""
    services = tuple(f"{package}." for project in environment.projects for package in project.packages)
    for distribution in environment.own:
        for entry_point in distribution.entry_points:
            name = _name(entry_point)
            if name and _is_loaded(entry_point, distribution, services):
                yield name, distribution


def _name(entry_point: EntryPoint) -> str:
    """What an entry point stands for; nothing where it belongs to an extra."""
    found = _ENTRY_POINT.fullmatch(entry_point.value)
    return ":".join(filter(None, (found["module"], found["attribute"]))) if found and not found["extras"] else ""


def _is_loaded(entry_point: EntryPoint, distribution: Distribution, services: tuple[str, ...]) -> bool:
    """Whether the service or a user's command loads it: what libraries have for other programs is not loaded."""
    if entry_point.group in _COMMANDS or distribution.from_tree:
        return entry_point.group != _APPLICATIONS
    return entry_point.group.startswith(("oslo.", "oslo_", *services))


def _applications(subject: Subject, environment: Environment) -> Iterator[str]:
    """What a web server runs of a service. These come last: they are whole programs."""
    for project in environment.projects:
        yield from (_name(each) for each in project.entry_points if each.group == _APPLICATIONS and _name(each))
        for package in project.packages:
            module = re.compile(re.escape(f"{project.site}/") + rf"({re.escape(package)}/wsgi(/\w+)?)\.py")
            found = (module.fullmatch(path) for path in subject.entries)
            yield from (each[1].replace("/", ".").removesuffix(".__init__") for each in found if each)


def _answers(output: str) -> Mapping[str, _Failure]:
    answers = json.loads(output)
    if not isinstance(answers, dict):
        raise ValueError(f"it answered {output[:80]!r}")  # noqa: TRY004 - the answer is wrong, not a type of ours
    return answers


def _is_optional(failure: _Failure, optional: Sequence[str]) -> bool:
    """Whether what is missing belongs to an extra that nobody asked for.

    A module is seldom called exactly like its distribution: ldap is in python-ldap, zmq in pyzmq.
    """
    missing = re.sub(r"[^a-z0-9]", "", failure["missing"].partition(".")[0].lower())
    return bool(missing) and any(missing in name.replace("-", "") for name in optional)


def _finding(subject: str, message: str) -> Finding:
    return Finding(check=NAME, subject=subject, message=message)
