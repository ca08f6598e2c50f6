"""What Kolla prints about images, in Kolla's form, for whoever reads it with a program.

Keys, words and nesting are Kolla's; where Kolla follows the order of folders on the disk, names are sorted here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from kollage.report.events import action
from kollage.results import Result, Status

Entry = str | dict[str, list["Entry"]]

# how a step ended -> Kolla's word, the gravest first: an image that was built and could not be pushed has failed
_FAILURES: Mapping[Status, str] = {
    Status.FAILED: "error",
    Status.BLOCKED: "parent_error",
    Status.CANCELLED: "unprocessed",
}
_LEFT = (Status.SKIPPED, Status.PULLED)  # as the user wanted it: Kolla calls both skipped
_ORDER = (*_FAILURES, *_LEFT)


def dependencies(parents: Mapping[str, str | None], matched: Collection[str]) -> dict[str, list[Entry]]:
    """Return what stands on what, as `kolla-build --list-dependencies` nests it.

    `parents` holds the whole catalogue. An image that has children there is a mapping, even if none of them is
    matched; below an image that is not matched nothing is shown, but the base is there in any case.
    """
    children: dict[str | None, list[str]] = {}
    for name, parent in sorted(parents.items()):
        children.setdefault(parent, []).append(name)

    def below(parent: str) -> list[Entry]:
        names = [name for name in children.get(parent, ()) if name in matched]
        return [{name: below(name)} if name in children else name for name in names]

    roots = children.get(None, [])
    return {root: below(root) for root in [root for root in roots if root in matched] or roots}


def list_lines(names: Iterable[str]) -> str:
    """Write images one a line, numbered, as `kolla-build --list-images` does."""
    return "".join(f"{number} : {name}\n" for number, name in enumerate(names, start=1))


def summary(
    results: Sequence[Result],
    *,
    not_matched: Iterable[str] = (),
    skipped: Iterable[str] = (),
    unbuildable: Mapping[str, str] | None = None,
    allowed_to_fail: Collection[str] = (),
) -> dict[str, list[dict[str, object]]]:
    """Return the summary of a run with Kolla's keys, and below each more than Kolla knows.

    An image with several steps is told once, by the gravest end. A bootstrapped base is no image of the catalogue and
    is told only where it failed. `unbuildable` gives the reason of each image.
    """
    told = _decisive(results)
    left = dict.fromkeys(skipped, "") | {each.image: each.reason for each in told if each.status in _LEFT}
    return {
        "built": [_entry(each) for each in told if each.ok and each.image not in left],
        "failed": [_failure(each, allowed=each.image in allowed_to_fail) for each in told if not each.ok],
        "not_matched": [{"name": name} for name in sorted(not_matched)],
        "skipped": [_with_reason(name, reason) for name, reason in sorted(left.items())],
        "unbuildable": [_with_reason(name, reason) for name, reason in sorted((unbuildable or {}).items())],
    }


def _decisive(results: Sequence[Result]) -> list[Result]:
    """The one result of each image that counts, by name: the gravest, and of several good ones the build."""
    images: dict[str, list[Result]] = {}
    for result in results:
        if action(result.step) not in {"bootstrap", "fetch"} or result.status is Status.FAILED:
            images.setdefault(result.image, []).append(result)
    return [min(images[name], key=_gravity) for name in sorted(images)]


def _gravity(result: Result) -> tuple[int, bool]:
    place = _ORDER.index(result.status) if result.status in _ORDER else len(_ORDER)
    return place, action(result.step) != "build"


def _entry(result: Result) -> dict[str, object]:
    return {
        "name": result.image,
        "reason": result.reason,
        "seconds": round(result.seconds, 3),
        "size": result.size,
        "reference": result.reference,
        "log": str(result.log) if result.log else None,
    }


def _failure(result: Result, *, allowed: bool) -> dict[str, object]:
    pushing = result.status is Status.FAILED and action(result.step) == "push"
    word = "push_error" if pushing else _FAILURES[result.status]
    return {**_entry(result), "status": word, "allowed_to_fail": allowed}


def _with_reason(name: str, reason: str) -> dict[str, object]:
    return {"name": name, "reason": reason} if reason else {"name": name}
