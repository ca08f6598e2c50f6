"""A plan made ready for the road: orders by name, their contents in the registry, all under one signature."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kollage import sources
from kollage.catalogue import Catalogue
from kollage.distributed import certs, narrow, orders
from kollage.distributed.orders import Order
from kollage.errors import UsageError
from kollage.image import Image
from kollage.options import Options
from kollage.plan import by_identity
from kollage.prepare import Prepared
from kollage.registry import Client, Reference, with_retries
from kollage.registry.content import PIECE, digest_of, keep, pieces, put
from kollage.sources import Pin
from kollage.sources.download import local_path, network_of
from kollage.sources.store import Store
from kollage.steps import Action, Plan, Step

_APART = 16 << 10  # bytes of a file from which on it travels by itself
_DONE = frozenset({Action.PULL, Action.PUBLISHED, Action.SKIP, Action.REUSE, Action.PASSED})  # nothing is to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One base for one platform: its options and what was prepared for it."""

    options: Options
    catalogue: Catalogue
    prepared: Prepared
    platform: str
    stands_on: str = ""  # the base of a registry by its digest; "": it is made
    mark: str = ""  # what tells its steps from those of other variants; "": there is one

    def marked(self, name: str) -> str:
        """A name of this variant."""
        return f"{name}@{self.mark}" if self.mark else name


def union(variants: Iterable[Variant]) -> Plan:
    """The steps of all variants; what has one fingerprint is in it as often as it is asked for, and built once."""
    steps: dict[str, Step] = {}
    for variant in variants:
        for step in variant.prepared.plan.steps.values():
            own = dataclasses.replace(
                step,
                id=variant.marked(step.id),
                image=variant.marked(step.image),
                needs=tuple(map(variant.marked, step.needs)),
            )
            steps[own.id] = own
    return Plan(steps=MappingProxyType(steps))


def orders_of(variant: Variant, before: Mapping[str, str]) -> Mapping[str, Order]:
    """The orders of a variant's steps, by the step's marked id; steps with nothing to do have none.

    `before` is what the registry has already under the names of images that are built nevertheless.
    """
    steps = variant.prepared.plan.steps
    services = tuple(step for step in steps.values() if step.decision.action is Action.START)
    found: dict[str, Order] = {}
    for step in steps.values():
        if step.decision.action in _DONE or step in services:
            continue
        found[variant.marked(step.id)] = _order(variant, step, services, before)
    return found


def _order(variant: Variant, step: Step, services: tuple[Step, ...], before: Mapping[str, str]) -> Order:
    whole = by_identity(step.image, step.identity, variant.options)
    own = dataclasses.replace(step, id=variant.marked(step.id))
    order = Order(step=own, settings=orders.settings(variant.options), platform=variant.platform, image=whole)
    if step.decision.action is Action.PUSH:
        return order
    order = dataclasses.replace(order, step=dataclasses.replace(own, reference=whole), before=before.get(whole, ""))
    if step.decision.action is Action.VERIFY:
        return _proof(variant, order, services)
    if step.decision.action is Action.BOOTSTRAP:
        base = variant.prepared.base
        return dataclasses.replace(order, recipe=base.bootstrap if base else None)
    return _build(variant, order)


def _build(variant: Variant, order: Order) -> Order:
    prepared, step = variant.prepared, order.step
    parent = next((prepared.plan.steps[need] for need in step.needs), None)
    below = _by_identity(parent, variant) if parent else ""
    name = step.image
    rendered = prepared.rendered[name]
    base = variant.stands_on if not parent and prepared.base and rendered.parent == prepared.base.reference else ""
    stands_on = below or base
    return dataclasses.replace(
        order,
        rendered=rendered.standing_on(stands_on) if stands_on else rendered,
        pins=prepared.pins[name],
        parent=below,
    )


