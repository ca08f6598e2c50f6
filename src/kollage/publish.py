"""Push an image, and see that the registry has what was sent."""

import time
from collections import deque
from dataclasses import replace

from kollage.errors import BuildError, RegistryError
from kollage.plan import by_identity
from kollage.process import OnLine
from kollage.registry import Published, is_plain, parse, with_retries
from kollage.results import Result, Status
from kollage.steps import Step
from kollage.workshop import Workshop, failed, logged


def push(shop: Workshop, step: Step) -> Result:
    """Push an image by its name, and by its fingerprint for other machines to find; then see that both are there.

    What the registry has already is not sent.
    """
    began = time.monotonic()
    try:
        missing = [name for name in _names(shop, step) if not _is_published(shop, name)]
    except RegistryError as error:
        return failed(shop, step, Status.FAILED, error, began, deque())
    if not missing:
        return replace(step.ended(Status.REUSED), reason="the registry has it")

    def work(on_line: OnLine) -> None:
        for name in missing:
            _send(shop, step, name, on_line)

    return logged(shop, step, work, Status.PUSHED)


def _names(shop: Workshop, step: Step) -> tuple[str, ...]:
    if not step.identity or not shop.options.registry_cache:
        return (step.reference,)
    return (step.reference, by_identity(step.image, step.identity, shop.options))


def _send(shop: Workshop, step: Step, name: str, on_line: OnLine) -> None:
    if step.found and name != step.reference and shop.named.get(name) != step.found:  # it was found by another name
        shop.engine.tag(step.found, name)
    digest = shop.engine.push(name, on_line, plain=is_plain(parse(name).host))
    published = _published(shop, name)
    if published is None or published.digest != digest:
        there = published.digest if published else "nothing"
        raise BuildError(
            f"{name} was pushed as {digest}, and the registry has {there}",
            hint="somebody else may have pushed the same name; push it again",
        )


def _is_published(shop: Workshop, reference: str) -> bool:
    local = {image.id for image in shop.engine.images() if reference in image.names}
    published = _published(shop, reference)
    return published is not None and published.config in local


def _published(shop: Workshop, reference: str) -> Published | None:
    return with_retries(lambda: shop.registry.published(reference), attempts=shop.options.retries + 1)
