"""What will be done, in what order and why. Nothing here acts: a plan can be looked at and thrown away."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from kollage import fingerprint
from kollage.bootstrap import Base
from kollage.catalogue.tree import TEMPLATE
from kollage.engines import Local, ids_by_name
from kollage.errors import UsageError
from kollage.graph import Graph
from kollage.options import Options
from kollage.render import Rendered, reference
from kollage.steps import Action, Decision, Lane, Plan, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """An image that a registry has by its fingerprint."""

    origin: str  # its repository and its digest there
    named: bool = False  # whether it has the wanted name there, too


def make_plan(
    graph: Graph,
    options: Options,
    *,
    base: Base,
    rendered: Mapping[str, Rendered],
    pins: Mapping[str, tuple[str, ...]],
    local: tuple[Local, ...],
    shared: Mapping[str, Shared] = MappingProxyType({}),
    seconds: Callable[[str], float] = lambda _image: 10.0,
) -> Plan:
    """Decide for every image of the graph.

    `pins` are the identities of each image's sources, `local` is what the engine's store holds, `shared` what a
    registry has of them, and `seconds` says how long an image is expected to take.
    """
    names = ids_by_name(local)
    left = left_alone(graph, options, local)
    wanted = identities(graph, options, base=base, rendered=rendered, pins=pins, left=left)
    start = _base_step(base, {} if options.no_reuse else names)
    steps = {start.id: start} if start else {}
    for image in graph.images:
        if image.name in left:
            steps[f"build:{image.name}"] = left[image.name]
            continue
        on_base = start if rendered[image.name].parent == base.reference else None
        parent = steps[f"build:{image.parent}"] if image.parent else on_base
        step = _step(image.name, wanted[image.name], parent, names, options)
        forced = _forced(image.name, graph, options)
        known = step.reference in names
        steps[step.id] = _decided(step, parent, shared.get(image.name), known=known, forced=forced)
    steps = _pulled(steps, shared, options)
    if start and all(start.id not in step.needs for step in steps.values()):
        del steps[start.id]
    if options.push:
        steps |= {step.id: step for step in _pushes(steps)}
    return Plan(steps=MappingProxyType(_prioritised(steps, seconds)))


def identities(
    graph: Graph,
    options: Options,
    *,
    base: Base,
    rendered: Mapping[str, Rendered],
    pins: Mapping[str, tuple[str, ...]],
    left: Mapping[str, Step] = MappingProxyType({}),
) -> Mapping[str, str]:
    """The fingerprint of every image that is rendered; without `left`, of none that stands on one which is left."""
    found = {name: step.identity for name, step in left.items()}
    for image in graph.images:
        own = rendered.get(image.name)
        if own and (image.parent is None or image.parent in found):
            parent = found[image.parent] if image.parent else ground(own, base)
            found[image.name] = identify(own, parent=parent, pins=pins.get(image.name, ()), options=options)
    return found


def push_plan(graph: Graph, options: Options, local: tuple[Local, ...]) -> Plan:
    """A plan that pushes what was asked for and is in the store, and builds nothing. Raises `UsageError`."""
    names = ids_by_name(local)
    wanted = {name: reference(name, options) for name in sorted(graph.wanted)}
    steps = [
        _push(Step(id="", image=name, decision=_PUSH, identity="", reference=whole, found=names[whole]))
        for name, whole in wanted.items()
        if whole in names
    ]
    if not steps:
        raise nothing_there(wanted, names)
    return Plan(steps=MappingProxyType({step.id: step for step in steps}))


def nothing_there(wanted: Mapping[str, str], names: Iterable[str]) -> UsageError:
    """The error that the store has none of the images, by their wanted names; its hint knows other names of theirs."""
    others = sorted(name for name in names if name.rpartition("/")[2].partition(":")[0] in wanted)
    return UsageError(
        f"none of these images is in the store: {', '.join(wanted.values())}",
        hint=f"'{others[0]}' is there: `kollage build` with the same flags names what is unchanged anew, and pushes it "
        "with --push"
        if others
        else "build them first",
    )


def identify(rendered: Rendered, *, parent: str, pins: tuple[str, ...], options: Options) -> str:
    """The fingerprint of an image: everything that goes into it, and its parent's."""
    return fingerprint.fingerprint(inputs(rendered, parent=parent, pins=pins, options=options))


def inputs(rendered: Rendered, *, parent: str, pins: tuple[str, ...], options: Options) -> Mapping[str, object]:
    """Everything that goes into an image, by name: what its fingerprint is made of, and nothing that is secret."""
    return {
        "parent": parent,
        "recipe": rendered.recipe(),
        "context": {
            file.path: [oct(file.mode), fingerprint.content(file.content)]
            for file in rendered.files
            if file.path != TEMPLATE  # what it says is in the recipe
        },
        "sources": list(pins),
        "build_args": dict(options.build_args),
        "arch": options.base_arch,
        **({"updates": list(rendered.updates)} if rendered.updates else {}),
    }


def by_identity(name: str, identity: str, options: Options) -> str:
    """The second name of every image: one that says what it is made of."""
    return reference(name, options, tag=fingerprint.tag(identity))


def ground(rendered: Rendered, base: Base) -> str:
    """The identity of what an image without a parent stands on: the base, or an image from elsewhere by its name."""
    return base.identity if rendered.parent == base.reference else f"image:{rendered.parent}"


def left_alone(graph: Graph, options: Options, local: Sequence[Local]) -> Mapping[str, Step]:
    """The steps of the images that the user wants left as they are, by image: nothing of them is rendered."""
    names = ids_by_name(local)
    steps = ((image.name, _left(image.name, graph, names, options)) for image in graph.images)
    return {name: step for name, step in steps if step}


