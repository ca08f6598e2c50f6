"""What a registry has of the images that a plan is to make: built elsewhere, found by fingerprint.

A tag is only a name that anybody who may push can give, so what stands on the image itself is read as well.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from kollage import fingerprint
from kollage.engines import Local
from kollage.errors import RegistryError
from kollage.graph import Graph
from kollage.options import Options
from kollage.output import warn
from kollage.plan import Shared, by_identity
from kollage.registry import Client, Published, with_retries
from kollage.render import reference

_LABEL = "kollage.fingerprint"


def found(
    client: Client, graph: Graph, identities: Mapping[str, str], local: Sequence[Local], options: Options
) -> Mapping[str, Shared]:
    """The images that the registry has and the engine's store has not; none where no registry is named or it is silent.

    A registry that does not answer, and a tag that lies, are told to the user; the images are built then. What was
    found before it fell silent holds, for parents are asked for first.
    """
    if not options.registry or not options.registry_cache or options.force or options.no_reuse:
        return {}
    here = {name.rpartition(":")[2] for image in local for name in image.names}
    there: dict[str, Shared] = {}
    try:
        there.update(_ask(_Registry(client=client, options=options), graph, identities, here))
    except RegistryError as error:
        warn(f"nothing {'more ' if there else ''}is taken from {options.registry}: {error.message}")
    return there


def _ask(
    registry: "_Registry", graph: Graph, identities: Mapping[str, str], here: set[str]
) -> Iterator[tuple[str, Shared]]:
    """Ask parents first: what stands on an image that was never pushed was never pushed itself."""
    absent: set[str] = set()
    attempts = 1  # one that has not answered at all is not waited for
    for image in graph.images:
        identity = identities.get(image.name, "")
        if not identity or image.parent in absent:
            absent.add(image.name)
        elif fingerprint.tag(identity) in here:
            continue
        elif shared := with_retries(partial(registry.shared, image.name, identity), attempts):
            yield image.name, shared
        else:
            absent.add(image.name)
        attempts = registry.options.retries + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Registry:
    client: Client
    options: Options

    def shared(self, name: str, identity: str) -> Shared | None:
        """The image of that fingerprint; None where there is none, or one that is something else."""
        whole = by_identity(name, identity, self.options)
        published = self.client.published(whole)
        if not published or not published.config:
            return None
        says = self.client.labels(whole, published.config).get(_LABEL, "")
        if says != identity:
            what = f"the fingerprint {says}" if says else "no fingerprint"
            warn(f"{whole} is not what its tag says, there is {what} on it; it is not taken")
            return None
        origin = f"{whole.rpartition(':')[0]}@{published.digest}"
        return Shared(origin=origin, named=self._has_name(name, published))

    def _has_name(self, name: str, published: Published) -> bool:
        """Whether the wanted name is that of the same image; asked only where it would be pushed."""
        if not self.options.push:
            return True
        there = None
        with suppress(RegistryError):
            there = self.client.published(reference(name, self.options))
        return there is not None and there.digest == published.digest
