"""The verbs: each loads what it needs, decides, acts and reports."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING

from kollage import report
from kollage.errors import ExitCode, UsageError
from kollage.options import Done, Options, load_options
from kollage.options.setting import nearest
from kollage.options.suites import has_file
from kollage.options.verbs import KOLLA_BUILD, VERBS, usage
from kollage.output import warn, write

if TYPE_CHECKING:
    from kollage.catalogue import Catalogue


def run(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command line. Raises `KollageError` and `Done`."""
    verb, rest = _verb(argv)
    options = load_options(verb, rest, environ)
    if has_file(options.release, options.images_dir):
        return _act(verb, rest, options)
    from kollage import parts

    lines = parts.command_lines(options, rest)
    if not lines:
        return _act(verb, rest, options)
    each = [(line, load_options(verb, line, environ)) for line in lines]
    codes = [_act(verb, line, own) for line, own in parts.concerned(each, _catalogue)]
    return next((code for code in codes if code), ExitCode.OK)


def _act(verb: str, rest: Sequence[str], options: Options) -> int:
    actions: Mapping[str, Callable[[Options, Sequence[str]], int]] = {
        "build": _build,
        "plan": _plan,
        "why": _why,
        "runs": _runs,
        "list": _list,
        "show": _show,
        "push": _push,
        "verify": _verify,
        "size": _size,
        "updates": _updates,
        "clean": _clean,
        "lock": _lock,
        "registry": _registry,
        "up": _up,
        "status": _status,
        "logs": _logs,
        "reconfigure": _reconfigure,
        "upgrade": _upgrade,
        "down": _down,
        "worker": _worker,
        "certs": _certs,
        "smoke": _smoke,
        "genconfig": _genconfig,
        "diag": _diag,
        KOLLA_BUILD.name: _build,
    }
    return actions[verb](options, rest)


def _verb(argv: Sequence[str]) -> tuple[str, Sequence[str]]:
    if len(argv) > 1 and argv[0] == "help":
        argv = [*argv[1:], "--help"]
    if not argv or argv[0] in {"-h", "--help", "help"}:
        raise Done(usage())
    if argv[0] == "--version":
        return "list", argv
    if argv[0].startswith("-"):
        raise UsageError(
            f"'{argv[0]}' stands before the verb", hint="flags come behind the verb: kollage VERB [flags] ..."
        )
    if argv[0] not in VERBS and argv[0] != KOLLA_BUILD.name:
        raise UsageError(f"there is no verb '{argv[0]}'", hint=nearest(argv[0], VERBS) or "see `kollage --help`")
    return argv[0], argv[1:]


def _catalogue(options: Options) -> "Catalogue":
    from kollage import catalogue as catalogues

    catalogue = catalogues.as_before(options, partial(_read, options))
    if any(image.whole for image in catalogue.images.values()):  # what these stand on is in their templates
        from kollage import render

        return render.settle(catalogue, options)
    return catalogue


def _read(options: Options) -> "Catalogue":
    from kollage import catalogue as catalogues
    from kollage.releases.offered import offered

    catalogue = catalogues.load_catalogue(options.images_dir or catalogues.IMAGES, options.docker_dir)
    return offered(catalogues.with_options(catalogue, options), options)


def _warn_of_mistakes(options: Options) -> None:
    """Tell of every block and list that the operator's files fill in vain."""
    if options.template_override:
        from kollage.templates.mistakes import mistakes

        for sentence in mistakes(_catalogue(options), options):
            warn(sentence)


def _list(options: Options, _argv: Sequence[str]) -> int:
    from kollage.graph import resolve

    graph = resolve(_catalogue(options), options)
    names = [image.name for image in graph.images if image.name in graph.wanted]
    if options.format == "json":
        value = (
            report.tree_json(graph.parents(), graph.excluded)
            if options.tree
            else report.list_json(names, graph.excluded)
        )
        _say(report.json_text(value))
    elif options.tree:
        _say(report.tree_text(graph.parents(), graph.excluded, terminal=_terminal()))
    else:
        _say(report.list_text(sorted(names), graph.excluded))
    return ExitCode.OK


