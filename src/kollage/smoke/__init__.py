"""The smoke test of a cloud: a token, the catalogue, an image, a network, and an instance that boots and answers.

What is made carries the name of the run and is deleted at the end, or by the next run.
"""

import functools
import os
import secrets
import shlex
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from kollage import engines, report
from kollage.bootstrap import same_name
from kollage.errors import UsageError
from kollage.options import Options
from kollage.output import write
from kollage.render import reference
from kollage.report import smoke as told
from kollage.report.smoke import Outcome
from kollage.smoke import place as places
from kollage.smoke import sdk, tempest
from kollage.smoke.bench import Bench
from kollage.smoke.course import Step, outcomes
from kollage.smoke.guest import guest
from kollage.smoke.place import Place
from kollage.smoke.reach import REAL


def run(options: Options, stream: TextIO) -> int:
    """Test the cloud that the options mean, tell it to the stream, and return the exit code."""
    place = places.read(options)
    _require(options.junit_file)
    with places.alone(place):
        bench = _bench(place, options)
        heard = _heard(
            outcomes(bench, place.services, further=_further(place, options), leave=options.leave), options, stream
        )
    if options.junit_file:
        _write(options.junit_file, told.junit(heard))
    if options.format == "json":
        write(report.json_text(told.to_json(heard)), stream)
    elif options.format == "text":
        write(told.text(heard, terminal=report.is_terminal(stream)), stream)
    return told.exit_code(heard)


def _bench(place: Place, options: Options) -> Bench:
    return Bench(
        cloud=sdk.connected(place.clouds, place.cloud, patience=options.patience),
        guest=functools.cache(lambda: guest(options)),
        reach=REAL,
        run=f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        patience=options.patience,
        external=place.external,
        shared=options.tempest,
        log=lambda service: _log(place, options, service),
        clock=time.monotonic,
        pause=time.sleep,
    )


def _further(place: Place, options: Options) -> tuple[Step, ...]:
    if not options.tempest:
        return ()
    if not place.folder:
        raise UsageError("--tempest is for a cloud that `kollage up` made", hint="leave out one of the two flags")
    engine = engines.engine_for(options)
    name = reference("tempest", options)
    if not any(same_name(name, image.references) for image in engine.images()):
        raise UsageError(f"the image {name} is not in the store", hint="build it: kollage build tempest")
    return (
        Step(
            "tempest",
            tempest.step(place, place.folder, engine.containers, name),
            ("keystone", "glance-api", "nova-api"),
        ),
    )


def _log(place: Place, options: Options, service: str) -> str:
    """The command that shows what a service says; how others' services are asked is not known."""
    if not place.folder:
        return ""
    where = ["--cloud-dir", str(place.folder)] if options.cloud_dir else []
    return shlex.join(["kollage", "logs", *where, service])


def _heard(each: Iterable[Outcome], options: Options, stream: TextIO) -> list[Outcome]:
    """Write a line as each step ends, if anybody wants that."""
    heard = []
    for outcome in each:
        heard.append(outcome)
        if options.format == "text" and not options.quiet and outcome.status != told.SKIPPED:
            write(told.line(outcome), stream)
    return heard


def _require(file: Path | None) -> None:
    """Refuse a file that cannot be written before there is anything to write."""
    if file and (file.is_dir() or not os.access(file.parent, os.W_OK)):
        raise UsageError(f"the file {file} cannot be written", hint="name another with --junit-file")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
