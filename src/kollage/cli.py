"""The verbs: each loads what it needs, decides, acts and reports."""

import sys
from collections.abc import Callable, Mapping, Sequence

from kollage import catalogue as catalogues
from kollage import report
from kollage.errors import ExitCode, UsageError
from kollage.facts import nearest
from kollage.graph import resolve
from kollage.options import Done, Options, load_options
from kollage.options.verbs import VERBS, usage
from kollage.report.sheet import write


def run(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command line. Raises `KollageError` and `Done`."""
    verb, rest = _verb(argv)
    options = load_options(verb, rest, environ)
    actions: Mapping[str, Callable[[Options, Sequence[str]], int]] = {
        "build": _build,
        "plan": _plan,
        "list": _list,
        "show": _show,
        "lock": _lock,
    }
    return actions[verb](options, rest)


def _verb(argv: Sequence[str]) -> tuple[str, Sequence[str]]:
    if not argv or argv[0] in {"-h", "--help", "help"}:
        raise Done(usage())
    if argv[0] == "--version":
        return "list", argv
    if argv[0].startswith("-"):
        raise UsageError(
            f"'{argv[0]}' stands before the verb", hint="flags come behind the verb: kollage VERB [flags] ..."
        )
    if argv[0] not in VERBS:
        raise UsageError(f"there is no verb '{argv[0]}'", hint=nearest(argv[0], VERBS) or "see `kollage --help`")
    return argv[0], argv[1:]


def _catalogue(options: Options) -> catalogues.Catalogue:
    catalogue = catalogues.load_catalogue(options.images_dir or catalogues.IMAGES)
    return catalogues.with_options(catalogue, options)


def _list(options: Options, _argv: Sequence[str]) -> int:
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
    from kollage import build

    catalogue = _catalogue(options)
    if options.image not in catalogue.images:
        hint = nearest(options.image, catalogue.images) or "see `kollage list`"
        raise UsageError(f"there is no image '{options.image}'", hint=hint)
    text = build.dockerfile(catalogue, options, options.image)
    _say(report.dockerfile_text(text, terminal=_terminal()))
    return ExitCode.OK


def _plan(options: Options, _argv: Sequence[str]) -> int:
    from kollage import build

    plan = build.prepare(_catalogue(options), options).plan
    rows = [
        report.PlanRow(step=step.id, image=step.image, action=step.decision.action.value, reason=step.decision.reason)
        for step in plan.steps.values()
    ]
    if options.format == "json":
        _say(report.json_text(report.plan_json(rows)))
    else:
        _say(report.plan_text(rows, terminal=_terminal()))
    return ExitCode.OK


def _build(options: Options, argv: Sequence[str]) -> int:
    from kollage import build

    return build.build(_catalogue(options), options, argv, sys.stdout)


def _lock(options: Options, _argv: Sequence[str]) -> int:
    from uv import find_uv_bin

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


def _say(text: str) -> None:
    write(text, sys.stdout)


def _terminal() -> bool:
    return report.is_terminal(sys.stdout)
