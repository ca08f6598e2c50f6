"""The verbs of a cloud: each reads what is there, decides, acts and tells."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from kollage import engines, report
from kollage.catalogue import Catalogue
from kollage.deploy import checks, choices, compose, custom, folder, kube, launch, secret, steps
from kollage.deploy import cloud as clouds
from kollage.deploy import host as hosts
from kollage.deploy.choices import Choices, Record
from kollage.deploy.cloud import Cloud, Wanted
from kollage.deploy.facts import deployments
from kollage.deploy.host import Host
from kollage.deploy.runner import Found, Runner
from kollage.deploy.secret import Secrets
from kollage.errors import ExitCode, UsageError
from kollage.options import Options
from kollage.output import tell, write
from kollage.report.sheet import Table, written
from kollage.results import Result

_KEPT = ("rabbitmq_cookie",)  # secrets that stay: a running server would not be known any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What is there before a cloud is decided."""

    place: Path
    before: Record | None
    chosen: Choices
    want: Wanted
    runner: Runner
    found: Mapping[str, Found]
    host: Host
    store: Mapping[str, str]  # name of an image -> its id


def up(catalogue: Catalogue, options: Options, stream: TextIO) -> int:
    """Launch the cloud, or go on with it; return the exit code."""
    ground = _ground(catalogue, options)
    return _carried_out(catalogue, options, ground, stream, pinned=ground.before.images if ground.before else {})


def reconfigure(catalogue: Catalogue, options: Options, stream: TextIO) -> int:
    """Bring other settings or new secrets to a cloud that is there."""
    ground = _there(_ground(catalogue, options))
    assert ground.before  # noqa: S101 - it is there
    return _carried_out(catalogue, options, ground, stream, pinned=ground.before.images, renew=options.rotate_secrets)


def upgrade(catalogue: Catalogue, options: Options, stream: TextIO) -> int:
    """Bring the newest images to a cloud that is there, without losing data."""
    return _carried_out(catalogue, options, _there(_ground(catalogue, options)), stream, pinned={})


def down(options: Options, stream: TextIO) -> int:
    """Stop the cloud, the last started first; with `purge` nothing of it remains."""
    place = choices.folder(options)
    runner = _runner(options, place)
    found = runner.found()
    before = _recorded_if_whole(place)
    for names in _waves(found, before):
        runner.stop(names)
        _tell(options, stream, "".join(f"{name}: stopped\n" for name in names))
    runner.remove(sorted(found))
    for interface in sorted({name for each in found.values() for name in each.interfaces}):
        if hosts.remove_left(interface):
            _tell(options, stream, f"{interface}: removed, for what was killed had left it\n")
    if options.purge:
        runner.remove_volumes(runner.volumes())
        folder.remove(place)
        _tell(options, stream, "the data are removed, too\n")
    elif not found and before is None:
        _tell(options, stream, "there is no cloud\n")
    return ExitCode.OK


def status(options: Options, stream: TextIO) -> int:
    """Say how each container of the cloud is; the exit code is not zero where a service does not run."""
    place = choices.folder(options)
    found = _runner(options, place).found()
    rows = tuple(
        (name, _state(each), str(each.restarts or ""), each.since[:19]) for name, each in sorted(found.items())
    )
    if options.format == "json":
        value = {
            name: {"state": state, "restarts": int(again or 0), "since": since} for name, state, again, since in rows
        }
        write(report.json_text({"services": value}), stream)
    elif not rows:
        write("there is no cloud; `kollage up` launches one\n", stream)
    else:
        table = Table(("container", "state", "restarts", "since"), rows)
        write(written([table], terminal=report.is_terminal(stream)), stream)
    well = bool(found) and all(each.running or _is_done(each) for each in found.values())
    return ExitCode.OK if well else ExitCode.FAILED


