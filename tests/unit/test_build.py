"""A run begins only where it can go through; every step has one result, told once, and programs can read the end."""

import dataclasses
import json
import time
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from tests.unit.fake_engine import FakeEngine

from kollage import build, recording
from kollage.bootstrap import Base
from kollage.engines import Local
from kollage.errors import EngineError, UsageError
from kollage.graph import Graph
from kollage.options import Options
from kollage.prepare import Prepared
from kollage.results import Result, Status
from kollage.steps import Action, Decision, Plan, Step


def step(name: str, *needs: str, action: Action = Action.BUILD) -> Step:
    return Step(
        id=name,
        image=name,
        decision=Decision(action=action, reason=""),
        identity=name,
        reference=f"kolla/{name}:1",
        needs=needs,
    )


def plan_of(*steps: Step) -> Plan:
    return Plan(steps={step.id: step for step in steps})


def prepared(engine: FakeEngine, *actions: Action) -> Prepared:
    return Prepared(
        graph=Graph(images=(), wanted=frozenset(), excluded={}),
        engine=engine,
        base=Base(reference="debian", identity="d", reason=""),
        named={},
        rendered={},
        pins={},
        plan=plan_of(*(step(f"{number}", action=action) for number, action in enumerate(actions))),
    )


class TestTheSpace:
    @pytest.mark.parametrize("action", [Action.BUILD, Action.BOOTSTRAP])
    def test_that_is_missing_is_told_before_anything_is_begun(self, action: Action) -> None:
        with pytest.raises(EngineError) as raised:
            build._require_space(prepared(FakeEngine(free=1_500_000_000), Action.REUSE, action))
        assert raised.value.message == "only 1500 MB are free where fake keeps its images"
        assert raised.value.hint == "free some space: a build needs 2 GB at least"

    def test_that_is_missing_does_not_matter_where_nothing_is_built(self) -> None:
        build._require_space(prepared(FakeEngine(free=0), Action.REUSE, Action.SKIP, Action.PULL, Action.PUSH))

    def test_of_two_gigabytes_is_enough(self) -> None:
        build._require_space(prepared(FakeEngine(free=2 * 10**9), Action.BUILD))


class TestWhatIsRequired:
    @pytest.mark.parametrize("flag", ["--cache-dir", "--logs-dir", "--work-dir"])
    def test_a_folder_that_cannot_be_used_is_named_with_its_flag(self, tmp_path: Path, flag: str) -> None:
        (tmp_path / "file").touch()
        options = Options(**{"cache_dir": tmp_path / "cache", flag[2:].replace("-", "_"): tmp_path / "file" / "x"})  # type: ignore[arg-type]
        with pytest.raises(UsageError) as caught:
            build._require_folders(options)
        assert caught.value.message == f"the folder {tmp_path}/file/x cannot be used: Not a directory"
        assert caught.value.hint == f"name another with {flag}"

    def test_folders_that_are_not_there_are_made(self, tmp_path: Path) -> None:
        build._require_folders(Options(cache_dir=tmp_path / "a" / "cache", work_dir=tmp_path / "work"))
        assert (tmp_path / "a" / "cache").is_dir()
        assert (tmp_path / "work").is_dir()

    @pytest.mark.parametrize("flag", ["--summary-json-file", "--junit-file"])
    def test_a_file_that_could_not_be_written_at_the_end_is_told_at_the_beginning(
        self, tmp_path: Path, flag: str
    ) -> None:
        name = flag[2:].replace("-", "_")
        build._require_files(Options(**{name: tmp_path / "file"}))  # type: ignore[arg-type]
        for file in (tmp_path, tmp_path / "nowhere" / "file"):
            with pytest.raises(UsageError) as caught:
                build._require_files(Options(**{name: file}))  # type: ignore[arg-type]
            assert caught.value.message == f"the file {file} cannot be written"
            assert caught.value.hint == f"name another with {flag}"

    def test_a_push_needs_a_registry(self) -> None:
        build._require_registry(Options(push=True, registry="r.example"))
        build._require_registry(Options())
        with pytest.raises(UsageError) as caught:
            build._require_registry(Options(push=True))
        assert caught.value.message == "nothing says which registry to push to"
        assert caught.value.hint == "name it with --registry, such as --registry docker.io"


