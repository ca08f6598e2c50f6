"""What deployments count on in every image: commands, helpers, accounts, places, environment, start, labels, sudo.

What is the same for all images is in contract.toml beside the images; what one image promises is in its image.toml. An
image with a whole Dockerfile promises nothing of its own, so it is held to the former alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from kollage.catalogue import IMAGES
from kollage.facts import Facts, read
from kollage.image import ARCHITECTURES, Account, User
from kollage.process import CommandError
from kollage.verify.subject import Check, Entry, Finding, Subject

_SUDOERS = "/etc/sudoers"
_RULES = "/etc/sudoers.d"
_INCLUDES_RULES = re.compile(rf"^[@#]includedir\s+{_RULES}/?\s*$", re.MULTILINE)
_RUN_BY_ALL = 0o555
_RUN_BY_OWNER = 0o500
_READ_BY_ALL = 0o444
_WRITTEN_BY_OTHERS = 0o022
_PERMISSIONS = 0o7777
_RULE = 0o440  # what sudo wants


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    path: str
    mode: int
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contract:
    """The table `contract` of contract.toml."""

    venvs: tuple[str, ...]
    programs: tuple[str, ...]
    sourced: tuple[str, ...]
    health_checks: tuple[str, ...]
    start_commands: tuple[str, ...]
    health_commands: tuple[str, ...]
    image_helpers: Mapping[str, tuple[str, ...]]
    places: tuple[_Place, ...]
    absent: Mapping[str, str]  # path -> why it must not be there
    environment: Mapping[str, str]  # variable -> pattern
    entrypoint: str
    command: str
    labels: tuple[str, ...]
    name_labels: tuple[str, ...]


# --- the checks ---


def _commands(subject: Subject) -> Iterator[Finding]:
    facts = _contract()
    for command in subject.image.commands.on(subject.base):
        yield from _missing(subject, command, "image.toml promises it")
    for command in facts.start_commands:
        yield from _missing(subject, command, "the start of a container calls it")
    for command in facts.health_commands if _has_health_checks(subject, facts) else ():
        yield from _missing(subject, command, "the health checks call it")


def _helpers(subject: Subject) -> Iterator[Finding]:
    facts = _contract()
    wanted = dict.fromkeys(facts.image_helpers.get(subject.image.name, ()), _RUN_BY_OWNER)
    wanted |= dict.fromkeys(facts.sourced, _READ_BY_ALL) | dict.fromkeys(facts.programs, _RUN_BY_ALL)
    if _has_health_checks(subject, facts):
        wanted |= dict.fromkeys(facts.health_checks, _RUN_BY_ALL)
    for path, mode in wanted.items():
        yield from _helper(subject, path, mode)


def _users(subject: Subject) -> Iterator[Finding]:
    users, groups = _database(subject, "/etc/passwd"), _database(subject, "/etc/group")
    there = {*users, *(user.name for user in subject.image.users)}
    for name, account in subject.accounts.items():
        if not account.own or name in there:
            yield from _account(name, account, users, groups)
    for user in subject.image.users:
        if user.name in users and user.name in subject.accounts:
            yield from _own_user(subject, user, users[user.name], groups)


def _paths(subject: Subject) -> Iterator[Finding]:
    facts = _contract()
    groups = _database(subject, "/etc/group")
    for place in facts.places:
        yield from _place(subject, place, groups)
    for path, reason in facts.absent.items():
        if path in subject.entries:
            yield _finding("paths", path, f"is in the image: {reason}", hint="remove it at the end of the build")
    for source in subject.image.sources:
        if source.link and not subject.resolved(source.link):
            yield _finding("paths", source.link, f"does not lead to the source {source.name}")
    yield from _link_in_venv(subject, _venv(subject, facts))


def _environment(subject: Subject) -> Iterator[Finding]:
    facts, found = _contract(), subject.environment
    fixed = {name: value for name, value in subject.image.env.items() if "$" not in value}
    wanted = {**facts.environment, "KOLLA_BASE_DISTRO": subject.base}
    for name, pattern in wanted.items():
        if not fnmatchcase(found.get(name, ""), pattern):
            yield _finding("environment", name, f"is '{found.get(name, '')}' and not '{pattern}'")
    for name, value in fixed.items():
        if found.get(name) != value:
            yield _finding("environment", name, f"is '{found.get(name, '')}' and not '{value}' as image.toml says")
    if found.get("KOLLA_BASE_ARCH") not in ARCHITECTURES:
        known = " or ".join(ARCHITECTURES)
        yield _finding("environment", "KOLLA_BASE_ARCH", f"is '{found.get('KOLLA_BASE_ARCH', '')}' and not {known}")
    yield from _locale(subject)
    yield from _search_path(subject, _venv(subject, facts))


def _start(subject: Subject) -> Iterator[Finding]:
    facts, image = _contract(), subject.image
    entrypoint, command = _words(subject, "Entrypoint"), _words(subject, "Cmd")
    # a build option leaves the entrypoint out; but what is there has to be right
    if entrypoint and image.entrypoint and entrypoint != image.entrypoint:
        yield _finding("start", "Entrypoint", f"is {_said(entrypoint)} and not {_said(image.entrypoint)}")
    elif entrypoint and entrypoint[0] != facts.entrypoint and not image.whole:
        yield _finding("start", "Entrypoint", f"is {_said(entrypoint)} and does not begin with {facts.entrypoint}")
    wanted = image.command or (() if image.whole else (facts.command,))
    if wanted and command != wanted:
        hint = "engines forget the parent's command where an image has an entrypoint: say both"
        yield _finding("start", "Cmd", f"is {_said(command)} and not {_said(wanted)}", hint=hint)
    # what another entrypoint makes of the command is its own affair
    programs = (*entrypoint[:1], *command[:1]) if entrypoint[:1] in {(), (facts.entrypoint,)} else entrypoint[:1]
    for program in programs:
        yield from _startable(subject, program)
    yield from _account_of_the_service(subject)


def _labels(subject: Subject) -> Iterator[Finding]:
    facts = _contract()
    stored = subject.configuration.get("Labels")
    labels = stored if isinstance(stored, dict) else {}
    for name in facts.labels:
        if not labels.get(name):
            yield _finding("labels", name, "is missing or empty")
    for name in facts.name_labels:
        if labels.get(name) != subject.image.name:
            yield _finding("labels", name, f"is '{labels.get(name, '')}' and not the image's name")


def _sudo(subject: Subject) -> Iterator[Finding]:
    if not subject.resolved(_SUDOERS):
        yield _finding("sudo", _SUDOERS, "is missing, so no container starts as its own user")
        return
    if not _INCLUDES_RULES.search(subject.text(_SUDOERS)):
        yield _finding("sudo", _SUDOERS, f"does not include {_RULES}", hint=f"add the line: @includedir {_RULES}")
    rules = [path for path in subject.entries if path.startswith(f"{_RULES}/")]
    for path in (_SUDOERS, *rules):
        yield from _rule_file(path, subject.entries[path])
    yield from _unreadable_rules(subject, rules)


CHECKS: tuple[Check, ...] = (_commands, _helpers, _users, _paths, _environment, _start, _labels)
ASKING: tuple[Check, ...] = (_sudo,)  # programs of the image


# --- commands and helpers ---


def _missing(subject: Subject, command: str, reason: str) -> Iterator[Finding]:
    if not subject.found(command):
        hint = f"the service's PATH is {':'.join(subject.path)}"
        yield _finding("commands", command, f"cannot be found, and {reason}", hint=hint)


def _has_health_checks(subject: Subject, facts: _Contract) -> bool:
    return any(path in subject.entries for path in facts.health_checks)


def _helper(subject: Subject, path: str, mode: int) -> Iterator[Finding]:
    entry = subject.entries.get(subject.resolved(path))
    if entry is None or not entry.is_file:
        yield _finding("helpers", path, "is missing")
        return
    if entry.uid or entry.mode & _WRITTEN_BY_OTHERS:
        yield _finding("helpers", path, "runs as root and can be changed by others", hint="root owns it; chmod go-w")
    if entry.mode & mode != mode:
        yield _finding("helpers", path, f"has the mode {_mode(entry)} and needs {mode:04o} at least")


# --- accounts ---


def _account(
    name: str, account: Account, users: Mapping[str, Sequence[str]], groups: Mapping[str, Sequence[str]]
) -> Iterator[Finding]:
    numbers = tuple(users[name][1:3]) if name in users else ()
    if numbers != (str(account.uid), str(account.gid)):
        has = f"has the numbers {':'.join(numbers)}" if numbers else "is no account"
        yield _finding("users", name, f"{has} and needs {account.uid}:{account.gid}")
    group = groups.get(account.group)
    if group is None or group[1] != str(account.gid):
        has = f"has the number {group[1]}" if group else "is no group"
        yield _finding("users", account.group, f"{has} and needs {account.gid} as a group")


def _own_user(
    subject: Subject, user: User, line: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> Iterator[Finding]:
    account = subject.accounts[user.name]
    home, shell = line[4], line[5]
    if home != user.home:
        yield _finding("users", user.name, f"has the home {home} and not {user.home}")
    if user.shell and shell != user.shell:
        yield _finding("users", user.name, f"has the shell {shell} and not {user.shell}")
    for group in ("kolla", *user.groups):
        members = groups[group][2].split(",") if group in groups else []
        if user.name not in members and account.group != group:
            yield _finding("users", user.name, f"is not in the group {group}")
    folder = subject.entries.get(subject.resolved(user.home))
    if folder is None or not folder.is_folder:
        yield _finding("users", user.home, f"is missing, and is the home of {user.name}")
    elif folder.uid != account.uid:
        yield _finding("users", user.home, f"belongs to {folder.uid} and not to {user.name} ({account.uid})")


def _database(subject: Subject, path: str) -> Mapping[str, Sequence[str]]:
    """A file such as /etc/passwd: the fields of each line by its first one, which is left out."""
    fields = (line.split(":") for line in subject.text(path).splitlines())
    return {name: rest for name, *rest in fields if len(rest) >= 3}


# --- places ---


def _place(subject: Subject, place: _Place, groups: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    entry = subject.entries.get(place.path)
    if entry is None or not entry.is_folder:
        yield _finding("paths", place.path, "is missing or no folder")
        return
    if entry.mode & _PERMISSIONS != place.mode:
        yield _finding("paths", place.path, f"has the mode {_mode(entry)} and not {place.mode:04o}")
    group = groups.get(place.group, ("", "", ""))[1]
    if (str(entry.uid), str(entry.gid)) != ("0", group):
        yield _finding("paths", place.path, f"belongs to {entry.uid}:{entry.gid} and not to root:{place.group}")


def _venv(subject: Subject, facts: _Contract) -> str:
    return next((venv for venv in facts.venvs if subject.resolved(f"{venv}/bin/python")), "")


def _link_in_venv(subject: Subject, venv: str) -> Iterator[Finding]:
    link = f"{venv}/lib/python3"
    if venv and not re.fullmatch(r"python3\.\d+", subject.resolved(link).rpartition("/")[2]):
        yield _finding("paths", link, "does not lead to the folder of the environment's Python, such as python3.13")


# --- environment and start ---


def _locale(subject: Subject) -> Iterator[Finding]:
    name = subject.environment.get("LANG", "").replace("UTF-8", "utf8")
    places = (f"/usr/lib/locale/{name}", "/usr/lib/locale/locale-archive")
    if name and not any(place in subject.entries for place in places):
        yield _finding("environment", "LANG", f"names a locale that the image does not have: {places[0]} is missing")


def _search_path(subject: Subject, venv: str) -> Iterator[Finding]:
    first = f"{venv}/bin"
    if venv and subject.path[0] != first:
        yield _finding("environment", "PATH", f"does not begin with {first}")
    if "/usr/local/bin" not in subject.path:
        yield _finding("environment", "PATH", "does not hold /usr/local/bin, where the helpers are")


def _startable(subject: Subject, program: str) -> Iterator[Finding]:
    if not subject.found(program):
        yield _finding("start", program, "is what a container starts, and cannot be found on its PATH")


def _account_of_the_service(subject: Subject) -> Iterator[Finding]:
    user = str(subject.configuration.get("User") or "root").partition(":")[0]
    wanted = subject.image.run_as or user
    if user != wanted:
        yield _finding("start", "User", f"is {user} and not {wanted}")
    if not user.isdecimal() and user not in _database(subject, "/etc/passwd"):
        yield _finding("start", "User", f"is {user}, an account that the image does not have")


def _words(subject: Subject, key: str) -> tuple[str, ...]:
    stored = subject.configuration.get(key)
    return tuple(map(str, stored)) if isinstance(stored, list | tuple) else ()


def _said(words: Sequence[str]) -> str:
    return " ".join(words) or "empty"


# --- sudo ---


def _rule_file(path: str, entry: Entry) -> Iterator[Finding]:
    name = path.rpartition("/")[2]
    if (entry.uid, entry.gid) != (0, 0) or entry.mode & _PERMISSIONS != _RULE:
        has = f"has the mode {_mode(entry)} and belongs to {entry.uid}:{entry.gid}"
        yield _finding("sudo", path, f"{has}; sudo wants 0440 and root", hint=f"chmod 0440 {path}")
    if "." in name or name.endswith("~"):
        yield _finding("sudo", path, "is skipped by sudo: a name with a dot or with ~ at its end is not read")


def _unreadable_rules(subject: Subject, rules: Sequence[str]) -> Iterator[Finding]:
    # the first file includes all others: only where that fails is it asked which one is to blame
    if not _complaint(subject, _SUDOERS):
        return
    wrong = [(path, complaint) for path in rules if (complaint := _complaint(subject, path))]
    for path, complaint in wrong or [(_SUDOERS, _complaint(subject, _SUDOERS))]:
        yield _finding("sudo", path, f"does not parse: {complaint}")


def _complaint(subject: Subject, path: str) -> str:
    try:
        subject.run(["visudo", "-cf", path], "")
    except CommandError as error:
        return next((line.strip() for line in error.tail if path in line), str(error))
    return ""


# --- facts ---


@cache
def _contract() -> _Contract:
    table = read(IMAGES / "contract.toml").table("contract")
    helpers, commands, start, labels = (table.table(key) for key in ("helpers", "commands", "start", "labels"))
    folder = helpers.text("folder")
    contract = _Contract(
        venvs=table.texts("venvs"),
        programs=tuple(f"{folder}/{name}" for name in helpers.texts("programs")),
        sourced=tuple(f"{folder}/{name}" for name in helpers.texts("sourced")),
        health_checks=tuple(f"{folder}/{name}" for name in helpers.texts("health-checks")),
        start_commands=commands.texts("start"),
        health_commands=commands.texts("health-checks"),
        image_helpers=_lists(table.table("image-helpers")),
        places=tuple(_place_of(row) for row in table.tables("path")),
        absent=table.mapping("absent"),
        environment=table.mapping("environment"),
        entrypoint=start.text("entrypoint"),
        command=start.text("command"),
        labels=labels.texts("required"),
        name_labels=labels.texts("name"),
    )
    for each in (table, helpers, commands, start, labels):
        each.done()
    return contract


def _lists(table: Facts) -> Mapping[str, tuple[str, ...]]:
    return {name: table.texts(name) for name in table.names()}


def _place_of(row: Facts) -> _Place:
    place = _Place(path=row.text("path"), mode=int(row.text("mode"), 8), group=row.text("group", "root"))
    row.done()
    return place


def _mode(entry: Entry) -> str:
    return f"{entry.mode & _PERMISSIONS:04o}"


def _finding(check: str, subject: str, message: str, *, hint: str = "") -> Finding:
    return Finding(check=f"contract.{check}", subject=subject, message=message, hint=hint)