def logs(catalogue: Catalogue, options: Options, stream: TextIO) -> int:
    """Show the last lines that a service of the cloud wrote."""
    units = {unit.name: unit for each in deployments(catalogue) for unit in each.units}
    checks.require_known(options.service, units)
    runner = _runner(options, choices.folder(options))
    if options.service not in runner.found():
        raise UsageError(f"'{options.service}' has no container", hint="see `kollage status`")
    for line in runner.lines(options.service, options.lines, units[options.service].log):
        write(f"{report.events.clean(line)}\n", stream)
    return ExitCode.OK


def _ground(catalogue: Catalogue, options: Options) -> Ground:
    place = choices.folder(options)
    before = choices.recorded(place)
    chosen = choices.chosen(options, before)
    want = clouds.wanted(deployments(catalogue), chosen)
    engine = engines.engine_for(options)
    containers = engine.containers()
    runner = Runner(containers, place)
    store = engines.ids_by_name(engine.images())
    host = hosts.look(containers.limits, Path(engine.about().get("store", "/")))
    return Ground(
        place=place,
        before=before,
        chosen=chosen,
        want=want,
        runner=runner,
        found=runner.found(),
        host=host,
        store=store,
    )


def _there(ground: Ground) -> Ground:
    if ground.before is None:
        raise UsageError(f"there is no cloud in {ground.place}", hint="`kollage up` launches one")
    return ground


def _runner(options: Options, place: Path) -> Runner:
    return Runner(engines.engine_for(options).containers(), place)


def _carried_out(
    catalogue: Catalogue,
    options: Options,
    ground: Ground,
    stream: TextIO,
    *,
    pinned: Mapping[str, str],
    renew: bool = False,
) -> int:
    began = time.monotonic()
    images = _checked(options, ground, pinned)
    secrets = _secrets(ground, renew=renew)
    certificate = _certificate(ground, renew=renew)
    own = Path(ground.chosen.config_dir) if ground.chosen.config_dir else None
    decided = clouds.decide(
        catalogue,
        ground.want,
        ground.chosen,
        host=ground.host,
        secrets=secrets,
        images=images,
        custom=custom.read(own),
        certificate=certificate,
    )
    cloud = clouds.place(ground.place, decided)
    done = dict(ground.before.done) if ground.before else {}
    _write(ground.place, cloud, secrets, done)
    if options.format == "kube":
        return _as_pods(ground.place, cloud, stream)
    results = _launched(cloud, options, ground, stream, done)
    return _concluded(cloud, results, options, stream, ground, time.monotonic() - began)


def _launched(cloud: Cloud, options: Options, ground: Ground, stream: TextIO, done: dict[str, str]) -> list[Result]:
    course = steps.course(cloud, ground.found, done)
    if course.missing:  # which takes a while, and no step tells of it
        _tell(options, stream, f"making {len(course.missing)} containers: {', '.join(course.missing)}\n")
    with report.listener(options, total=len(course.plan.steps), stream=stream) as listener:
        site = launch.Site(
            cloud=cloud,
            runner=ground.runner,
            listener=listener,
            patience=options.cloud_wait,
            done=done,
            keep=lambda now: folder.write(ground.place, [_record(cloud, now)]),
        )
        return launch.launch(course, site)


def _checked(options: Options, ground: Ground, pinned: Mapping[str, str]) -> Mapping[str, tuple[str, str]]:
    """See that the cloud can be launched, before anything is changed; give its images."""
    images = checks.images(ground.want, options, ground.store, pinned)
    if options.format == "kube":  # only written: those that run may be the ones that it describes
        return images
    checks.require_rights(ground.host)
    checks.require_ports(ground.want, ground.host, ground.found)
    checks.require_network(ground.chosen, ground.host, ground.found)
    checks.require_room(ground.want, ground.host, ground.found)
    return images


