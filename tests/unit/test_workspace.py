"""A run leaves nothing behind but logs, and tidies up after runs that could not, without touching what is another's."""

import fcntl
import json
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.fake_containers import FakeContainers
from tests.unit.fake_engine import FakeEngine

from kollage.engines import Local
from kollage.errors import EngineError, UsageError
from kollage.options import Options
from kollage.workspace import opened


class Containers(FakeEngine):
    """An engine with containers that builds were working in, and that cannot tell whose they are."""

    def __init__(self, **containers: str) -> None:
        super().__init__()
        self.there: dict[str, str] = containers
        self.answers = True
        self.running = FakeContainers()

    def containers(self, *, systemd: bool = False) -> FakeContainers:
        return self.running

    def unfinished(self) -> Mapping[str, str]:
        if not self.answers:
            raise EngineError("the engine has gone")
        return dict(self.there)

    def discard(self, containers: Iterable[str]) -> None:
        for container in containers:
            del self.there[container]


class Knowing(Containers):
    """One that can: by what a container is called."""

    def working_for(self, run: Path) -> frozenset[str]:
        return frozenset(container for container in self.there if container.startswith(run.name))


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(cache_dir=tmp_path / "cache")


@pytest.fixture
def scratch(options: Options) -> Path:
    folder = options.cache_dir / "runs"
    folder.mkdir(parents=True)
    return folder


def left_behind(scratch: Path, run: str, *, before: Iterable[str] = (), images: Iterable[str] = ()) -> Path:
    """What a run that was killed has left."""
    folder = scratch / f"run-{run}"
    (folder / "context").mkdir(parents=True)
    (folder / "network").write_text("export https_proxy=secret")
    (folder / "journal.json").write_text(json.dumps({"before": list(before), "images": list(images)}))
    (folder / "lock").touch()
    return folder


