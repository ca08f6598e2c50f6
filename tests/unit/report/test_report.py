"""What a run says: lines while it runs, a summary or JSON at its end, plans and lists before it."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kollage import report
from kollage.errors import CatalogueError, ExitCode, KollageError
from kollage.options import Options
from kollage.report import Outlook, PlanRow, kolla
from kollage.results import Finding, Result, Status

BASE = Result(step="build:base", image="base", status=Status.REUSED, reason="unchanged")
KEYSTONE = Result(
    step="build:keystone",
    image="keystone",
    status=Status.BUILT,
    reason="recipe changed",
    seconds=41.25,
    size=402_000_000,
    reference="kolla/keystone:1",
    log=Path("logs/keystone.log"),
)
NOVA = Result(
    step="build:nova-base",
    image="nova-base",
    status=Status.FAILED,
    reason="buildah build -t nova . answered with exit status 137\n    Killed",
    seconds=192,
    log=Path("logs/nova-base.log"),
    tail=("Unpacking libvirt", "Killed\x1b[2J"),
    command="buildah build -t nova .",
)
NOVA_API = Result(step="build:nova-api", image="nova-api", status=Status.BLOCKED, reason="nova-base failed")
NOVA_SSH = Result(step="build:nova-ssh", image="nova-ssh", status=Status.BLOCKED, reason="nova-base failed")
GLANCE = Result(step="build:glance", image="glance", status=Status.CANCELLED, seconds=3)


# --- while it runs ---


def told(options: Options, *, terminal: bool | None = None) -> str:
    """What a stream holds after a short run."""
    stream = StringIO()
    with report.listener(options, total=2, stream=stream, terminal=terminal) as listener:
        listener.ended(BASE)
        listener.begun("build:keystone", "keystone", Path("logs/keystone.log"))
        listener.line("build:keystone", "STEP 1/2: FROM \x1b[1mbase\x1b[0m\n")
        listener.ended(KEYSTONE)
        listener.closed()
    return stream.getvalue()


def test_elsewhere_than_on_a_terminal_begin_and_end_are_lines() -> None:
    assert told(Options()) == (
        "base: reused, unchanged\nkeystone: building (log: logs/keystone.log)\nkeystone: built in 41s, 402 MB\n"
    )


def test_with_debug_each_line_follows_the_name_of_its_image() -> None:
    assert told(Options(debug=True)) == (
        "base: reused, unchanged\n"
        "keystone: building (log: logs/keystone.log)\n"
        "keystone | STEP 1/2: FROM base\n"
        "keystone: built in 41s, 402 MB\n"
    )


@pytest.mark.parametrize("options", [Options(quiet=True), Options(format="json"), Options(format="json", debug=True)])
@pytest.mark.parametrize("terminal", [True, False])
def test_quiet_and_json_say_nothing_before_the_end(options: Options, terminal: bool) -> None:
    assert told(options, terminal=terminal) == ""


def test_a_terminal_gets_the_board_and_keeps_the_ends() -> None:
    shown = told(Options(), terminal=True)
    assert "keystone: built in 41s, 402 MB" in shown
    assert "waiting" in shown
    assert "building" not in shown


@given(st.text())
def test_a_debug_line_is_one_harmless_line(text: str) -> None:
    stream = StringIO()
    with report.listener(Options(debug=True), total=1, stream=stream, terminal=False) as listener:
        listener.line("build:a", text)
    line = stream.getvalue()
    assert line.endswith("\n")
    assert line[:-1].isprintable()
    assert line.startswith("build:a |")


def test_lines_of_several_threads_stay_whole() -> None:
    stream = StringIO()
    with (
        report.listener(Options(debug=True), total=1, stream=stream, terminal=False) as listener,
        ThreadPoolExecutor(2) as pool,
    ):
        for step in ("build:a", "build:b"):
            listener.begun(step, step[-1], None)
        for _ in range(500):
            for step in ("build:a", "build:b"):
                pool.submit(listener.line, step, "text")
    assert sorted(stream.getvalue().splitlines()[2:]) == ["a | text"] * 500 + ["b | text"] * 500


# --- at the end ---


def test_the_summary_tells_all_and_ends_with_the_way_out() -> None:
    results = (BASE, KEYSTONE, NOVA, NOVA_API, GLANCE, NOVA_SSH)
    assert report.summary(results, Options(), elapsed=300) == (
        "\n"
        "image      result      time    size  reason\n"
        "base       reused                    unchanged\n"
        "keystone   built        41s  402 MB  recipe changed\n"
        "nova-base  failed     3m12s          the command answered with exit status 137\n"
        "nova-api   blocked                   nova-base failed\n"
        "glance     cancelled     3s\n"
        "nova-ssh   blocked                   nova-base failed\n"
        "\n"
        "1 built, 1 reused, 1 failed, 2 blocked, 1 cancelled in 5m00s\n"
        "\n"
        "nova-base failed after 3m12s (log: logs/nova-base.log)\n"
        "  the command answered with exit status 137\n"
        "    Unpacking libvirt\n"
        "    Killed\n"
        "  repeat it with:\n"
        "    buildah build -t nova .\n"
        "\n"
        "2 blocked (nova-base failed): nova-api, nova-ssh\n"
    )


def test_quiet_leaves_the_table_out_and_the_failures_in() -> None:
    failed = Result(step="push:a", image="a", status=Status.FAILED, seconds=2, reason="no route\nto host")
    assert report.summary((KEYSTONE, failed), Options(quiet=True)) == (
        "1 built, 1 failed\n\na push failed after 2s\n  no route\n  to host\n"
    )


@pytest.mark.parametrize("status", [Status.FETCHED, Status.LEFT])
def test_what_was_done_ahead_is_no_part_of_the_summary(status: Status) -> None:
    ahead = Result(step="fetch:keystone", image="keystone", status=status, reason="x")
    assert report.summary((ahead, KEYSTONE), Options()) == report.summary((KEYSTONE,), Options())
    assert report.exit_code((ahead,)) is ExitCode.OK


def test_an_empty_run_had_nothing_to_do() -> None:
    assert report.summary((), Options()) == "nothing to do\n"
    assert report.exit_code(()) is ExitCode.OK


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ((BASE, KEYSTONE), ExitCode.OK),
        ((BASE, NOVA), ExitCode.FAILED),
        ((BASE, NOVA_API), ExitCode.FAILED),
        ((NOVA, GLANCE), ExitCode.INTERRUPTED),
    ],
)
def test_the_exit_code_is_zero_only_when_everything_is_there(results: tuple[Result, ...], code: ExitCode) -> None:
    assert report.exit_code(results) is code


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.FAILED, Status.BLOCKED, Status.CANCELLED}))
def test_whatever_else_happened_to_an_image_it_is_there(status: Status) -> None:
    assert report.exit_code((BASE, replace(KEYSTONE, status=status))) is ExitCode.OK


@pytest.mark.parametrize(
    ("results", "allowed", "code"),
    [
        ((BASE, NOVA), ("nova-base",), ExitCode.OK),
        ((BASE, NOVA), ("nova", "base"), ExitCode.FAILED),
        ((NOVA, NOVA_API), ("nova-base",), ExitCode.FAILED),
        ((NOVA, NOVA_API), ("nova-base", "nova-api"), ExitCode.OK),
        ((NOVA, GLANCE), ("nova-base", "glance"), ExitCode.INTERRUPTED),
    ],
)
def test_what_is_allowed_to_fail_does_not_make_a_run_fail(
    results: tuple[Result, ...], allowed: tuple[str, ...], code: ExitCode
) -> None:
    """What stands on such an image has to be named as well."""
    assert report.exit_code(results, allowed) is code
    for options in (Options(allowed_to_fail=allowed), Options(allowed_to_fail=allowed, format="json")):
        stream = StringIO()
        assert report.conclude(results, options, stream=stream) is code
        assert options.format != "json" or json.loads(stream.getvalue())["exit_code"] == code


def test_json_holds_every_result_the_counts_and_the_exit_code() -> None:
    assert report.to_json((KEYSTONE, NOVA_API)) == {
        "results": [
            {
                "step": "build:keystone",
                "image": "keystone",
                "status": "built",
                "reason": "recipe changed",
                "seconds": 41.25,
                "size": 402_000_000,
                "reference": "kolla/keystone:1",
                "log": "logs/keystone.log",
                "command": "",
                "findings": [],
                "excepted": 0,
            },
            {
                "step": "build:nova-api",
                "image": "nova-api",
                "status": "blocked",
                "reason": "nova-base failed",
                "seconds": 0.0,
                "size": 0,
                "reference": "",
                "log": None,
                "command": "",
                "findings": [],
                "excepted": 0,
            },
        ],
        "counts": {status.value: int(status in {Status.BUILT, Status.BLOCKED}) for status in Status},
        "exit_code": 1,
    }


def test_json_holds_what_a_verification_found() -> None:
    finding = Finding(check="prover.libraries", subject="/usr/bin/x", message="no libx", hint="install it")
    result = Result(step="verify:a", image="a", status=Status.FAILED, findings=(finding,), excepted=2)
    told = json.loads(report.json_text(report.to_json((result,))))["results"][0]
    assert told["findings"] == [
        {"check": "prover.libraries", "subject": "/usr/bin/x", "message": "no libx", "hint": "install it"}
    ]
    assert told["excepted"] == 2


def test_the_end_of_a_run_is_one_json_document_on_request() -> None:
    stream = StringIO()
    code = report.conclude((NOVA,), Options(format="json"), stream=stream)
    assert code is ExitCode.FAILED
    assert json.loads(stream.getvalue()) == report.to_json((NOVA,))
    assert stream.getvalue().startswith('{\n  "counts": {\n    "blocked": 0,\n')


def test_the_end_of_a_run_is_the_summary_otherwise() -> None:
    stream = StringIO()
    assert report.conclude((BASE,), Options(), stream=stream, elapsed=1) is ExitCode.OK
    assert stream.getvalue() == report.summary((BASE,), Options(), elapsed=1)


@pytest.mark.parametrize("options", [Options(summary=False), Options(format="none")])
def test_the_end_of_a_run_is_its_exit_code_alone_where_no_summary_is_wanted(options: Options) -> None:
    stream = StringIO()
    assert report.conclude((NOVA,), options, stream=stream) is ExitCode.FAILED
    assert stream.getvalue() == ""


# --- for `kolla-build`, whose format is about what it prints for programs ---


@pytest.mark.parametrize("kind", ["json", "none", "text"])
def test_kolla_build_says_to_people_what_it_does_and_what_happened(kind: str) -> None:
    options = Options(verb="kolla-build", format=kind)
    assert told(options) == told(Options())
    stream = StringIO()
    report.conclude((NOVA,), options, stream=stream)
    assert stream.getvalue() == report.summary((NOVA,), options)


@pytest.mark.parametrize("more", [{"quiet": True}, {"summary": False}])
def test_kolla_build_says_less_on_request(more: dict[str, bool]) -> None:
    options = Options(verb="kolla-build", format="json", **more)  # type: ignore[arg-type]
    stream = StringIO()
    report.conclude((NOVA,), options, stream=stream)
    assert ("image  " in stream.getvalue(), "failed" in stream.getvalue()) == (False, options.summary)
    assert (told(options) == "") is options.quiet


def test_the_summary_with_kollas_keys_is_one_line_or_indented() -> None:
    about = {"not_matched": ["zun"], "unbuildable": {"tgtd": "no package"}, "allowed_to_fail": ("nova-base",)}
    line, indented = (report.kolla_summary_text((KEYSTONE, NOVA), indent=indent, **about) for indent in (None, 4))
    assert line.count("\n") == 1
    assert indented.startswith('{\n    "built": [\n        {')
    assert json.loads(line) == json.loads(indented) == kolla.summary((KEYSTONE, NOVA), **about)  # type: ignore[arg-type]


def test_an_error_is_a_sentence_and_the_way_out() -> None:
    error = CatalogueError("a.toml: parent 'bse' is not there", hint="did you mean 'base'?")
    assert report.error_text(error) == "error: a.toml: parent 'bse' is not there\nhint: did you mean 'base'?\n"


def test_an_error_cannot_steer_the_terminal_nor_forge_a_hint() -> None:
    assert report.error_text(KollageError("a\x1b[2J\nhint: b")) == "error: a\\x1b[2J\n    hint: b\n"


# --- before it runs ---

ROWS = (
    PlanRow(step="build:base", image="base", action="reuse", reason="unchanged"),
    PlanRow(step="build:nova", image="nova", action="build", reason="never built", seconds_last=192),
    PlanRow(step="build:cron", image="cron", action="build", reason="recipe changed", seconds_last=30),
)


def test_a_plan_says_what_why_and_how_much() -> None:
    outlook = Outlook(seconds=200, work=222, size=402_000_000, unknown=1)
    assert report.plan_text(ROWS, outlook) == (
        "step        action   last  why\n"
        "build:base  reuse          unchanged\n"
        "build:nova  build   3m12s  never built\n"
        "build:cron  build     30s  recipe changed\n"
        "\n"
        "1 to reuse, 2 to build, in about 3m20s (3m42s of work), about 402 MB and 1 image of unknown size\n"
    )


@pytest.mark.parametrize(
    ("size", "unknown", "said"),
    [(0, 0, ""), (402_000_000, 0, ", about 402 MB"), (0, 2, ", 2 images of unknown size")],
)
def test_of_bytes_a_plan_says_what_is_known(size: int, unknown: int, said: str) -> None:
    last = report.plan_text(ROWS, Outlook(seconds=1, work=2, size=size, unknown=unknown)).splitlines()[-1]
    assert last == f"1 to reuse, 2 to build, in about 1s (2s of work){said}"


def test_a_plan_with_nothing_to_do_does_not_mention_time() -> None:
    nothing = Outlook(seconds=0, work=0, size=0, unknown=0)
    assert report.plan_text(ROWS[:1], nothing) == report.plan_text(ROWS[:1])
    assert report.plan_text(ROWS[:1]) == ("step        action  why\nbuild:base  reuse   unchanged\n\n1 to reuse\n")
    assert report.plan_text(()) == "nothing to do\n"


def test_a_plan_as_json() -> None:
    assert report.plan_json(ROWS[1:2]) == {
        "steps": [
            {
                "step": "build:nova",
                "image": "nova",
                "action": "build",
                "reason": "never built",
                "seconds_last": 192,
                "seconds_estimate": None,
            }
        ],
        "counts": {"build": 1},
        "expected": None,
    }


PARENTS = {"nova": "openstack", "openstack": "base", "base": None, "cron": "base", "stray": "elsewhere"}


def test_a_tree_is_indented_and_drawn_on_a_terminal() -> None:
    assert report.tree_text(PARENTS) == "base\n  cron\n  openstack\n    nova\nstray\n"
    assert report.tree_text(PARENTS, terminal=True) == ("base\n├── cron\n└── openstack\n    └── nova\nstray\n")


def test_what_is_not_supported_carries_its_reason() -> None:
    unsupported = {"cron": "no package", "zun": "gone since 2026.1"}
    assert report.tree_text({"base": None, "cron": "base"}, unsupported) == (
        "base\n  cron (not supported: no package)\nzun (not supported: gone since 2026.1)\n"
    )
    assert report.list_text(("base",), unsupported) == (
        "base\ncron (not supported: no package)\nzun (not supported: gone since 2026.1)\n"
    )


def test_lists_and_trees_as_json() -> None:
    assert report.list_json(("base", "cron"), {"zun": "gone"}) == {
        "images": ["base", "cron"],
        "unsupported": {"zun": "gone"},
    }
    assert report.tree_json({"base": None}) == {"parents": {"base": None}, "unsupported": {}}


def test_a_dockerfile_is_verbatim_in_a_pipe() -> None:
    text = "FROM x\nRUN \t\x1b[2J"
    assert report.dockerfile_text(text) == text
    assert "\x1b[2J" not in report.dockerfile_text(text, terminal=True)


def test_to_report_in_a_pipe_nothing_heavy_is_imported() -> None:
    script = (
        "import sys\n"
        "from kollage import report\n"
        "report.list_text(['a']), report.plan_text([]), report.to_json([])\n"
        "sys.exit(' '.join({'rich', 'pygments', 'oslo_config', 'asyncio'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.stderr.strip() == ""
