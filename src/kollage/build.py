"""From options to results: the stages of `kollage build`, in the order in which they run."""

import dataclasses
import errno
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from kollage import engines, recording, report, standing
from kollage.engines import Engine, Local
from kollage.errors import EngineError, KollageError, UsageError
from kollage.options import Options
from kollage.options.verbs import KOLLA_BUILD
from kollage.output import tell, write
from kollage.recording import Record
from kollage.results import Result, Status
from kollage.standing import Idle
from kollage.steps import Action, Plan

if TYPE_CHECKING:  # what decides is loaded where something is to be decided
    from kollage.catalogue import Catalogue
    from kollage.graph import Graph
    from kollage.prepare import Prepared

_LEAST_FREE = 2 * 10**9  # bytes that the engine's store must have free before anything is begun


def build(load: Callable[[], "Catalogue"], options: Options, argv: Sequence[str], stream: TextIO) -> int:
    """Do everything, tell it to the stream, and return the exit code. The catalogue is loaded where it is needed."""
    began = time.monotonic()
    _require_folders(options)
    _require_files(options)
    _require_registry(options)
    engine = None
    question = standing.question(options)
    if (idle := standing.found(options, question)) and not _is_littered(options):
        engine = engines.builder_for(options)
        local = engine.images()
        if idle.holds(local):
            return _nothing_to_do(idle, local, options, argv, stream, began)
    catalogue = load()
    prepared = _prepared(catalogue, options, engine)
    if prepared.is_idle:
        standing.keep(options, question, prepared)
    return _carry_out(catalogue, prepared, options, argv, stream, began)


def _prepared(catalogue: "Catalogue", options: Options, engine: Engine | None) -> "Prepared":
    from kollage import updates
    from kollage.prepare import prepare

    prepared = prepare(catalogue, options, fetch=True, engine=engine)
    _require_space(prepared)
    if options.updates:  # before anything is begun: a run that is killed goes on with the same images
        updates.keep(options, prepared.rendered)
    return prepared


def push(catalogue: "Catalogue", options: Options, argv: Sequence[str], stream: TextIO) -> int:
    """Push what is in the store, tell it to the stream, and return the exit code."""
    began = time.monotonic()
    _require_folders(options)
    _require_files(options)
    _require_registry(dataclasses.replace(options, push=True))
    from kollage.prepare import prepare_push

    return _carry_out(catalogue, prepare_push(catalogue, options), options, argv, stream, began)


def verify(catalogue: "Catalogue", options: Options, argv: Sequence[str], stream: TextIO) -> int:
    """Verify what is in the store, tell it to the stream, and return the exit code."""
    began = time.monotonic()
    _require_folders(options)
    _require_files(options)
    from kollage.prepare import prepare_proof

    return _carry_out(catalogue, prepare_proof(catalogue, options), options, argv, stream, began)


def _nothing_to_do(
    idle: Idle, local: Sequence[Local], options: Options, argv: Sequence[str], stream: TextIO, began: float
) -> int:
    """Tell what holds since an earlier run, and conclude."""
    sizes = {name: image.size for image in local for name in image.names}
    with recording.opened(options, argv, idle.plan, _built_from_nothing, began) as record:
        results = _all_reused(idle.plan, sizes, options, record, _told_to(stream, options))
        record.ended(results, report.exit_code(results, options.allowed_to_fail))
    return _concluded(results, idle, options, stream, began)


def _carry_out(
    catalogue: "Catalogue", prepared: "Prepared", options: Options, argv: Sequence[str], stream: TextIO, began: float
) -> int:
    """Carry out what was prepared and conclude."""
    told = _told_to(stream, options)
    with recording.opened(options, argv, prepared.plan, prepared.makings.made_of, began) as record:
        if prepared.is_idle and not _is_littered(options):
            sized = _all_reused(prepared.plan, prepared.sizes, options, record, told)
        else:
            from kollage import carry  # all that acts, of which a run with nothing to do needs nothing

            sized = _with_sizes(carry.out(catalogue, prepared, options, argv, record, told), prepared.engine)
        record.ended(sized, report.exit_code(sized, options.allowed_to_fail))
    return _concluded(sized, prepared.graph, options, stream, began)