@contextmanager
def living(folder: Path) -> Iterator[None]:
    """Make the run of a folder one that is alive."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def runs(options: Options) -> list[str]:
    return [path.name for path in (options.cache_dir / "runs").glob("run-*")]


class TestFolders:
    def test_a_run_works_below_a_folder_of_its_own(self, options: Options) -> None:
        with opened(options, Containers(), []) as folders:
            assert runs(options) == [folders.private.name]
            assert folders.work == folders.private / "context"
            assert folders.logs.parent == options.cache_dir / "logs"
            assert folders.logs.name.endswith(folders.private.name.removeprefix("run"))
            assert folders.logs.is_dir()

    def test_nobody_else_can_read_in_it(self, options: Options) -> None:
        with opened(options, Containers(), []) as folders:
            assert stat.S_IMODE(folders.private.stat().st_mode) == 0o700

    def test_at_the_end_it_is_gone_and_the_logs_stay(self, options: Options) -> None:
        with opened(options, Containers(), []) as folders:
            (folders.private / "network").write_text("secret")
            (folders.logs / "base.log").write_text("told")
        assert runs(options) == []
        assert (folders.logs / "base.log").read_text() == "told"

    def test_it_is_gone_after_a_failure_as_well(self, options: Options) -> None:
        with pytest.raises(KeyboardInterrupt), opened(options, Containers(), []):
            raise KeyboardInterrupt
        assert runs(options) == []

    def test_it_is_gone_even_when_the_engine_no_longer_answers(self, options: Options) -> None:
        engine = Containers()
        with opened(options, engine, []):  # what is to be told of the run is not lost either
            engine.answers = False
        assert runs(options) == []

    def test_folders_that_the_user_names_are_used_and_kept(self, tmp_path: Path) -> None:
        options = Options(cache_dir=tmp_path / "cache", work_dir=tmp_path / "work", logs_dir=tmp_path / "a" / "logs")
        (tmp_path / "work").mkdir()
        with opened(options, Containers(), []) as folders:
            assert (folders.work, folders.logs) == (tmp_path / "work", tmp_path / "a" / "logs")
            assert folders.logs.is_dir()
        assert folders.work.is_dir()
        assert folders.logs.is_dir()
        assert not (tmp_path / "cache" / "logs").exists()

    def test_the_logs_of_the_last_twenty_runs_are_kept(self, options: Options) -> None:
        logs = options.cache_dir / "logs"
        for number in range(1, 26):
            (logs / f"20260101-0000{number:02}-1").mkdir(parents=True)
            (logs / f"20260101-0000{number:02}-1" / "base.log").touch()
        with opened(options, Containers(), []) as folders:
            kept = sorted(path.name for path in logs.iterdir())
        assert kept == [*(f"20260101-0000{number:02}-1" for number in range(7, 26)), folders.logs.name]

    def test_the_logs_of_a_run_that_is_alive_stay_however_many_came_after_it(self, options: Options) -> None:
        logs, scratch = options.cache_dir / "logs", options.cache_dir / "runs"
        for number in range(1, 26):
            (logs / f"20260101-0000{number:02}-r{number}").mkdir(parents=True)
        with living(left_behind(scratch, "r1")), opened(options, Containers(), []):
            kept = sorted(path.name for path in logs.iterdir())
        assert kept[0] == "20260101-000001-r1"
        assert kept[1] == "20260101-000007-r7"

    def test_what_is_no_folder_of_logs_stays_among_them(self, options: Options) -> None:
        names = [*(f"note-{number:02}" for number in range(30)), "20260101"]
        for name in names:
            (options.cache_dir / "logs" / name).mkdir(parents=True)
        with opened(options, Containers(), []):
            pass
        assert {path.name for path in (options.cache_dir / "logs").iterdir()} >= set(names)

    def test_contexts_are_written_only_where_none_but_ours_lie(self, tmp_path: Path) -> None:
        options = Options(cache_dir=tmp_path / "cache", work_dir=tmp_path / "work")
        for _ in range(2):
            with opened(options, Containers(), []) as folders:
                (folders.work / "docker" / "base").mkdir(exist_ok=True)
        mine = tmp_path / "mine" / "docker" / "base"
        mine.mkdir(parents=True)
        (mine / "Dockerfile").touch()
        with (
            pytest.raises(UsageError, match="holds something that is not ours"),
            opened(Options(cache_dir=tmp_path / "cache", work_dir=tmp_path / "mine"), Containers(), []),
        ):
            pass
        assert (mine / "Dockerfile").exists()


class TestSweep:
    def test_what_a_killed_run_left_is_removed(self, options: Options, scratch: Path) -> None:
        folder = left_behind(scratch, "dead")
        with opened(options, Containers(), []):
            assert not folder.exists()

    def test_services_that_a_killed_run_had_started_are_removed(self, options: Options, scratch: Path) -> None:
        engine, folder = Containers(), left_behind(scratch, "dead")
        with living(left_behind(scratch, "living")), opened(options, engine, []):
            assert engine.running.gone == [f"all of {folder}"]

    def test_what_belongs_to_a_run_that_is_alive_stays(self, options: Options, scratch: Path) -> None:
        folder = left_behind(scratch, "living")
        with living(folder), opened(options, Containers(), []):
            pass
        assert (folder / "network").exists()

    @pytest.mark.parametrize("missing", ["journal.json", "lock"])
    def test_what_no_run_made_stays_whatever_it_is_called(self, options: Options, scratch: Path, missing: str) -> None:
        (left_behind(scratch, "alike") / missing).unlink()
        for name in ("main", "shared", "4711"):
            (scratch / name).mkdir()
            (scratch / name / "precious").write_text("mine")
        (scratch / "run-link").symlink_to(scratch / "main")
        with opened(options, Containers(), []):
            pass
        assert {path.name for path in scratch.iterdir()} == {"lock", "main", "shared", "4711", "run-alike", "run-link"}
        assert (scratch / "shared" / "precious").read_text() == "mine"

    def test_a_cache_folder_that_holds_other_things_keeps_them(self, tmp_path: Path) -> None:
        names = ["work", "runs", "logs", "sources"]
        for name in names:
            (tmp_path / name / "mine").mkdir(parents=True)
            (tmp_path / name / "mine" / "file").touch()
        with opened(Options(cache_dir=tmp_path), Containers(), []):
            pass
        assert [name for name in names if (tmp_path / name / "mine" / "file").exists()] == names

    def test_a_journal_that_was_cut_short_discards_nothing(self, options: Options, scratch: Path) -> None:
        folder = left_behind(scratch, "dead")
        (folder / "journal.json").write_text('{"before": [')
        engine = Containers(kept="base:1")
        with opened(options, engine, []):
            assert not folder.exists()
        assert engine.there == {"kept": "base:1"}


class TestContainers:
    def test_those_that_came_with_the_run_and_began_with_its_images_are_discarded(self, options: Options) -> None:
        engine = Containers(before="base:1")
        with opened(options, engine, ["base:1", "openstack-base:1"]):
            engine.there |= {"ours": "base:1", "ours-too": "openstack-base:1", "foreign": "somebody/else:1"}
        assert engine.there == {"before": "base:1", "foreign": "somebody/else:1"}

    def test_those_of_a_killed_run_are_discarded_by_the_next(self, options: Options, scratch: Path) -> None:
        left_behind(scratch, "dead", before=["before"], images=["base:1"])
        engine = Containers(before="base:1", theirs="base:1", foreign="somebody/else:1")
        with opened(options, engine, []):
            assert engine.there == {"before": "base:1", "foreign": "somebody/else:1"}

    def test_one_that_the_engine_shows_under_another_name_of_a_parent_is_known(self, options: Options) -> None:
        engine = Containers()
        engine.local = (
            Local(id="1", references=("base:1", "base:fp-1")),
            Local(id="2", references=("else:1", "else:fp-2")),
        )
        with opened(options, engine, ["base:1"]):
            engine.there |= {"ours": "base:fp-1", "foreign": "else:fp-2"}
        assert engine.there == {"foreign": "else:fp-2"}

    def test_beside_another_run_all_stay_for_they_could_be_its(self, options: Options, scratch: Path) -> None:
        dead = left_behind(scratch, "dead", images=["base:1"])
        other = left_behind(scratch, "living", images=["base:1"])
        engine = Containers(one="base:1")
        with living(other), opened(options, engine, ["base:1"]):
            engine.there["other"] = "base:1"
        assert engine.there == {"one": "base:1", "other": "base:1"}
        assert not dead.exists()


class TestAnEngineThatKnowsWhoseContainersAre:
    def test_gives_up_those_of_the_run_alone(self, options: Options) -> None:
        engine = Knowing()
        with opened(options, engine, ["base:1"]) as folders:
            ours = f"{folders.private.name}-1"
            engine.there |= {ours: "anything:1", "run-other-1": "base:1", "of somebody": "base:1"}
        assert engine.there == {"run-other-1": "base:1", "of somebody": "base:1"}

    def test_does_so_beside_other_runs_too(self, options: Options, scratch: Path) -> None:
        left_behind(scratch, "dead")
        engine = Knowing(**{"run-dead-1": "base:1", "run-living-1": "base:1"})
        with living(left_behind(scratch, "living")), opened(options, engine, []):
            assert engine.there == {"run-living-1": "base:1"}

    def test_keeps_what_is_to_be_looked_at_and_no_later_run_takes_it(self, options: Options) -> None:
        engine = Knowing()
        with opened(replace(options, keep=True), engine, []) as folders:
            engine.there[f"{folders.private.name}-1"] = "base:1"
        with opened(options, engine, ["base:1"]):
            pass
        assert list(engine.there) == [f"{folders.private.name}-1"]


def test_a_run_that_was_killed_as_it_began_leaves_nothing_for_ever(options: Options, scratch: Path) -> None:
    there: list[set[str]] = []

    class Asked(Containers):
        def unfinished(self) -> Mapping[str, str]:
            there.append({path.name for path in scratch.glob("run-*/*")})
            return super().unfinished()

    with opened(options, Asked(), []):
        pass
    assert there[0] == {"lock", "journal.json"}  # by which it is swept, before a question that may take long
    (left_behind(scratch, "dead") / "journal.json").write_text("")
    with opened(options, Containers(), []):
        assert len(runs(options)) == 1
