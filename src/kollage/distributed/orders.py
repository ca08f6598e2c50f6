"""What workers are told: orders, the plan that the client signed, and tickets that name a step of it.

An order holds all that one step needs. It lies in the registry by its digest, and so does the plan: a list of orders
by name, signed by the client. Only tickets go through Dask. Whoever has a ticket can check that the step is one of a
plan that a client of this group signed.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509

from kollage import __version__
from kollage.bootstrap import Bootstrap
from kollage.distributed import certs
from kollage.errors import UsageError
from kollage.image import Image
from kollage.options import Options
from kollage.render import Rendered
from kollage.sources import Pin
from kollage.steps import Step

_VALID = timedelta(days=7)  # after which a plan is too old to be begun
_SKEW = timedelta(minutes=5)  # by which clocks of hosts may differ
# what the client decides for all hosts; where things are and how the network is reached, each host knows itself
_DECIDED = frozenset(
    (
        "base",
        "base_tag",
        "base_image",
        "base_source",
        "snapshot",
        "base_arch",
        "debian_arch",
        "release",
        "registry",
        "namespace",
        "image_name_prefix",
        "tag",
        "maintainer",
        "cache",
        "pull",
        "squash",
        "network_mode",
        "build_args",
        "use_dumb_init",
        "force",
        "no_reuse",
        "refresh",
        "retries",
        "registry_cache",
        "push",
        "verify",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One step with all that it needs. Contents of any size lie apart, as pieces in the registry."""

    step: Step  # its reference is the image's name by fingerprint, or the one to give
    settings: Mapping[str, object]  # of `Options`: what the client decides
    platform: str  # that the image is for, such as linux/amd64
    rendered: Rendered | None = None
    contents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # file of the context -> its pieces
    pins: Mapping[str, tuple[Pin, ...]] = field(default_factory=dict)
    carried: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # key of a client's own source -> its pieces
    recipe: Bootstrap | None = None
    parent: str = ""  # what the image stands on, by fingerprint; "": nothing of ours
    image: str = ""  # of a step that names or verifies: the image by fingerprint
    before: str = ""  # the digest that is to be replaced: another one means that it was done meanwhile
    images: Mapping[str, Image] = field(default_factory=dict)  # that a verification knows, itself first
    services: tuple[Step, ...] = ()  # that run beside it, in this order


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a worker gets: which step of which plan."""

    place: str  # the repository where plans and orders are
    plan: str  # the digest of the sealed plan
    name: str  # of the order in it
    key: str  # what Dask calls the step


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter:
    """A plan as it is signed: the digests of its orders by name."""

    version: str
    place: str
    made: str  # a moment in UTC
    orders: Mapping[str, tuple[str, ...]]  # name -> the order's pieces


def charter(place: str, orders: Mapping[str, tuple[str, ...]]) -> Charter:
    """A charter of this version, made now."""
    return Charter(version=__version__, place=place, made=datetime.now(UTC).isoformat(), orders=orders)


def sealed(plan: Charter, own: certs.Pair | None) -> bytes:
    """A charter with the client's signature; without one where no certificates are in use."""
    text = json.dumps({each.name: getattr(plan, each.name) for each in fields(plan)}, sort_keys=True)
    facts = {"charter": text}
    if own:
        facts["certificate"] = own.certificate.read_text(encoding="ascii")
        facts["signature"] = base64.b64encode(certs.sign(own, text.encode())).decode()
    return json.dumps(facts).encode()


def unsealed(content: bytes, authority: x509.Certificate | None) -> Charter:
    """The charter, if a client whom the authority knows signed it, not long ago. Raises `UsageError`.

    Without an authority any is taken: all is on one machine then.
    """
    try:
        facts = json.loads(content)
        text = str(facts["charter"])
        if authority:
            signer = x509.load_pem_x509_certificate(str(facts["certificate"]).encode())
            certs.require(signer, authority, role="client", called="the plan's certificate")
            certs.verify(signer, base64.b64decode(facts["signature"]), text.encode())
        said = json.loads(text)
        plan = Charter(**{**said, "orders": {name: tuple(pieces) for name, pieces in said["orders"].items()}})
        made = datetime.fromisoformat(plan.made)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"this is no plan, or nobody signed it: {error}") from error
    if plan.version != __version__:
        raise UsageError(f"the plan is of Kollage {plan.version}, and this is {__version__}")
    if not -_SKEW < datetime.now(UTC) - made < _VALID:
        raise UsageError(f"the plan was made at {plan.made}, and that is not now", hint="are the clocks right?")
    return plan


def settings(options: Options) -> Mapping[str, object]:
    """What the client decides for all hosts."""
    return {name: getattr(options, name) for name in sorted(_DECIDED)}


def with_settings(own: Options, order: Order, *, native: str) -> Options:
    """A host's options with what the client decided; `native` is the platform that needs no emulation."""
    decided = {name: value for name, value in order.settings.items() if name in _DECIDED}
    return replace(own, **decided, platform="" if order.platform == native else order.platform)  # type: ignore[arg-type]