class TestTheSummaryForPrograms:
    """Kolla's keys: into the file that was asked for, else for `kolla-build` as one line."""

    RESULTS = (Result(step="build:cron", image="cron", status=Status.BUILT),)
    GRAPH = Graph(images=(), wanted=frozenset(), excluded={}, unbuildable={"tgtd": "no package"}, others=("aodh-api",))

    def concluded(self, **options: Any) -> str:
        stream = StringIO()
        build._conclude_as_kolla(self.RESULTS, self.GRAPH, Options(**options), stream)
        return stream.getvalue()

    def test_is_one_line_of_json_for_kolla_build(self) -> None:
        line = self.concluded(verb="kolla-build", format="json")
        assert line.count("\n") == 1
        told = json.loads(line)
        assert [each["name"] for each in told["built"]] == ["cron"]
        assert told["not_matched"] == [{"name": "aodh-api"}]
        assert told["unbuildable"] == [{"name": "tgtd", "reason": "no package"}]

    @pytest.mark.parametrize(
        "options",
        [
            {"verb": "build", "format": "json"},
            {"verb": "kolla-build", "format": "none"},
            {"verb": "kolla-build", "format": "json", "summary": False},
        ],
    )
    def test_is_not_printed_otherwise(self, options: dict[str, Any]) -> None:
        assert self.concluded(**options) == ""

    @pytest.mark.parametrize("verb", ["build", "kolla-build"])
    def test_goes_into_the_file_instead_and_indented(self, tmp_path: Path, verb: str) -> None:
        file = tmp_path / "summary.json"
        assert self.concluded(verb=verb, format="json", summary_json_file=file, allowed_to_fail=("cron",)) == ""
        assert file.read_text(encoding="utf-8").startswith('{\n    "built": [\n')

    def test_that_cannot_be_written_is_an_error_with_the_file(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError) as caught:
            self.concluded(summary_json_file=tmp_path)
        assert caught.value.message == f"{tmp_path} cannot be written: Is a directory"


def test_results_are_told_without_sizes_where_the_engine_has_gone() -> None:
    class Gone(FakeEngine):
        def images(self, label: str = "") -> tuple[Local, ...]:
            raise EngineError("it has gone")

    results = [Result(step="build:a", image="a", status=Status.BUILT, reference="kolla/a:1")]
    assert build._with_sizes(results, Gone()) == results


def test_a_result_has_the_size_of_the_image_that_is_in_the_store() -> None:
    engine = FakeEngine(local=(Local(id="1", references=("kolla/a:1", "kolla/a:2"), size=70),))
    results = [
        Result(step=f"build:{name}", image=name, status=Status.BUILT, reference=f"kolla/{name}:1") for name in "ab"
    ]
    assert [result.size for result in build._with_sizes(results, engine)] == [70, 0]


class TestNothingToDo:
    NAMES = MappingProxyType({"kolla/0:1": "17", "kolla/1:1": "18"})

    def idle(self, *steps: Step) -> Prepared:
        empty = prepared(FakeEngine())
        sizes = dict.fromkeys(self.NAMES, 70)
        return dataclasses.replace(empty, named=self.NAMES, sizes=sizes, plan=plan_of(*steps))

    def test_is_a_plan_of_images_that_are_there_and_called_so(self) -> None:
        there = dataclasses.replace(step("0", action=Action.REUSE), found="17")
        assert self.idle().is_idle
        assert self.idle(there, step("other", action=Action.SKIP)).is_idle
        assert not self.idle(dataclasses.replace(there, found="18")).is_idle  # it has another name, or none
        for action in set(Action) - {Action.REUSE, Action.SKIP}:
            assert not self.idle(there, step("1", action=action)).is_idle

    def test_is_told_step_by_step_without_anything_being_set_up(self, tmp_path: Path) -> None:
        there = dataclasses.replace(step("0", action=Action.REUSE), found="17")
        plan = self.idle(there, step("1", action=Action.SKIP))
        stream, options = StringIO(), Options(cache_dir=tmp_path / "cache")
        with recording.opened(options, ["0"], plan.plan, plan.makings.made_of, time.monotonic()) as record:
            results = build._all_reused(plan.plan, plan.sizes, options, record, stream)
        assert [(each.status, each.size) for each in results] == [(Status.REUSED, 70), (Status.SKIPPED, 70)]
        assert [line.split(":")[0] for line in stream.getvalue().splitlines()] == ["0", "1"]
        assert not (tmp_path / "cache" / "runs").exists()
        assert not (tmp_path / "cache" / "logs").exists()
