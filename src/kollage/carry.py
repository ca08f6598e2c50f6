"""Carry out a plan: the folders, the log and the tools of a run, and the result of every step."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

from kollage import act, execute, forecast, prove, report, sealed, sources, tools, workspace
from kollage.catalogue import Catalogue
from kollage.options import Options
from kollage.options.verbs import repeated
from kollage.prepare import Prepared
from kollage.recording import Record
from kollage.registry import client_of
from kollage.report.events import Listener
from kollage.results import Result
from kollage.sources import Pin
from kollage.sources.download import network_of
from kollage.sources.store import Store
from kollage.steps import Lane, Plan, Step
from kollage.workshop import Workshop


def out(
    catalogue: Catalogue, prepared: Prepared, options: Options, argv: Sequence[str], record: Record, told: TextIO
) -> list[Result]:
    """Do everything that was prepared, tell it to the stream, and give the result of every step."""
    built = {rendered.parent for rendered in prepared.rendered.values()}
    looked_into = {step.reference for step in prepared.plan.steps.values()}
    with (
        workspace.opened(options, prepared.engine, built | looked_into) as folders,
        report.listener(options, total=len(prepared.plan.steps), stream=told) as listener,
    ):
        record.works_in(logs=folders.logs, folder=folders.private)
        heard = record.heard_by(listener)
        shop = _workshop(catalogue, prepared, options, argv, listener=heard, folders=folders)
        try:
            return _results(prepared.plan, act.runner(shop), forecast.slots(options), heard)
        finally:
            prove.end_services(shop)


def _workshop(
    catalogue: Catalogue,
    prepared: Prepared,
    options: Options,
    argv: Sequence[str],
    *,
    listener: Listener,
    folders: workspace.Folders,
) -> Workshop:
    return Workshop(
        options=options,
        engine=prepared.engine,
        listener=listener,
        base=prepared.base,
        named=prepared.named,
        rendered=prepared.rendered,
        pins=prepared.pins,
        fetch=_fetcher(options),
        secrets=sealed.write_secrets(options, folders.private),
        tools=tools.uv_folder(options.cache_dir),
        work=folders.work,
        private=folders.private,
        logs=folders.logs,
        registry=client_of(options),
        catalogue=catalogue,
        repeat=lambda image: repeated(options.verb, argv, options.regex, image),
    )


def _results(plan: Plan, run: execute.Run, slots: Mapping[Lane, int], listener: Listener) -> list[Result]:
    """The result of every step, each told to the listener as it ends; an interrupt loses none that ended."""
    ended: dict[str, Result] = {}  # written where the steps run, so what ends during an interrupt is there too
    told: dict[str, Result] = {}

    def noting(step: Step) -> Result:
        ended[step.id] = result = run(step)
        return result

    def tell(result: Result) -> None:
        told[result.step] = result
        listener.ended(result)

    try:
        for result in execute.execute(plan, noting, slots):
            tell(result)
    except KeyboardInterrupt:
        for step in [step for step in list(ended) if step not in told]:
            tell(ended[step])
        results = list(told.values())
        return [*results, *execute.cancelled(plan, results)]  # these had not begun, so nobody waits for their end
    return list(told.values())


def _fetcher(options: Options) -> Callable[[Pin], Path]:
    network = network_of(options.network, options.ca_bundle)
    return partial(sources.fetch, store=Store(options.cache_dir / "sources"), network=network)