def _left(name: str, graph: Graph, names: Mapping[str, str], options: Options) -> Step | None:
    """The step of an image that the user wants left as it is; None where it is not so."""
    whole = reference(name, options)
    found = names.get(whole, "")
    reason = graph.skipped.get(name, "")
    if options.skip_existing and found:
        reason = "--skip-existing"
    if not reason:
        return None
    return Step(
        id=f"build:{name}",
        image=name,
        decision=Decision(action=Action.SKIP, reason=reason)
        if found
        else Decision(action=Action.PULL, reason=f"{reason}, and the store does not have it"),
        identity=f"image:{found or whole}",
        reference=whole,
        found=found,
    )


_PUSH = Decision(action=Action.PUSH, reason="--push")


def _pushes(steps: Mapping[str, Step]) -> list[Step]:
    """A push behind every image that is built or reused; what is built anew is not what was found before."""
    ours = (step for step in steps.values() if step.id.startswith("build:") and _is_ours(step))
    return [_push(step if step.decision.action is Action.REUSE else replace(step, found="")) for step in ours]


def _is_ours(step: Step) -> bool:
    """Whether it gives an image that was built as the plan says, here or elsewhere, and is here then."""
    action = step.decision.action
    return action in {Action.BUILD, Action.REUSE} or (action is Action.PULL and bool(step.origin))


def _push(step: Step) -> Step:
    needs = (step.id,) if step.id else ()
    return replace(step, id=f"push:{step.image}", decision=_PUSH, needs=needs, lane=Lane.PUSH)


def _base_step(base: Base, names: Mapping[str, str]) -> Step | None:
    """The step that bootstraps the base; None where the base comes from a registry, which pinning it has pulled."""
    if base.bootstrap is None:
        return None
    found = names.get(base.reference, "")
    decision = (
        Decision(action=Action.REUSE, reason="bootstrapped before")
        if found
        else Decision(action=Action.BOOTSTRAP, reason=base.reason)
    )
    name = base.bootstrap.suite
    return Step(
        id=f"bootstrap:{name}",
        image=name,
        decision=decision,
        identity=base.identity,
        reference=base.reference,
        found=found,
    )


def _step(name: str, identity: str, parent: Step | None, names: Mapping[str, str], options: Options) -> Step:
    """The step of an image as it is until something says that less has to be done."""
    return Step(
        id=f"build:{name}",
        image=name,
        decision=Decision(action=Action.BUILD, reason="never built"),
        identity=identity,
        reference=reference(name, options),
        found=_with_fingerprint(identity, names),
        needs=(parent.id,) if parent else (),
    )


def _forced(name: str, graph: Graph, options: Options) -> str:
    """The flag by which an image is built whatever there is; "" if none asks for it."""
    force = "--force" if options.force and name in graph.wanted else ""
    return "--no-reuse" if options.no_reuse else force


def _pulled(steps: Mapping[str, Step], shared: Mapping[str, Shared], options: Options) -> dict[str, Step]:
    """The steps with a pull of what the registry has and is needed here."""
    needed = {
        need: f"{step.image} is built on it"
        for step in steps.values()
        if step.decision.action is Action.BUILD
        for need in step.needs
    }
    if options.verify:
        needed |= dict.fromkeys(steps, "--verify")
    if options.push:
        needed |= {f"build:{name}": "--push" for name, image in shared.items() if not image.named}
    return {name: _fetched(step, needed.get(name, "")) for name, step in steps.items()}


def _fetched(step: Step, why: str) -> Step:
    if not why or step.decision.action is not Action.PUBLISHED:
        return step
    return _because(step, Action.PULL, f"the registry has it: {why}")


def _with_fingerprint(identity: str, names: Mapping[str, str]) -> str:
    """The image that has a fingerprint, whatever registry and namespace it was named for; "" if there is none."""
    ending = f":{fingerprint.tag(identity)}"
    return next((image for name, image in names.items() if name.endswith(ending)), "")


def _decided(step: Step, parent: Step | None, shared: Shared | None, *, known: bool, forced: str) -> Step:
    """The step with what is to be done: the first reason that holds counts."""
    below = parent.decision.action if parent else None
    if forced:
        return _because(step, Action.BUILD, forced)
    if parent and below is Action.BUILD:
        return _because(step, Action.BUILD, f"its parent {parent.image} changes" if known else "never built")
    if step.found:  # what it once stood on need not be made again
        return replace(_because(step, Action.REUSE, "unchanged"), needs=() if below is Action.BOOTSTRAP else step.needs)
    if shared:
        return replace(_because(step, Action.PUBLISHED, "the registry has it"), origin=shared.origin, needs=())
    return _because(step, Action.BUILD, "its recipe changed" if known else "never built")


def _because(step: Step, action: Action, reason: str) -> Step:
    return replace(step, decision=Decision(action=action, reason=reason))


def _prioritised(steps: Mapping[str, Step], seconds: Callable[[str], float]) -> dict[str, Step]:
    """The same steps with the length of the longest path behind each."""
    longest = dict.fromkeys(steps, 0.0)
    for step in reversed(list(steps.values())):  # children come after their parents
        own = seconds(step.image) if step.decision.action in {Action.BUILD, Action.BOOTSTRAP} else 0.0
        longest[step.id] += own
        for need in step.needs:
            longest[need] = max(longest[need], longest[step.id])
    return {name: replace(step, priority=longest[name]) for name, step in steps.items()}
