"""The steps of a smoke test in their order, and how they are gone through: what is made is always deleted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from kollage.errors import KollageError
from kollage.report.smoke import FAILED, PASSED, SKIPPED, Outcome
from kollage.smoke import asking, making
from kollage.smoke.bench import Bench, Made
from kollage.smoke.faults import CloudError
from kollage.smoke.making import Done
from kollage.smoke.tidy import tidy


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is asked of a cloud."""

    name: str
    act: Callable[[Bench, Made], Done]
    services: tuple[str, ...] = ()  # whose logs may say why it failed, the likeliest first
    alone: bool = False  # whether no later step needs what it makes
    offered: tuple[str, ...] = ()  # the types of service that it is about; without them it is skipped


def _tidy(bench: Bench, made: Made) -> Done:
    return replace(made, begun=True), tidy(bench) or "nothing was left"


BEFORE = Step("leftovers", _tidy, ("nova-compute", "neutron-server", "cinder-volume"))
AFTER = Step("delete", _tidy, ("nova-compute", "neutron-server", "cinder-volume"))
_NETWORK = ("ovn-controller", "neutron-server", "neutron-l3-agent", "neutron-openvswitch-agent")
STEPS = (
    Step("token", making.token, ("keystone",)),
    Step("catalogue", making.catalogue, ("haproxy",)),
    BEFORE,
    Step("guest", making.guest),
    Step("image", making.image, ("glance-api",)),
    Step("flavour", making.flavor, ("nova-api",)),
    Step("network", making.network, ("neutron-server",)),
    Step("instance", making.instance, ("nova-compute", "nova-libvirt", "nova-scheduler", "nova-conductor")),
    Step(
        "console",
        asking.console,
        ("nova-compute", "ovn-controller", "neutron-ovn-metadata-agent", "neutron-dhcp-agent"),
    ),
    Step("ping", asking.ping, _NETWORK),
    Step("page", asking.page, _NETWORK),
    Step(
        "volume",
        asking.volume,
        ("cinder-volume", "nova-compute", "cinder-scheduler"),
        alone=True,
        offered=("volumev3", "block-storage"),
    ),
)


def outcomes(
    bench: Bench, services: tuple[str, ...], *, further: tuple[Step, ...] = (), leave: bool = False
) -> Iterator[Outcome]:
    """Go through the steps, and further ones that need what these made.

    After one that failed what needs it is skipped; what was made is deleted, whatever ends this.
    """
    made, failed = Made(), ""
    finished = False
    try:
        for step in (*STEPS, *further):
            if failed or (step.offered and not made.offers(*step.offered)):
                yield Outcome(
                    step=step.name, status=SKIPPED, detail=f"{failed} failed" if failed else "not in this cloud"
                )
                continue
            made, outcome = _gone_through(step, bench, made, services)
            failed = step.name if outcome.status == FAILED and not step.alone else ""
            yield outcome
        finished = True
    finally:
        if not finished and made.begun:  # an interrupt: nobody listens any more
            _gone_through(AFTER, bench, made, services)
    if leave or not made.begun:
        yield Outcome(step=AFTER.name, status=SKIPPED, detail="left to look at" if made.begun else "nothing was made")
    else:
        yield _gone_through(AFTER, bench, made, services)[1]


def _gone_through(step: Step, bench: Bench, made: Made, services: tuple[str, ...]) -> tuple[Made, Outcome]:
    began = bench.clock()
    try:
        made, detail = step.act(bench, made)
    except CloudError as error:
        problem = Outcome(
            step=step.name, status=FAILED, asked=error.asked, answered=error.answered, hint=error.hint, tail=error.tail
        )
    except KollageError as error:
        problem = Outcome(step=step.name, status=FAILED, answered=error.message, hint=error.hint)
    else:
        return made, Outcome(step=step.name, status=PASSED, seconds=bench.clock() - began, detail=detail)
    return made, _finished(problem, bench, step, services, began)


def _finished(problem: Outcome, bench: Bench, step: Step, services: tuple[str, ...], began: float) -> Outcome:
    names = (name for name in step.services if not services or name in services)
    logs = tuple(command for name in names if (command := bench.log(name)))
    return replace(problem, seconds=bench.clock() - began, logs=logs)
