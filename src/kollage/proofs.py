"""The steps that verify: one for each image, and one for each service that others need beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from kollage.catalogue import Catalogue
from kollage.errors import UsageError
from kollage.graph import Graph
from kollage.image import Image
from kollage.options import Options
from kollage.plan import Action, Decision, Lane, Plan, Step
from kollage.render import reference

_VERIFY = Decision(action=Action.VERIFY, reason="--verify")
_BESIDE = Decision(action=Action.START, reason="needed to verify others")


def with_proofs(plan: Plan, catalogue: Catalogue, options: Options, names: Mapping[str, str]) -> Plan:
    """The plan with a verification behind every image that is built or reused."""
    images = [
        step for step in plan.steps.values() if step.id.startswith("build:") and step.decision.action is not Action.SKIP
    ]
    proofs = _proofs({step.image: step for step in images}, catalogue, options, names)
    return Plan(steps=MappingProxyType({**plan.steps, **proofs}))


def proof_plan(graph: Graph, catalogue: Catalogue, options: Options, names: Mapping[str, str]) -> Plan:
    """A plan that verifies what was asked for and is in the store, and builds nothing. Raises `UsageError`."""
    wanted = {name: reference(name, options) for name in sorted(graph.wanted)}
    there = {name: _there(name, whole, names) for name, whole in wanted.items() if whole in names}
    if not there:
        raise UsageError(f"none of these images is in the store: {', '.join(wanted.values())}", hint="build them first")
    return Plan(steps=MappingProxyType(_proofs(there, catalogue, options, names)))


def single_plan(image: Image, whole: str, found: str, options: Options, names: Mapping[str, str]) -> Plan:
    """A plan that verifies one image by any name as one of the catalogue."""
    step = replace(_there(image.name, whole, {whole: found}))
    beside = _services([image], {}, options, names)
    return Plan(steps=MappingProxyType({**beside, **_proof(step, image, beside)}))


def _there(name: str, whole: str, names: Mapping[str, str]) -> Step:
    return Step(id="", image=name, decision=_VERIFY, identity="", reference=whole, found=names[whole])


def _proofs(
    steps: Mapping[str, Step], catalogue: Catalogue, options: Options, names: Mapping[str, str]
) -> dict[str, Step]:
    images = [catalogue.images[name] for name in steps]
    beside = _services(images, steps, options, names)
    proofs = dict(beside)
    for image in images:
        proofs |= _proof(steps[image.name], image, beside)
    return proofs


def _proof(step: Step, image: Image, beside: Mapping[str, Step]) -> dict[str, Step]:
    needs = [step.id] if step.id else []
    needs += [f"start:{name}" for name in image.verify.needs if f"start:{name}" in beside]
    proof = replace(step, id=f"verify:{step.image}", decision=_VERIFY, needs=tuple(needs), lane=Lane.VERIFY)
    return {proof.id: proof}


def _services(
    images: Iterable[Image], steps: Mapping[str, Step], options: Options, names: Mapping[str, str]
) -> dict[str, Step]:
    """The services that images need beside them, as far as they are there; all share the network of the first."""
    needed = sorted({name for image in images for name in image.verify.needs})
    services: dict[str, Step] = {}
    for name in needed:
        whole = reference(name, options)
        if name not in steps and whole not in names:
            continue  # the verification of who needs it says so
        built = steps.get(name)
        before = [*services][:1] + ([built.id] if built and built.id else [])
        step = built or _there(name, whole, names)
        services[f"start:{name}"] = replace(
            step, id=f"start:{name}", decision=_BESIDE, needs=tuple(before), lane=Lane.VERIFY
        )
    return services