def _secrets(ground: Ground, *, renew: bool) -> Secrets:
    found = secret.known(ground.place)
    if found is None and ground.before is None and ground.runner.volumes():
        raise UsageError(
            "there are data of a cloud, and its folder is another one",
            hint="name that with --cloud-dir, or remove the data with `kollage down --purge`",
        )
    if found is None and ground.before is not None:
        raise UsageError(
            f"{ground.place / secret.FILE} is gone, and the cloud's data cannot be used without it",
            hint="bring it back from a copy, or `kollage down --purge` and begin anew",
        )
    whole = secret.complete(found, ground.want.secrets)
    return secret.renewed(whole, kept=_KEPT) if renew else whole


def _certificate(ground: Ground, *, renew: bool) -> Mapping[str, str]:
    if not ground.chosen.tls:
        return {}
    address = ground.chosen.address
    try:
        from kollage.deploy import tls
    except ImportError as error:
        raise UsageError(
            f"--tls needs a library that is not installed: {error.name}", hint="install kollage[launch]"
        ) from error
    if renew or not tls.is_there(ground.place):
        folder.write(ground.place, tls.make(ground.place, address))
    return tls.certificate(ground.place, address)


def _write(place: Path, cloud: Cloud, secrets: Secrets, done: Mapping[str, str]) -> None:
    folder.write(place, [folder.secrets_file(secrets)])
    folder.configuration(place, cloud)
    folder.write(place, [*cloud.files, compose.file(cloud, place), _record(cloud, done)])


def _as_pods(place: Path, cloud: Cloud, stream: TextIO) -> int:
    """Write Pods, and start nothing."""
    for file in kube.files(cloud, place):
        folder.write(place, [file])
        write(f"{place / file.path}\n", stream)
    return ExitCode.OK


def _record(cloud: Cloud, done: Mapping[str, str]) -> clouds.File:
    images = {part.unit.image: part.image for part in cloud.parts.values()}
    needs = {name: part.unit.needs for name, part in cloud.parts.items()}
    return folder.record_file(cloud, Record(choices=cloud.choices, images=images, done=dict(done), needs=needs))


def _concluded(
    cloud: Cloud, results: Sequence[Result], options: Options, stream: TextIO, ground: Ground, seconds: float
) -> int:
    newer = [part for part in cloud.parts.values() if part.reference == part.image]
    if newer:
        tell("there are newer images; `kollage upgrade` brings them to the cloud")
    code = report.conclude(results, replace(options, summary=bool(results)), stream=stream, elapsed=seconds)
    if code is ExitCode.OK and options.format == "text":
        dashboard = folder.dashboard(cloud)
        _tell(
            options,
            stream,
            f"\nthe cloud is up: OS_CLIENT_CONFIG_FILE={ground.place}/clouds.yaml OS_CLOUD=kollage"
            + (f"\nthe dashboard is {dashboard}, for admin with the password in that file\n" if dashboard else "\n"),
        )
    return code


def _recorded_if_whole(place: Path) -> Record | None:
    """What is known of the cloud; nothing where the file is spoilt, which must not keep a cloud from being stopped."""
    try:
        return choices.recorded(place)
    except UsageError:
        return None


def _waves(found: Mapping[str, Found], before: Record | None) -> list[list[str]]:
    """The containers that run, in groups to be stopped one after the other: none before those that need it."""
    needs = before.needs if before else {}
    level: dict[str, int] = {}
    for name in (*needs, *found):  # the record has each after what it needs
        level[name] = 1 + max((level.get(need, 0) for need in needs.get(name, ())), default=0)
    running = sorted(name for name, each in found.items() if each.running)
    return [[name for name in running if level[name] == each] for each in sorted(set(level.values()), reverse=True)]


def _state(found: Found) -> str:
    if found.running:
        return "running"
    return "done" if _is_done(found) else f"ended with {found.exit_code}"


def _is_done(found: Found) -> bool:
    return found.once and found.exit_code == 0


def _tell(options: Options, stream: TextIO, text: str) -> None:
    if not options.quiet and options.format == "text":
        write(text, stream)
