"""Why one image is built, down to the parent that began it, or what it is made of where nothing changed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TextIO

from kollage import history, report
from kollage.catalogue import Catalogue
from kollage.causes import Cause, change
from kollage.errors import ExitCode, UsageError
from kollage.facts import nearest
from kollage.history.explain import PARENT
from kollage.options import Options
from kollage.output import write
from kollage.prepare import Prepared, prepare
from kollage.report import past
from kollage.report.past import Difference, Why
from kollage.steps import Step


def run(catalogue: Catalogue, options: Options, stream: TextIO) -> int:
    """Tell it of the image that the options name. Raises `UsageError`."""
    name = options.image
    if name not in catalogue.images:
        raise UsageError(f"there is no image '{name}'", hint=nearest(name, catalogue.images) or "see `kollage list`")
    prepared = prepare(catalogue, replace(options, regex=(f"^{re.escape(name)}$",), profile=()))
    step = prepared.plan.steps.get(f"build:{name}")
    if step is None:
        raise UsageError(f"'{name}' is left out: {prepared.graph.excluded.get(name, 'nothing was chosen')}")
    told = _why(step, prepared, options)
    text = report.json_text(past.why_json(told)) if options.format == "json" else past.why_text(told)
    write(text, stream)
    return ExitCode.OK


def _why(step: Step, prepared: Prepared, options: Options) -> Why:
    with history.opened(options.cache_dir) as known:
        cause = change(step, known, prepared.makings, prepared.named)
        made = known.made(step.image, step.identity)
    inputs: Mapping[str, Any] = prepared.makings.made_of(step.image) or {}
    return Why(
        image=step.image,
        action=step.decision.action.value,
        reason=step.decision.reason,
        identity=step.identity,
        reference=step.reference,
        parent=prepared.makings.parents.get(step.image, ""),
        parent_identity=str(inputs.get(PARENT, "")),
        sources=tuple(inputs.get("sources", ())),
        files=len(inputs.get("context", ())),
        causes=tuple(_chain(cause)),
        built=made,
    )


def _chain(cause: Cause | None) -> Iterator[Difference]:
    """The image and its parents down to the one that it began with, each with what is different in it."""
    while cause:
        also = (f"its parent {cause.parent.image} is another one",) if cause.parent else ()
        differences = (*cause.differences, *also)
        if differences:
            yield Difference(image=cause.image, differences=differences)
        cause = cause.parent
