"""The steps that verify: one for each image, and one for each service that others need beside them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from kollage.catalogue import Catalogue
from kollage.graph import Graph
from kollage.image import Image
from kollage.options import Options
from kollage.plan import nothing_there
from kollage.render import reference
from kollage.steps import Action, Decision, Lane, Plan, Step

_VERIFY = Decision(action=Action.VERIFY, reason="--verify")
_PASSED = Decision(action=Action.PASSED, reason="it passed before")
_BESIDE = Decision(action=Action.START, reason="needed to verify others")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known before anything is verified."""

    catalogue: Catalogue
    options: Options
    names: Mapping[str, str]  # the names in the engine's store -> the image's id
    passed: Callable[[Image, str], bool]  # whether an image with that id has passed before


def with_proofs(plan: Plan, known: Known) -> Plan:
    """The plan with a verification behind every image that is built or reused."""
    images = {
        # what is built anew is another image than the one that was found
        step.image: step if step.decision.action is Action.REUSE else replace(step, found="")
        for step in plan.steps.values()
        if step.id.startswith("build:") and (step.origin or step.decision.action in {Action.BUILD, Action.REUSE})
    }
    return Plan(steps=MappingProxyType({**plan.steps, **_proofs(images, known)}))


def proof_plan(graph: Graph, known: Known) -> Plan:
    """A plan that verifies what was asked for and is in the store, and builds nothing. Raises `UsageError`."""
    wanted = {name: reference(name, known.options) for name in sorted(graph.wanted)}
    there = {name: _there(name, whole, known.names[whole]) for name, whole in wanted.items() if whole in known.names}
    if not there:
        raise nothing_there(wanted, known.names)
    return Plan(steps=MappingProxyType(_proofs(there, known)))


def single_plan(name: str, whole: str, known: Known) -> Plan:
    """A plan that verifies one image, by any name, as one of the catalogue."""
    return Plan(steps=MappingProxyType(_proofs({name: _there(name, whole, known.names[whole])}, known)))


def _there(name: str, whole: str, found: str) -> Step:
    return Step(id="", image=name, decision=_VERIFY, identity="", reference=whole, found=found)


def _proofs(steps: Mapping[str, Step], known: Known) -> dict[str, Step]:
    """The steps that verify, those that start what they need first."""
    images = {name: known.catalogue.images[name] for name in steps}
    passed = {name for name, step in steps.items() if step.found and known.passed(images[name], step.found)}
    beside = _services([image for name, image in images.items() if name not in passed], steps, known)
    proofs = [_proof(steps[name], image, beside, passed=name in passed) for name, image in images.items()]
    return {**beside, **{proof.id: proof for proof in proofs}}


def _proof(step: Step, image: Image, beside: Mapping[str, Step], *, passed: bool) -> Step:
    services = [] if passed else [f"start:{name}" for name in image.verify.needs if f"start:{name}" in beside]
    needs = (*([step.id] if step.id else []), *services)
    decision = _PASSED if passed else _VERIFY
    return replace(step, id=f"verify:{step.image}", decision=decision, needs=needs, lane=Lane.VERIFY)


def _services(images: Iterable[Image], steps: Mapping[str, Step], known: Known) -> dict[str, Step]:
    """The services that images need beside them, as far as they are there.

    One that is not there is missed by the verification of who needs it, which says so.
    """
    services: dict[str, Step] = {}
    for image in needed(images, known.catalogue):
        whole = reference(image.name, known.options)
        built = steps.get(image.name)
        if built or whole in known.names:
            step = built or _there(image.name, whole, known.names[whole])
            before = _before(image, built, services)
            service = replace(step, id=f"start:{image.name}", decision=_BESIDE, needs=before, lane=Lane.VERIFY)
            services[service.id] = service
    return services


def _before(image: Image, built: Step | None, services: Mapping[str, Step]) -> tuple[str, ...]:
    """The steps that a service waits for.

    One that needs others is verified first: its proof would share their network with it, and so its port.
    """
    own = [f"start:{name}" for name in image.verify.needs if f"start:{name}" in services]
    verified = [f"verify:{image.name}"] if built and image.verify.needs else []
    return tuple(dict.fromkeys([*own, *verified, *([built.id] if built and built.id else [])]))


def connected(image: Image, catalogue: Catalogue) -> frozenset[str]:
    """The images whose services share a network with one: those that it needs or that need it, and theirs in turn.

    Others have one of their own, where a port or a device of the same name may be theirs.
    """
    links: dict[str, set[str]] = {name: set(each.verify.needs) for name, each in catalogue.images.items()}
    for name, each in catalogue.images.items():
        for need in each.verify.needs:
            links.setdefault(need, set()).add(name)
    found, new = {image.name}, {image.name}
    while new:
        new = {other for name in new for other in links[name]} - found
        found |= new
    return frozenset(found)


def needed(images: Iterable[Image], catalogue: Catalogue) -> list[Image]:
    """The images whose services others need, each behind those that it needs itself."""
    found: dict[str, Image] = {}

    def add(name: str, line: tuple[str, ...]) -> None:
        image = catalogue.images.get(name)
        if image is None or name in found or name in line:
            return
        for need in sorted(image.verify.needs):
            add(need, (*line, name))
        found[name] = image

    for name in sorted({name for image in images for name in image.verify.needs}):
        add(name, ())
    return list(found.values())
