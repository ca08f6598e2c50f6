"""What differs between two sets of inputs of an image, as sentences for the user.

Inputs are what a fingerprint is made of (`kollage.plan.inputs`): values of JSON by name. Build arguments may hold
secrets, so only hashes of them are kept and nothing but their names is said.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any

from kollage import fingerprint

Inputs = Mapping[str, Any]

PARENT = "parent"  # the name of the input that is the identity of what an image stands on
_LONGEST = 70  # characters of a line that is quoted
_BEFORE = 20  # characters that are quoted before the first one that differs
_NAMED = 3  # files that are named


def kept(inputs: Mapping[str, object]) -> dict[str, object]:
    """The inputs as they may be kept: of build arguments no more than whether they are the same."""
    arguments = inputs.get("build_args")
    if not isinstance(arguments, Mapping):
        return dict(inputs)
    hashed = {name: fingerprint.content(str(value).encode())[:12] for name, value in arguments.items()}
    return {**inputs, "build_args": hashed}


def explain(old: Inputs, new: Inputs, *, parent: str = "its parent is another one") -> tuple[str, ...]:
    """Say each thing that differs, what the user most likely did first; what is equal gives nothing.

    Both are as `kept` gives them. `parent` says that what the image stands on is another one; "" leaves that out.
    """
    said = {"recipe": _recipe, "context": _files, "sources": _sources, "build_args": _arguments, "updates": _updates}
    names = [*said, *sorted({*old, *new} - {*said, PARENT})]
    sentences = [
        sentence
        for name in names
        if old.get(name) != new.get(name)
        for sentence in said.get(name, _plain(name))(old.get(name), new.get(name))
    ]
    return (*sentences, *([parent] if parent and old.get(PARENT) != new.get(PARENT) else []))


def _plain(name: str) -> Any:
    return lambda old, new: [f"{name} {_from_to(_text(name, old), _text(name, new))}"]


def _text(name: str, value: Any) -> str:
    if name == "epoch" and isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).date().isoformat()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _recipe(old: str | None, new: str | None) -> Iterator[str]:
    """The first place where a Dockerfile differs, and how many more there are."""
    before, after = (old or "").splitlines(), (new or "").splitlines()
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    if changes:
        more = len(changes) - 1
        yield _line(before, after, changes[0]) + (f" (and {_count(more, 'more place')})" if more else "")


def _line(before: Sequence[str], after: Sequence[str], change: tuple[str, int, int, int, int]) -> str:
    kind, old, _, new, _ = change
    if kind == "insert":
        return f"Dockerfile line {new + 1} is new: {_short(after[new])}"
    if kind == "delete":
        return f"Dockerfile line {old + 1} is gone: {_short(before[old])}"
    was, now = _apart(before[old], after[new])
    return f"Dockerfile line {new + 1}: {was} -> {now}"


def _files(old: Mapping[str, list[str]] | None, new: Mapping[str, list[str]] | None) -> Iterator[str]:
    before, after = old or {}, new or {}
    both = sorted(before.keys() & after.keys())
    content = [path for path in both if before[path][1] != after[path][1]]
    modes = [path for path in both if before[path][1] == after[path][1] and before[path][0] != after[path][0]]
    yield from _named("file", content, "changed")
    yield from (f"file {path}: mode {_mode(before[path][0])} -> {_mode(after[path][0])}" for path in modes)
    yield from _named("file", sorted(after.keys() - before.keys()), "new")
    yield from _named("file", sorted(before.keys() - after.keys()), "gone")


def _mode(text: str) -> str:
    return text.removeprefix("0o")


def _sources(old: Sequence[str] | None, new: Sequence[str] | None) -> Iterator[str]:
    before, after = _by_name(old or ()), _by_name(new or ())
    for name in sorted(before.keys() | after.keys()):
        lost = [pin for pin in before.get(name, ()) if pin not in after.get(name, ())]
        won = [pin for pin in after.get(name, ()) if pin not in before.get(name, ())]
        if len(lost) == len(won) == 1:
            yield f"source {name} {_from_to(lost[0], won[0])}"
            continue
        yield from (f"source {name} has no longer {_short(pin)}" for pin in lost)
        yield from (f"source {name} has now {_short(pin)}" for pin in won)


def _by_name(sources: Sequence[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for source in sources:
        name, _, pin = source.partition(": ")
        found.setdefault(name.removesuffix("-archive"), []).append(pin)
    return found


def _arguments(old: Mapping[str, str] | None, new: Mapping[str, str] | None) -> Iterator[str]:
    before, after = old or {}, new or {}
    other = [name for name in sorted(before.keys() & after.keys()) if before[name] != after[name]]
    yield from _named("build argument", other, "changed")
    yield from _named("build argument", sorted(after.keys() - before.keys()), "new")
    yield from _named("build argument", sorted(before.keys() - after.keys()), "gone")


def _updates(old: Sequence[str] | None, new: Sequence[str] | None) -> Iterator[str]:
    """The packages that archives have in newer versions than the image was built with."""
    won = [each.replace("=", " ") for each in new or () if each not in (old or ())]
    if won:
        more = len(won) - _NAMED
        yield f"updates of packages: {', '.join(won[:_NAMED])}{f' and {more} more' if more > 0 else ''}"
    elif old:
        yield "updates of packages are no longer asked for"


def _named(what: str, names: Collection[str], how: str) -> Iterator[str]:
    if not names:
        return
    some, rest = list(names)[:_NAMED], len(names) - _NAMED
    verb = "" if how == "changed" else "is " if len(names) == 1 else "are "
    kind = what if len(names) == 1 else f"{what}s"
    yield f"{kind} {', '.join(some)}{f' and {rest} more' if rest > 0 else ''} {verb}{how}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _from_to(old: str, new: str) -> str:
    was, now = _apart(old, new)
    return f"from {was} to {now}"


def _apart(old: str, new: str) -> tuple[str, str]:
    """Two texts so short that they can be quoted, and still differ: both cut from the same place on."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    start = max(0, same - _BEFORE) if max(len(old), len(new)) > _LONGEST else 0
    return _short(old, start), _short(new, start)


def _short(text: str, start: int = 0) -> str:
    part = text[start:]
    cut = part if len(part) <= _LONGEST else f"{part[:_LONGEST]}…"
    return f"…{cut}" if start else cut.strip() or "(an empty line)"