def _built_from_nothing(_image: str) -> None:
    """What the images of a run that builds nothing were built from."""


def _told_to(stream: TextIO, options: Options) -> TextIO:
    """Where what happens is told: `kolla-build` has an output for programs to read."""
    return sys.stderr if options.verb == KOLLA_BUILD.name else stream


def _concluded(results: Sequence[Result], graph: "Graph | Idle", options: Options, stream: TextIO, began: float) -> int:
    for name, reason in graph.excluded.items():
        tell(f"{name} is left out: {reason}")
    code = report.conclude(results, options, stream=_told_to(stream, options), elapsed=time.monotonic() - began)
    _conclude_as_kolla(results, graph, options, stream)
    if options.junit_file:
        _write_file(options.junit_file, report.junit_text(results))
    return code


def _is_littered(options: Options) -> bool:
    """Whether other runs go on, or left something when they were killed, which the next one takes away."""
    return any(each.is_dir() for each in (options.cache_dir / "runs").glob("*"))  # its lock stays


def _all_reused(plan: Plan, sizes: Mapping[str, int], options: Options, record: Record, told: TextIO) -> list[Result]:
    """The results of a plan with nothing to do."""
    with report.listener(options, total=len(plan.steps), stream=told) as listener:
        heard, results = record.heard_by(listener), []
        for step in plan.steps.values():
            status = Status.SKIPPED if step.decision.action is Action.SKIP else Status.REUSED
            results.append(dataclasses.replace(step.ended(status), size=sizes.get(step.reference, 0)))
            heard.ended(results[-1])
    return results


def _conclude_as_kolla(results: Sequence[Result], graph: "Graph | Idle", options: Options, stream: TextIO) -> None:
    """Write the summary with Kolla's keys, where it is wanted: into a file, else as one line for `kolla-build`."""
    text = report.kolla_summary_text(
        results,
        indent=4 if options.summary_json_file else None,
        not_matched=graph.others,
        unbuildable=graph.unbuildable,
        allowed_to_fail=options.allowed_to_fail,
    )
    if options.summary_json_file:
        _write_file(options.summary_json_file, text)
    elif options.verb == KOLLA_BUILD.name and options.format == "json" and options.summary:
        write(text, stream)


def _write_file(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


def _require_folders(options: Options) -> None:
    """See that the folders that a run writes to can be had, before anything is begun."""
    chosen = {"--cache-dir": options.cache_dir, "--logs-dir": options.logs_dir, "--work-dir": options.work_dir}
    for flag, folder in chosen.items():
        if folder is None:
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            reason = "" if os.access(folder, os.W_OK) else os.strerror(errno.EACCES)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
        if reason:
            raise UsageError(f"the folder {folder} cannot be used: {reason}", hint=f"name another with {flag}")


def _require_files(options: Options) -> None:
    """The same for what is written at the end."""
    for flag, file in {"--summary-json-file": options.summary_json_file, "--junit-file": options.junit_file}.items():
        if file and (file.is_dir() or not os.access(file.parent, os.W_OK)):
            raise UsageError(f"the file {file} cannot be written", hint=f"name another with {flag}")


def _require_registry(options: Options) -> None:
    if options.push and not options.registry:
        raise UsageError(
            "nothing says which registry to push to", hint="name it with --registry, such as --registry docker.io"
        )


def _require_space(prepared: "Prepared") -> None:
    if not any(step.decision.action in {Action.BUILD, Action.BOOTSTRAP} for step in prepared.plan.steps.values()):
        return
    free = prepared.engine.free_bytes()
    if free < _LEAST_FREE:
        raise EngineError(
            f"only {free / 1e6:.0f} MB are free where {prepared.engine.name} keeps its images",
            hint=f"free some space: a build needs {_LEAST_FREE / 1e9:.0f} GB at least",
        )


def _with_sizes(results: Sequence[Result], engine: Engine) -> list[Result]:
    """The results with what the images take; as they are where the engine does not answer any more."""
    try:
        local = engine.images()
    except KollageError:
        return list(results)
    sizes = {name: image.size for image in local for name in image.names}
    return [dataclasses.replace(result, size=sizes.get(result.reference, 0)) for result in results]
