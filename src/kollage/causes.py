"""Why an image is built: what differs in its inputs from those that it was built from before, and in its parents'."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType

from kollage.bootstrap import Base
from kollage.fingerprint import tag
from kollage.history import History, explain, kept
from kollage.history.explain import PARENT
from kollage.options import Options
from kollage.plan import ground, inputs
from kollage.render import Rendered
from kollage.steps import Action, Plan, Step

_SAID = 2  # differences that a reason names
_ANOTHER = "it is another one than before"

GoesIn = Callable[[str], Mapping[str, object] | None]
Trace = Callable[[str, str], "Cause | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What differs in an image from what it was before."""

    image: str
    differences: tuple[str, ...]  # but for its parent
    parent: "Cause | None" = None  # where that is another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Makings:
    """What the images of a plan are made of.

    A bootstrapped base counts as an image that is called as its suite. `parents` names what each stands on.
    """

    made_of: GoesIn = lambda _image: None
    parents: Mapping[str, str] = field(default_factory=dict)


def makings(
    plan: Plan, base: Base, rendered: Mapping[str, Rendered], pins: Mapping[str, tuple[str, ...]], options: Options
) -> Makings:
    """What goes into each image of a plan; `pins` are the identities of its sources."""

    def made_of(image: str) -> Mapping[str, object] | None:
        if base.bootstrap and image == base.bootstrap.suite:
            return base.bootstrap.inputs
        own = rendered.get(image)
        if not own:
            return None
        parent = plan.steps[f"build:{own.image.parent}"].identity if own.image.parent else ground(own, base)
        return inputs(own, parent=parent, pins=pins.get(image, ()), options=options)

    return Makings(made_of=made_of, parents=_parents(rendered, base))


def tracer(known: History, made: Makings) -> Trace:
    """A function that compares an image with the one of another identity; None where that is not remembered."""

    @cache
    def trace(image: str, identity: str) -> Cause | None:
        new, old = made.made_of(image), known.inputs(image, identity)
        if new is None or old is None:
            return None
        parent = None
        if old.get(PARENT) != new.get(PARENT):
            name = made.parents.get(image, "")
            parent = trace(name, str(old.get(PARENT))) or Cause(image=name, differences=(_ANOTHER,))
        return Cause(image=image, differences=explain(old, kept(new), parent=""), parent=parent)

    return trace


def _parents(rendered: Mapping[str, Rendered], base: Base) -> Mapping[str, str]:
    own = base.bootstrap.suite if base.bootstrap else base.reference
    return {
        name: each.image.parent or (own if each.parent == base.reference else each.parent)
        for name, each in rendered.items()
    }


def explained(plan: Plan, known: History, made: Makings, named: Mapping[str, str]) -> Plan:
    """The plan with reasons that say which inputs changed, where that is remembered.

    `named` maps the names in the engine's store to ids.
    """
    trace, identities = tracer(known, made), _identities(named)
    steps = {
        step.id: _explained(step, _change(step, known, trace, named, identities)) if _is_open(step) else step
        for step in plan.steps.values()
    }
    return Plan(steps=MappingProxyType(steps))


def change(step: Step, known: History, made: Makings, named: Mapping[str, str]) -> Cause | None:
    """What differs from the image that has the wanted name now; None where that is not remembered."""
    return _change(step, known, tracer(known, made), named, _identities(named))


def _change(
    step: Step, known: History, trace: Trace, named: Mapping[str, str], identities: Mapping[str, list[str]]
) -> Cause | None:
    if step.reference not in named:
        return None
    was = identities.get(named[step.reference]) or [known.identity(step.image, step.reference)]
    return next((cause for each in was if (cause := trace(step.image, each))), None)


def _identities(named: Mapping[str, str]) -> Mapping[str, list[str]]:
    """The identities that names in the store say, by the id of the image."""
    prefix, found = tag(""), dict[str, list[str]]()
    for name, image in named.items():
        last = name.rpartition(":")[2]
        if last.startswith(prefix):
            found.setdefault(image, []).append(last.removeprefix(prefix))
    return found


def reason(cause: Cause) -> str:
    """The differences in one line: its own, and the one that began among its parents; "" if there is none."""
    parts = [_few(cause.differences)] if cause.differences else []
    first = root(cause)
    others = tuple(each for each in first.differences if each not in cause.differences)  # some hold for all images
    if cause.parent and others:
        also = "" if first is cause.parent else f", as {first.image} does"
        parts.append(f"its parent {cause.parent.image} changes{also}: {_few(others)}")
    return "; ".join(parts)


def root(cause: Cause) -> Cause:
    """Where it began."""
    return root(cause.parent) if cause.parent else cause


def _is_open(step: Step) -> bool:
    """Whether the plan's own reason is that something changed, rather than a flag."""
    return step.decision.action is Action.BUILD and not step.decision.reason.startswith("--")


def _explained(step: Step, cause: Cause | None) -> Step:
    why = reason(cause) if cause else ""
    return replace(step, decision=replace(step.decision, reason=why)) if why else step


def _few(differences: tuple[str, ...]) -> str:
    more = len(differences) - _SAID
    return "; ".join((*differences[:_SAID], *([f"{more} more"] if more > 0 else [])))
