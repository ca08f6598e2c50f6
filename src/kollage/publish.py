"""Push an image, and see that the registry has what was sent."""

import time
from collections import deque
from dataclasses import replace

from kollage import bootstrap
from kollage.errors import BuildError, RegistryError
from kollage.plan import Step
from kollage.process import OnLine
from kollage.registry import Published, is_plain, parse, with_retries
from kollage.results import Result, Status
from kollage.workshop import Workshop, failed, logged, result


def push(shop: Workshop, step: Step) -> Result:
    """Push an image, unless the registry has it; then see that what is there is what was sent."""
    began = time.monotonic()
    try:
        if _is_published(shop, step.reference):
            return replace(result(step, Status.REUSED, 0.0), reason="the registry has it")
    except RegistryError as error:
        return failed(shop, step, Status.FAILED, error, began, deque())

    def work(on_line: OnLine) -> None:
        digest = shop.engine.push(step.reference, on_line, plain=is_plain(parse(step.reference).host))
        published = _published(shop, step.reference)
        if published is None or published.digest != digest:
            there = published.digest if published else "nothing"
            raise BuildError(
                f"{step.reference} was pushed as {digest}, and the registry has {there}",
                hint="somebody else may have pushed the same name; push it again",
            )

    return logged(shop, step, work, Status.PUSHED)


def _is_published(shop: Workshop, reference: str) -> bool:
    # docker's store leaves docker.io out of names
    local = {image.id for image in shop.engine.images() if bootstrap.same_name(reference, image.references)}
    published = _published(shop, reference)
    return published is not None and published.config in local


def _published(shop: Workshop, reference: str) -> Published | None:
    return with_retries(lambda: shop.registry.published(reference), attempts=shop.options.retries + 1)
