"""What a worker does with a ticket: see that the step is of a signed plan, do it, and see that the registry has it."""

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType

from cryptography import x509

from kollage import act, bootstrap, prove, sealed, sources, tools, workspace
from kollage.catalogue import IMAGES, Catalogue
from kollage.distributed import narrow, orders
from kollage.distributed.holdings import Holdings
from kollage.distributed.lines import Sending
from kollage.distributed.orders import Charter, Order, Ticket
from kollage.engines import Engine, ids_by_name
from kollage.errors import EngineError, KollageError, RegistryError, UsageError
from kollage.options import Options
from kollage.registry import Published, client_of, is_plain, parse, with_retries
from kollage.registry.content import name as give_name
from kollage.results import Result, Status
from kollage.sources import Pin
from kollage.sources.download import network_of
from kollage.sources.store import Store
from kollage.steps import Action
from kollage.workshop import Workshop

LEAST_FREE = 2 * 10**9  # bytes that the engine's store must have free before a build is begun


class Unfit(Exception):  # noqa: N818 - Dask tries the step again, elsewhere if it can
    """The worker cannot do the step now, and another one may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a worker works with: its host's engine, options and holdings."""

    options: Options
    engine: Engine
    authority: x509.Certificate | None  # whose clients sign plans; None: all is on this machine
    holdings: Holdings
    sending: Sending
    native: str  # the platform of this host
    host: str  # what people call it
    address: Callable[[], str]  # what Dask calls it
    begun: Callable[[str], None]  # tell that a step is taken up
    ended: Callable[[str], None]  # tell what is left to tell of it
    mine: Callable[[str], bool]  # whether the scheduler still wants a step from this worker
    drain: Callable[[str], None]  # take no more steps, for a reason


_here: list[Site] = []  # of this process; a list, for a worker equips itself once


def equip(site: Site) -> None:
    """Say what this process works with."""
    _here[:] = [site]
    _charter.cache_clear()


def carry_out(place: str, plan: str, name: str, key: str) -> tuple[Result, str]:
    """Do one step, and say where. Raises `Unfit` where another worker may succeed; any other failure is a result."""
    site, began = _here[0], time.monotonic()
    site.begun(key)
    unfit = ""
    try:
        result = _done(site, Ticket(place=place, plan=plan, name=name, key=key))
    except (Unfit, RegistryError, EngineError) as error:
        unfit = f"{site.host}: {error.message if isinstance(error, KollageError) else error}"
    except Exception as error:  # noqa: BLE001 - a mistake of the program: this worker's log has it whole
        traceback.print_exc()
        unfit = f"{site.host}: {type(error).__name__}: {error}"
    finally:
        site.ended(key)
    if unfit:  # raised here, for what was raised before it would travel along, and need not be known elsewhere
        raise Unfit(unfit)
    seconds = time.monotonic() - began if result.status is not Status.REUSED else 0.0
    return replace(result, log=None, seconds=seconds), site.address()


def _done(site: Site, ticket: Ticket) -> Result:
    try:
        order = _order(site, ticket)
        return _ACTS[order.step.decision.action](site, order, ticket)
    except (RegistryError, EngineError):
        raise
    except (KollageError, OSError) as error:
        message = error.message if isinstance(error, KollageError) else str(error)
        return Result(step="", image="", status=Status.FAILED, reason=message)


def _order(site: Site, ticket: Ticket) -> Order:
    plan = _charter(ticket.place, ticket.plan)
    if ticket.name not in plan.orders:
        raise UsageError(f"the plan has no step '{ticket.name}'")
    order = narrow.loads(site.holdings.content(parse(ticket.place), plan.orders[ticket.name]))
    if not isinstance(order, Order):
        raise UsageError(f"'{ticket.name}' is no order")
    return order


@lru_cache(maxsize=8)
def _charter(place: str, digest: str) -> Charter:
    site = _here[0]
    plan = orders.unsealed(site.holdings.content(parse(place), (digest,)), site.authority)
    if plan.place != place:
        raise UsageError("the plan was made for another registry")
    return plan


def _make(site: Site, order: Order, ticket: Ticket) -> Result:
    """Build or bootstrap an image, unless the registry has it, and push it by its fingerprint."""
    step, options = order.step, orders.with_settings(site.options, order, native=site.native)
    if _is_made(order, options):
        return _result(order, Status.REUSED, "the registry has it")
    _require_space(site)
    with _workshop(site, order, options, ticket) as shop:
        held = ids_by_name(site.engine.images())
        if step.reference not in held or order.before:  # else it was built here, and the push was lost
            if order.parent:
                _bring(site, order.parent, held, ticket)
            done = act.runner(shop)(step)
            if not done.ok:
                return done
        _send(site, order, options, ticket)
    return _result(order, Status.BUILT, step.decision.reason, size=_size(site, step.reference))


def _is_made(order: Order, options: Options) -> bool:
    published = _published(options, order.step.reference)
    if published is None or published.digest == order.before or not published.config:
        return False
    labels = client_of(options).labels(order.step.reference, published.config)
    return labels.get("kollage.fingerprint") == order.step.identity


def _published(options: Options, reference: str) -> Published | None:
    return with_retries(lambda: client_of(options).published(reference), attempts=options.retries + 1)