def _by_identity(parent: Step, variant: Variant) -> str:
    """How an image is called in the registry; one that is left as it is keeps the name that the user gave it."""
    left = parent.decision.action is Action.SKIP or (parent.decision.action is Action.PULL and not parent.origin)
    return parent.reference if left else by_identity(parent.image, parent.identity, variant.options)


def _proof(variant: Variant, order: Order, services: tuple[Step, ...]) -> Order:
    """The order to verify an image, with the images whose services run beside it."""
    known = variant.catalogue.images
    names = _beside(order.step.image, known)
    return dataclasses.replace(
        order,
        images={name: _without_files(known[name]) for name in (order.step.image, *names)},
        services=tuple(
            dataclasses.replace(each, reference=_by_identity(each, variant), found="", needs=())
            for each in services
            if each.image in names
        ),
    )


def _beside(name: str, known: Mapping[str, Image]) -> set[str]:
    """The images whose services one needs, and those that these need."""
    found: set[str] = set()
    left = [name]
    while left:
        for need in known[left.pop()].verify.needs:
            if need in known and need not in found:
                found.add(need)
                left.append(need)
    return found


def _without_files(image: Image) -> Image:
    return dataclasses.replace(image, context={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Packer:
    """Brings contents into one repository of the registry, each once."""

    client: Client
    place: Reference
    attempts: int
    sizes: MutableMapping[str, int] = dataclasses.field(default_factory=dict)  # of what is there now

    def content(self, content: bytes) -> tuple[str, ...]:
        """The pieces of a content, which are there now."""
        return tuple(self._put(piece) for piece in pieces(content))

    def _put(self, piece: bytes) -> str:
        digest = digest_of(piece)
        if digest not in self.sizes:
            with_retries(lambda: put(self.client, self.place, piece), attempts=self.attempts)
            self.sizes[digest] = len(piece)
        return digest

    def keep(self, tag: str) -> None:
        """Name all that was brought, so that the registry's cleaning leaves them."""
        where = dataclasses.replace(self.place, tag=tag)
        with_retries(lambda: keep(self.client, where, self.sizes.items()), attempts=self.attempts)


def packed(found: Mapping[str, Order], packer: Packer, options: Options) -> Mapping[str, tuple[str, ...]]:
    """Bring orders into the registry, with what is in them; the pieces of each by name."""
    return {name: packer.content(narrow.dumps(_lightened(order, packer, options))) for name, order in found.items()}


def _lightened(order: Order, packer: Packer, options: Options) -> Order:
    """The order with pieces in the place of large contents, and with the sources that only this machine has."""
    if not order.rendered:
        return order
    large = {file.path: file.content for file in order.rendered.files if len(file.content) > _APART}
    files = tuple(
        dataclasses.replace(file, content=b"") if file.path in large else file for file in order.rendered.files
    )
    return dataclasses.replace(
        order,
        rendered=dataclasses.replace(order.rendered, files=files, image=_without_files(order.rendered.image)),
        contents={path: packer.content(content) for path, content in large.items()},
        carried={pin.key: packer.content(_own(pin, options).read_bytes()) for pin in _of_this_machine(order)},
    )


def _of_this_machine(order: Order) -> Iterator[Pin]:
    for pinned in order.pins.values():
        yield from (pin for pin in pinned if pin.type == "local" or local_path(pin.location))


def _own(pin: Pin, options: Options) -> Path:
    network = network_of(options.network, options.ca_bundle)
    return sources.fetch(pin, Store(options.cache_dir / "sources"), network)


def seal(found: Mapping[str, tuple[str, ...]], packer: Packer, own: certs.Pair | None) -> str:
    """Sign the list of orders, bring it into the registry and give its digest."""
    place = f"{packer.place.host}/{packer.place.repository}"
    content = orders.sealed(orders.charter(place, found), own)
    if len(content) > PIECE:
        raise UsageError("the plan is too large for one piece", hint="build fewer images at a time")
    return packer.content(content)[0]
