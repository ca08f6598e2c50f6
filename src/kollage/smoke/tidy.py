"""Delete what smoke tests made, known by its name; what cannot be deleted is told, and the rest goes on."""

from collections.abc import Iterator

from kollage.smoke.bench import PREFIX, Bench
from kollage.smoke.cloud import Kind
from kollage.smoke.faults import CloudError


def tidy(bench: Bench) -> str:
    """Delete all that carries the name of smoke tests, of this run and of those that were killed.

    Says what went. Raises `CloudError` that names what stayed, after everything was tried.
    """
    gone: dict[str, int] = {}
    troubles: list[str] = []
    for kind in Kind:
        for name, trouble in _deleted(bench, kind):
            if trouble:
                troubles.append(f"{kind.value} {name}: {trouble}")
            else:
                gone[kind.value] = gone.get(kind.value, 0) + 1
    if troubles:
        raise CloudError("to delete what the smoke test made", "\n".join(troubles), hint="the next run tries again")
    return ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in gone.items())


def _deleted(bench: Bench, kind: Kind) -> Iterator[tuple[str, str]]:
    """Each name of a kind, with what kept it from going."""
    try:
        there = bench.cloud.found(kind, PREFIX)
    except CloudError as error:
        yield f"({PREFIX}…)", error.answered
        return
    asked = {}
    for thing in there:
        try:
            bench.cloud.delete(kind, thing.id)
        except CloudError as error:
            yield thing.name, error.answered
        else:
            asked[thing.id] = thing.name
    try:
        left = _left(bench, kind, set(asked))
    except CloudError as error:
        yield from ((name, error.answered) for name in asked.values())
        return
    yield from ((name, "it is still there" if identity in left else "") for identity, name in asked.items())


def _left(bench: Bench, kind: Kind, asked: set[str]) -> set[str]:
    """What is still there when patience ends: instances and volumes take their time."""
    if not asked:
        return set()

    def still() -> set[str]:
        return asked & {thing.id for thing in bench.cloud.found(kind, PREFIX)}

    return set() if bench.wait(lambda: None if still() else True) else still()