def _require_space(site: Site) -> None:
    free = site.engine.free_bytes()
    if free < LEAST_FREE:
        reason = f"only {free / 1e6:.0f} MB are free where {site.engine.name} keeps its images"
        site.drain(reason)
        raise Unfit(reason)


def _bring(site: Site, reference: str, held: Mapping[str, str], ticket: Ticket) -> None:
    """Have an image of the registry in the store; once, however many steps need it."""
    if bootstrap.same_name(reference, held):
        return
    with site.holdings.locked(reference):
        if not any(bootstrap.same_name(reference, image.references) for image in site.engine.images()):
            site.sending.say(ticket.key, f"pulling {reference}")
            site.engine.pull(reference, partial(site.sending.say, ticket.key), plain=is_plain(parse(reference).host))


def _send(site: Site, order: Order, options: Options, ticket: Ticket) -> None:
    """Push what was built, if the step is still this worker's and nobody has pushed it meanwhile."""
    reference = order.step.reference
    if _is_made(order, options):
        site.sending.say(ticket.key, f"{reference} came to the registry meanwhile: that one is taken")
        site.engine.pull(reference, partial(site.sending.say, ticket.key), plain=is_plain(parse(reference).host))
        return
    if not site.mine(ticket.key):
        raise Unfit("the step was given to another worker")
    site.sending.say(ticket.key, f"pushing {reference}")
    digest = site.engine.push(reference, partial(site.sending.say, ticket.key), plain=is_plain(parse(reference).host))
    published = _published(options, reference)
    if published is None or published.digest != digest:
        raise Unfit(f"{reference} was pushed as {digest}, and the registry has another one")


def _name(_site: Site, order: Order, _ticket: Ticket) -> Result:
    """Give an image its wanted name in the registry: no layer travels."""
    site = _site
    options = orders.with_settings(site.options, order, native=site.native)
    there, wanted = _published(options, order.image), _published(options, order.step.reference)
    if there and wanted and there.digest == wanted.digest:
        return _result(order, Status.REUSED, "the registry has it")
    client = client_of(options)
    with_retries(lambda: give_name(client, order.image, order.step.reference), attempts=options.retries + 1)
    return _result(order, Status.PUSHED, order.step.decision.reason)


def _verify(site: Site, order: Order, ticket: Ticket) -> Result:
    """Verify an image of the registry here, with the services that it needs beside it."""
    options = orders.with_settings(site.options, order, native=site.native)
    held = ids_by_name(site.engine.images())
    for reference in (order.image, *(service.reference for service in order.services)):
        _bring(site, reference, held, ticket)
    with _workshop(site, order, options, ticket) as shop:
        try:
            for service in order.services:
                prove.start(shop, service)
            return prove.verify(shop, order.step)
        finally:
            prove.end_services(shop)


_ACTS: Mapping[Action, Callable[[Site, Order, Ticket], Result]] = MappingProxyType(
    {
        Action.BOOTSTRAP: _make,
        Action.BUILD: _make,
        Action.PUSH: _name,
        Action.VERIFY: _verify,
    }
)


@contextmanager
def _workshop(site: Site, order: Order, options: Options, ticket: Ticket) -> Iterator[Workshop]:
    """What the step works with here, as in a run on one machine."""
    listener = site.sending.for_step(ticket.key)
    place = parse(ticket.place)
    rendered = order.rendered
    if rendered:
        files = (
            replace(file, content=site.holdings.content(place, order.contents[file.path]))
            if file.path in order.contents
            else file
            for file in rendered.files
        )
        rendered = replace(rendered, files=tuple(files))
    base = bootstrap.Base(reference="", identity="", reason="", bootstrap=order.recipe) if order.recipe else None
    logs = options.cache_dir / "worker-logs"
    own = replace(options, logs_dir=logs, work_dir=None)
    with workspace.opened(own, site.engine, [order.parent] if order.parent else []) as folders:
        yield Workshop(
            options=own,
            engine=site.engine,
            listener=listener,
            base=base,
            named={},
            rendered={order.step.image: rendered} if rendered else {},
            pins={order.step.image: order.pins},
            fetch=partial(_fetch, site, order, ticket),
            registry=client_of(own),
            secrets=sealed.write_secrets(own, folders.private),
            tools=tools.uv_folder(own.cache_dir),
            work=folders.work,
            private=folders.private,
            logs=folders.logs,
            catalogue=Catalogue(root=IMAGES, images=order.images, accounts={}, repositories={}),
            repeat=lambda image: f"kollage build '^{image}$'",
        )


def _fetch(site: Site, order: Order, ticket: Ticket, pin: Pin) -> Path:
    """A source in this host's store: from where it is published, or, if it is the client's own, from the registry."""
    store = Store(site.options.cache_dir / "sources")
    if pin.key in order.carried and not store.recorded(pin.key):
        with store.lock(pin.key), store.scratch() as scratch:
            path = scratch / "carried"
            path.write_bytes(site.holdings.content(parse(ticket.place), order.carried[pin.key]))
            return store.keep(pin.key, path).path
    return sources.fetch(pin, store, network_of(site.options.network, site.options.ca_bundle))


def _size(site: Site, reference: str) -> int:
    found = (image.size for image in site.engine.images() if bootstrap.same_name(reference, image.references))
    return next(found, 0)


def _result(order: Order, status: Status, reason: str, *, size: int = 0) -> Result:
    step = order.step
    return Result(step=step.id, image=step.image, status=status, reason=reason, size=size, reference=step.reference)
