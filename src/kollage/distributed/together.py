"""`kollage build --scheduler`: the same command, the same plan, the same results, on the workers of a scheduler."""

import dataclasses
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from kollage import __version__, execute, recording, report, workspace
from kollage.causes import Makings
from kollage.distributed import certs, labels, narrow, packing, placement, run, trust, variants
from kollage.distributed.farm import Errand, Farm
from kollage.distributed.lines import Following
from kollage.distributed.orders import Order, Ticket
from kollage.distributed.packing import Packer, Variant
from kollage.distributed.reach import require_scheduler
from kollage.distributed.storeless import Storeless
from kollage.distributed.variants import Load
from kollage.errors import EngineError, UsageError
from kollage.options import Options
from kollage.output import tell
from kollage.plan import by_identity
from kollage.registry import client_of, parse, with_retries
from kollage.registry.content import index
from kollage.render import reference
from kollage.report.events import Listener
from kollage.results import Result
from kollage.steps import Action, Plan

if TYPE_CHECKING:
    from distributed import Client

Needed = Mapping[str, float]  # Dask's resources

_PATIENCE = 600.0  # seconds that a scheduler may be away, and a step may wait for a worker to come
_ANSWER = 10.0  # seconds for a scheduler to answer
_PLANS = "kollage-plans"  # the repository of plans and orders, in the namespace of the images


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """A plan with the errands of its steps, and where each step's output goes."""

    plan: Plan
    errands: Mapping[str, Errand]


def build(load: Load, options: Options, argv: Sequence[str], stream: TextIO) -> int:
    """Do everything, tell it to the stream, and return the exit code."""
    began = time.monotonic()
    _require_registry(options)
    narrow.install()
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is told in sentences here
    own = certs.check(trust.folder(options), "client") if trust.secured(options) else None
    place = Farm(connect=lambda: _connected(options), hear=lambda _message: None, patience=_PATIENCE, tell=tell)
    place.open()
    try:
        asked = variants.asked_for(options, argv)
        found = [variants.prepared(each, load, several=len(asked) > 1) for each in asked]
        orders = {name: order for each in found for name, order in packing.orders_of(each, _before(each)).items()}
        needed = {name: labels.needed(each.step, each.platform, options.engine) for name, each in orders.items()}
        _require_workers(needed, place)
        work = _packed(found, orders, needed, options, own)
        return _carry_out(found, work, place, argv, stream, began)
    finally:
        place.close()


def _require_registry(options: Options) -> None:
    if not options.registry:
        raise UsageError(
            "nothing says which registry the workers share", hint="name it with --registry: images travel through it"
        )


def _connected(options: Options) -> "Client":
    """Reach the scheduler. Raises `UsageError`."""
    from distributed import Client

    address, security = trust.address(options), trust.security(options, "client")
    require_scheduler(address, security, "client")
    try:
        return Client(address, security=security, timeout=_ANSWER, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"the scheduler at {address} does not answer: {error.__cause__ or error}") from error


def _packed(
    found: Sequence[Variant],
    orders: Mapping[str, Order],
    needed: Mapping[str, Needed],
    options: Options,
    own: certs.Pair | None,
) -> _Work:
    """Bring all that workers need into the registry."""
    where = parse("/".join(filter(None, (options.registry, options.namespace, _PLANS))))
    packer = Packer(client=client_of(options), place=where, attempts=options.retries + 1)
    pieces = packing.packed(orders, packer, options)
    digest = packing.seal(pieces, packer, own)
    packer.keep(f"plan-{digest.removeprefix('sha256:')[:32]}")
    plan = packing.union(found)
    keys = {name: _key(order, digest) for name, order in orders.items()}
    place = f"{where.host}/{where.repository}"
    made = {name: str(sorted(needed[name])) for name, order in orders.items() if order.rendered or order.recipe}
    loads = placement.loads(plan, made, _sizes(found))
    errands = {
        name: Errand(
            ticket=Ticket(place=place, plan=digest, name=name, key=keys[name]),
            needed=needed[name],
            load=loads.get(name),
            retries=options.retries,
        )
        for name in orders
    }
    return _Work(plan=plan, errands=errands)


def _sizes(found: Sequence[Variant]) -> Mapping[str, int]:
    """What images weighed the last times, by the step that makes them."""
    return {
        variant.marked(step): before.size
        for variant in found
        for step, before in variant.prepared.before.items()
        if before.size
    }