def _show(options: Options, _argv: Sequence[str]) -> int:
    from kollage import context

    catalogue = _catalogue(options)
    if options.image not in catalogue.images:
        hint = nearest(options.image, catalogue.images) or "see `kollage list`"
        raise UsageError(f"there is no image '{options.image}'", hint=hint)
    text = context.dockerfile(catalogue, options, options.image)
    _say(report.dockerfile_text(text, terminal=_terminal()))
    return ExitCode.OK


def _plan(options: Options, _argv: Sequence[str]) -> int:
    from kollage import forecast
    from kollage.prepare import prepare

    if "," in options.platform:
        raise UsageError("a plan is of one platform", hint="name one of them with --platform")
    _warn_of_mistakes(options)
    catalogue = _catalogue(options)
    prepared = prepare(catalogue, options)
    rows, outlook = forecast.told(prepared.plan, prepared.before, catalogue, options)
    if options.format == "json":
        _say(report.json_text(report.plan_json(rows, outlook)))
    else:
        _say(report.plan_text(rows, outlook, terminal=_terminal()))
    return ExitCode.OK


def _why(options: Options, _argv: Sequence[str]) -> int:
    from kollage import why

    _warn_of_mistakes(options)
    return why.run(_catalogue(options), options, sys.stdout)


def _runs(options: Options, _argv: Sequence[str]) -> int:
    from kollage import runs

    return runs.run(options, sys.stdout)


def _build(options: Options, argv: Sequence[str]) -> int:
    instead = (
        (options.template_only, _write_templates),
        (options.save_dependency, _save_dependency),
        (options.list_images, _list_images),
        (options.list_dependencies, _list_dependencies),
    )
    for wanted, act in instead:
        if wanted:
            return act(options)
    _warn_of_mistakes(options)
    if options.scheduler:
        return int(_many_hosts().build(_catalogue, options, argv, sys.stdout))
    if "," in options.platform:
        from kollage import platforms

        return platforms.build_each(options, _catalogue, argv, sys.stdout)
    from kollage import build

    return build.build(partial(_catalogue, options), options, argv, sys.stdout)


def _write_templates(options: Options) -> int:
    from kollage import context

    _warn_of_mistakes(options)
    _tell(options, f"Dockerfiles are in {context.write_templates(_catalogue(options), options)}\n")
    return ExitCode.OK


def _save_dependency(options: Options) -> int:
    from kollage.report import drawing

    assert options.save_dependency  # noqa: S101 - asked for by naming it
    drawing.draw(_chosen_parents(options), options.save_dependency)
    _tell(options, f"the dependencies are in {options.save_dependency}\n")
    return ExitCode.OK


def _list_images(options: Options) -> int:
    from kollage.report import kolla

    _say(kolla.list_lines(sorted(_chosen_parents(options))))
    return ExitCode.OK


def _list_dependencies(options: Options) -> int:
    from kollage.graph import resolve
    from kollage.report import kolla

    catalogue = _catalogue(options)
    parents = {name: image.parent for name, image in catalogue.images.items()}
    matched = {image.name for image in resolve(catalogue, options).taken()}
    _say(report.json_text(kolla.dependencies(parents, matched)))
    return ExitCode.OK


def _chosen_parents(options: Options) -> Mapping[str, str | None]:
    from kollage.graph import resolve

    graph = resolve(_catalogue(options), options)
    return {image.name: image.parent for image in graph.taken()}


def _push(options: Options, argv: Sequence[str]) -> int:
    from kollage import build

    return build.push(_catalogue(options), options, argv, sys.stdout)


def _verify(options: Options, argv: Sequence[str]) -> int:
    from kollage import build

    return build.verify(_catalogue(options), options, argv, sys.stdout)