def _key(order: Order, plan: str) -> str:
    """What Dask calls a step: two plans that need one fingerprint speak of one task."""
    step = order.step
    action = step.decision.action
    match action:
        case Action.PUSH:
            return f"push-{sha256(step.reference.encode()).hexdigest()[:16]}-{step.identity}"
        case Action.VERIFY:
            return f"verify-{step.identity}-{plan[-16:]}"
    return f"{action}-{step.identity}{order.before[-16:]}"


def _before(variant: Variant) -> Mapping[str, str]:
    """What the registry has under the fingerprints of images that are built whatever is there, and all on them."""
    options = variant.options
    client, anew = client_of(options), set[str]()
    there: dict[str, str] = {}
    for step in variant.prepared.plan.steps.values():
        forced = options.no_reuse or step.decision.reason == "--force" or not anew.isdisjoint(step.needs)
        if forced and step.decision.action in {Action.BUILD, Action.BOOTSTRAP}:
            anew.add(step.id)
            name = by_identity(step.image, step.identity, options)
            published = with_retries(partial(client.published, name), attempts=options.retries + 1)
            there |= {name: published.digest} if published else {}
    return there


def _require_workers(needed: Mapping[str, Needed], place: Farm) -> None:
    """Say before anything is begun what no worker can do. Raises `EngineError`."""
    known = place.workers()
    for each in known.values():
        if each.version != __version__:
            tell(f"worker {each.name} has Kollage {each.version or 'not at all'}, and this is {__version__}: not used")
    short = {name: lacking for name, each in needed.items() if (lacking := labels.lacking(each, known.values()))}
    if short:
        reasons = "; ".join(sorted(set(short.values())))
        raise EngineError(
            f"{len(short)} steps, such as {next(iter(short))}, cannot be done: {reasons}",
            hint="start such a worker with `kollage worker`, or leave these out",
        )


def _carry_out(
    found: Sequence[Variant], work: _Work, place: Farm, argv: Sequence[str], stream: TextIO, began: float
) -> int:
    """Carry out what was packed and conclude."""
    options, plan = found[0].options, work.plan
    makings = found[0].prepared.makings if len(found) == 1 else Makings()
    storeless = Storeless(client_of(options), "")
    with recording.opened(options, argv, plan, makings.made_of, began) as record:
        with (
            workspace.opened(options, storeless, ()) as folders,
            report.listener(options, total=len(plan.steps), stream=stream) as listener,
        ):
            record.works_in(logs=folders.logs, folder=folders.private)
            if place.client and not options.quiet:
                tell(f"the dashboard of the scheduler: {place.client.dashboard_link}")
            results = _results(work, place, record.heard_by(listener), folders.logs)
        record.ended(results, report.exit_code(results, options.allowed_to_fail))
    for variant in found:
        for name, reason in variant.prepared.graph.excluded.items():
            tell(f"{variant.marked(name)} is left out: {reason}")
    code = report.conclude(results, options, stream=stream, elapsed=time.monotonic() - began)
    for line in _indexes(found, results):
        tell(line)
    return code


def _results(work: _Work, place: Farm, listener: Listener, logs: Path) -> list[Result]:
    """The result of every step, each told to the listener as it ends."""
    files = {name: logs / work.plan.steps[name].log_name for name in work.errands}
    following = Following(
        listener,
        {errand.ticket.key: (name, work.plan.steps[name].image, files[name]) for name, errand in work.errands.items()},
    )
    place.hear = following.hear
    results: list[Result] = []
    try:
        for result in run.execute(work.plan, work.errands, place):
            log = files.get(result.step)
            results.append(dataclasses.replace(result, log=log if log and log.exists() else None))
            listener.ended(results[-1])
    except KeyboardInterrupt:
        return [*results, *execute.cancelled(work.plan, results)]
    return results


def _indexes(found: Sequence[Variant], results: Iterable[Result]) -> Iterator[str]:
    """Make an index of every image that has several platforms, under the name without a platform."""
    good = {result.step for result in results if result.ok}
    bases: dict[str, list[Variant]] = {}
    for variant in found:
        bases.setdefault(variant.options.base, []).append(variant)
    for each in bases.values():
        wanted = set.intersection(*(set(variant.prepared.graph.wanted) for variant in each))
        for name in sorted(wanted) if len(each) > 1 else ():
            if all(variant.marked(f"push:{name}") in good for variant in each):
                yield _index(name, each)


def _index(name: str, each: Sequence[Variant]) -> str:
    options = each[0].options
    members = [(reference(name, variant.options), variant.platform) for variant in each]
    whole = reference(name, options, tag=options.tag.removesuffix(f"-{options.debian_arch}"))
    with_retries(lambda: index(client_of(options), whole, members), attempts=options.retries + 1)
    return f"{name}: index of {', '.join(platform for _, platform in members)} pushed as {whole}"