def _size(options: Options, _argv: Sequence[str]) -> int:
    from kollage import weigh

    return weigh.run(_catalogue(options), options, sys.stdout)


def _updates(options: Options, _argv: Sequence[str]) -> int:
    from kollage.updates import looking

    return looking.run(_catalogue(options), options, sys.stdout)


def _clean(options: Options, _argv: Sequence[str]) -> int:
    from kollage import clean

    return clean.run(options, sys.stdout)


def _registry(options: Options, _argv: Sequence[str]) -> int:
    from kollage.registry import local

    act = {"start": local.start, "stop": local.stop}
    _say(f"{act[options.action](options)}\n")
    return ExitCode.OK


def _up(options: Options, _argv: Sequence[str]) -> int:
    from kollage.deploy import verbs

    return verbs.up(_catalogue(options), options, sys.stdout)


def _status(options: Options, _argv: Sequence[str]) -> int:
    from kollage.deploy import verbs

    return verbs.status(options, sys.stdout)


def _logs(options: Options, _argv: Sequence[str]) -> int:
    from kollage.deploy import verbs

    return verbs.logs(_catalogue(options), options, sys.stdout)


def _reconfigure(options: Options, _argv: Sequence[str]) -> int:
    from kollage.deploy import verbs

    return verbs.reconfigure(_catalogue(options), options, sys.stdout)


def _upgrade(options: Options, _argv: Sequence[str]) -> int:
    from kollage.deploy import verbs

    return verbs.upgrade(_catalogue(options), options, sys.stdout)


def _down(options: Options, _argv: Sequence[str]) -> int:
    from kollage.deploy import verbs

    return verbs.down(options, sys.stdout)


def _worker(options: Options, _argv: Sequence[str]) -> int:
    return int(_many_hosts().take_steps(options, sys.stdout))


def _certs(options: Options, _argv: Sequence[str]) -> int:
    return int(_many_hosts().make_certificates(options, sys.stdout))


def _many_hosts() -> ModuleType:
    """What builds on many hosts, if the libraries for it are there."""
    try:
        from kollage.distributed import verbs
    except ImportError as error:
        raise UsageError(
            f"builds on many hosts need a library that is not installed: {error.name}",
            hint="install kollage[distributed]",
        ) from error
    return verbs


def _smoke(options: Options, _argv: Sequence[str]) -> int:
    from kollage import smoke

    return smoke.run(options, sys.stdout)


def _genconfig(options: Options, _argv: Sequence[str]) -> int:
    from kollage.options import sample

    text = sample.sample()
    if options.output_file is None:
        _say(text)
        return ExitCode.OK
    try:
        options.output_file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{options.output_file} cannot be written: {error.strerror}") from error
    return ExitCode.OK


def _diag(options: Options, _argv: Sequence[str]) -> int:
    from kollage import diag

    _say(diag.page(options))
    return ExitCode.OK


def _lock(options: Options, _argv: Sequence[str]) -> int:
    from uv import find_uv_bin

    from kollage import catalogue as catalogues
    from kollage import releases
    from kollage.releases import lock

    path = lock.lock(
        releases.path_of(options.release, releases.folder_of(options.images_dir or catalogues.IMAGES)),
        uv=find_uv_bin(),
        network=options.network,
        on_line=None if options.quiet else lambda line: write(f"{line}\n", sys.stdout),
    )
    _say(f"{path}\n")
    return ExitCode.OK


def _tell(options: Options, text: str) -> None:
    """Say what was done where nothing else is printed; results of `kolla-build` have the standard output alone."""
    if not options.quiet:
        write(text, sys.stderr if options.verb == KOLLA_BUILD.name else sys.stdout)


def _say(text: str) -> None:
    write(text, sys.stdout)


def _terminal() -> bool:
    return report.is_terminal(sys.stdout)
