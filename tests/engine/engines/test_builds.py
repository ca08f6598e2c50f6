"""The same order gives the same image, whichever engine carries it out."""

import os
import resource
import subprocess
from pathlib import Path

import pytest

from kollage.engines import BuildOrder
from kollage.engines.arguments import own_limits
from kollage.engines.docker import Docker
from kollage.errors import EngineError, UsageError
from kollage.process import CommandError
from tests.engine.engines.conftest import BASE, BUILDERS, LABELS, Bench, until

pytestmark = pytest.mark.engine

RANDOM = f"FROM {BASE}\nCOPY file /file\nRUN head -c 16 /dev/urandom | md5sum > /etc/random\n"
ADDED = f"FROM {BASE}\nRUN echo 1 > /one\nRUN echo 2 > /two\nRUN rm /one\n"


class TestImages:
    def test_an_image_is_in_the_store_under_all_its_names_with_its_size(self, bench: Bench) -> None:
        names = (bench.name(), bench.name())
        identity, _ = bench.run(bench.order(f"FROM {BASE}\nRUN echo 1 > /one\n", references=names))
        (found,) = [local for local in bench.engine.images() if local.id == identity]
        assert set(found.references) == set(names)
        assert found.size > 10**6

    def test_labels_are_on_it_and_find_it(self, bench: Bench) -> None:
        labels = {"words": "two words", "quoted": "a \"b\" 'c'"}
        name = bench.build(f"FROM {BASE}\nRUN echo 1 > /one\n", labels=labels)
        assert labels.items() <= bench.facts(name).labels.items()
        for chosen in ("words", "words=two words"):
            assert [local.references for local in bench.engine.images(chosen)] == [(name,)]
        assert bench.engine.images("words=three") == ()

    def test_an_archive_becomes_an_image_of_one_layer_with_labels(self, bench: Bench) -> None:
        facts = bench.facts(BASE)
        assert len(facts.layers) == 1
        assert LABELS.items() <= facts.labels.items()

    def test_it_is_for_the_platform_that_was_asked_for(self, bench: Bench) -> None:
        architecture = bench.facts(BASE).architecture
        name = bench.build(f"FROM {BASE}\nRUN echo 1 > /one\n", platform=f"linux/{architecture}")
        assert bench.facts(name).architecture == architecture

    def test_several_platforms_are_refused_before_anything_is_built(self, bench: Bench) -> None:
        order = bench.order(f"FROM {BASE}\n", platform="linux/amd64,linux/arm64")
        with pytest.raises(UsageError, match="one platform at a time, not for linux/amd64,linux/arm64"):
            bench.run(order)


class TestArguments:
    def test_arguments_reach_run_lines(self, bench: Bench) -> None:
        text = f'FROM {BASE}\nARG A\nARG B=2\nRUN echo "$A $B" > /said\n'
        assert (
            bench.seen(bench.build(text, build_args={"A": "two 'words' $HOME"}), "cat /said") == "two 'words' $HOME 2"
        )

    def test_what_may_be_secret_goes_through_the_environment(self, bench: Bench) -> None:
        order = bench.order(f"FROM {BASE}\nARG TOKEN\nRUN echo $TOKEN > /said\n", inherited={"TOKEN": "hidden"})
        assert "hidden" not in bench.engine.command(order)
        bench.run(order)
        assert bench.seen(order.references[0], "cat /said") == "hidden"


class TestCache:
    engines = BUILDERS

    def test_layers_of_an_earlier_build_are_used_when_they_may(self, bench: Bench) -> None:
        first, second = (bench.build(RANDOM, {"file": "1"}, cache=True) for _ in range(2))
        assert bench.facts(first).layers == bench.facts(second).layers

    def test_and_not_otherwise(self, bench: Bench) -> None:
        first = bench.build(RANDOM, {"file": "2"}, cache=True)
        second = bench.build(RANDOM, {"file": "2"}, cache=False)
        assert bench.facts(first).layers != bench.facts(second).layers

    def test_what_follows_a_copied_file_that_changed_is_built_again(self, bench: Bench) -> None:
        first = bench.build(RANDOM, {"file": "3"}, cache=True)
        second = bench.build(RANDOM, {"file": "4"}, cache=True)
        assert bench.facts(first).layers != bench.facts(second).layers

    @pytest.mark.parametrize("bound", ["source=file", "from=stage,source=/file"])
    def test_so_is_what_sees_a_file_without_a_copy(self, bench: Bench, bound: str) -> None:
        text = (
            f"FROM {BASE} AS stage\nCOPY file /file\nFROM {BASE}\n"
            f"RUN --mount=type=bind,{bound},target=/bound cat /bound > /seen\n"
        )
        if bench.classic:
            pytest.skip("the classic builder binds nothing")
        for content in ("first", "second"):
            assert bench.seen(bench.build(text, {"file": content}, cache=True), "cat /seen") == content

    def test_labels_do_not_come_from_it(self, bench: Bench) -> None:
        for value in ("1", "2"):
            name = bench.build(RANDOM, {"file": "5"}, cache=True, labels={"number": value})
            assert bench.facts(name).labels["number"] == value


class TestSquash:
    engines = BUILDERS

    def test_what_is_added_becomes_one_layer(self, bench: Bench) -> None:
        order = bench.order(ADDED, squash=True, cache=True, labels={"kept": "yes"})
        if isinstance(bench.engine, Docker) and not bench.classic:
            with pytest.raises(UsageError, match="BuildKit does not squash"):
                bench.run(order)
            return
        identity, _ = bench.run(order)
        facts = bench.facts(order.references[0])
        assert facts.layers[:-1] == bench.facts(BASE).layers
        assert facts.labels["kept"] == "yes"
        assert bench.named(order.references[0]) == identity
        assert bench.seen(order.references[0], "ls -d /one /two 2>/dev/null") == "/two"

    def test_an_image_that_adds_one_layer_stays_as_it_is(self, bench: Bench) -> None:
        if isinstance(bench.engine, Docker) and not bench.classic:
            pytest.skip("BuildKit does not squash")
        name = bench.build(f"FROM {BASE}\nRUN echo 1 > /one\n", squash=True)
        assert bench.facts(name).layers[:-1] == bench.facts(BASE).layers
        assert bench.seen(name, "cat /one") == "1"


class TestSquashProgram:
    engines = ("docker-classic",)  # the others squash while they build, or do not

    def test_nothing_of_the_work_stays(self, bench: Bench) -> None:
        before = {local.id for local in bench.engine.images()}
        name = bench.build(ADDED, squash=True)
        assert {local.id for local in bench.engine.images()} - before == {bench.named(name)}
        assert list((bench.folder / "squash").iterdir()) == []

    def test_without_the_program_nothing_is_begun(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        folders = os.environ["PATH"].split(":")
        monkeypatch.setenv("PATH", ":".join(each for each in folders if not Path(each, "docker-squash").exists()))
        with pytest.raises(EngineError) as caught:
            bench.build(ADDED, squash=True)
        assert caught.value.message == "the program 'docker-squash' is not installed"
        assert caught.value.hint == "pip install docker-squash"


class TestNetwork:
    engines = BUILDERS

    def test_with_none_there_is_only_the_loopback(self, bench: Bench) -> None:
        assert interfaces(bench, "none") == {"lo"}

    def test_with_the_hosts_there_is_all_that_the_host_has(self, bench: Bench) -> None:
        own = {line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]}
        assert interfaces(bench, "host") == own


def interfaces(bench: Bench, network: str) -> set[str]:
    """The names of the interfaces that a RUN line has."""
    return set(bench.seen(BASE, "echo $(sed -n 's/:.*//p' /proc/net/dev)", network=network).split())


class TestLimits:
    engines = BUILDERS

    def test_run_lines_have_no_more_than_this_process_may(self, bench: Bench) -> None:
        asked = dict(limit.split("=") for limit in own_limits())
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        inside = bench.seen(BASE, "ulimit -n")
        if "nofile" in asked and bench.id != "docker-buildkit":  # which takes its daemon's
            assert inside == asked["nofile"].split(":")[0]
        assert inside == "unlimited" or int(inside) <= allowed


class TestMounts:
    def test_secrets_are_seen_by_the_line_that_asks_and_left_nowhere(self, bench: Bench, tmp_path: Path) -> None:
        (tmp_path / "password").write_text("hidden")
        text = f"FROM {BASE}\nRUN --mount=type=secret,id=one,target=/run/one wc -c < /run/one > /length\n"
        order = bench.order(text, secrets={"one": tmp_path / "password"})
        if bench.classic:
            assert_refused(bench, order, "RUN --mount")
            return
        bench.run(order)
        assert bench.seen(order.references[0], "cat /length; cat /run/one 2>/dev/null") == "6"
        assert "hidden" not in bench.ask("inspect", "--type=image", order.references[0])

    def test_caches_stay_from_build_to_build(self, bench: Bench) -> None:
        texts = [
            f"FROM {BASE}\nRUN --mount=type=cache,id=c,target=/c echo {n} >> /c/n; cat /c/n > /all\n" for n in "12"
        ]
        if bench.classic:
            assert_refused(bench, bench.order(texts[0]), "RUN --mount")
            return
        images = [bench.build(text, cache=True) for text in texts]
        assert [bench.seen(image, "echo $(cat /all)") for image in images] == ["1", "1 2"]

    def test_further_contexts_are_seen(self, bench: Bench, tmp_path: Path) -> None:
        (tmp_path / "word").write_text("further")
        text = f"FROM {BASE}\nCOPY --from=more word /word\n"
        order = bench.order(text, contexts={"more": tmp_path})
        if bench.classic:
            assert_refused(bench, order, "the further build context 'more'")
        elif bench.id == "docker-buildkit" and int(bench.engine.version().split(".")[0]) < 23:
            with pytest.raises(EngineError, match="knows no further build contexts") as caught:
                bench.run(order)
            assert caught.value.hint == "docker 23 and later do; or use --engine buildah"
        else:
            bench.run(order)
            assert bench.seen(order.references[0], "cat /word") == "further"

    def test_a_further_context_that_is_not_used_hinders_nobody(self, bench: Bench, tmp_path: Path) -> None:
        assert bench.build(f"FROM {BASE}\nRUN echo 1 > /one\n", contexts={"more": tmp_path})


def assert_refused(bench: Bench, order: BuildOrder, what: str) -> None:
    """See that the classic builder says what it cannot, and how to go on."""
    with pytest.raises(EngineError) as caught:
        bench.run(order)
    assert caught.value.message == f"docker's classic builder does not know {what}, which {order.references[0]} needs"
    assert "--engine buildah" in caught.value.hint


class TestFailures:
    engines = BUILDERS
    TEXT = f"FROM {BASE}\nRUN echo fails > /one\nRUN echo 'E: no such package'; sleep 0.2; exit 7\n"

    def test_the_last_lines_tell_what_went_wrong(self, bench: Bench) -> None:
        with pytest.raises(CommandError) as caught:
            bench.build(self.TEXT)
        assert any("E: no such package" in line for line in caught.value.tail)
        assert any(" 7" in line or ": 7" in line for line in caught.value.tail)

    @pytest.mark.parametrize("cache", [True, False])
    def test_the_container_stays_if_it_is_to_be_looked_at(self, bench: Bench, cache: bool) -> None:
        if bench.id == "docker-buildkit":
            pytest.skip("BuildKit has no containers")
        before = containers(bench)
        with pytest.raises(CommandError):
            bench.build(self.TEXT, keep=True, cache=cache)
        kept = containers(bench) - before
        assert len(kept) == 1
        if not bench.classic:
            assert bench.engine.unfinished()[next(iter(kept))] == BASE
            bench.engine.discard(kept)
            assert containers(bench) == before

    @pytest.mark.parametrize("cache", [True, False])
    def test_otherwise_it_goes(self, bench: Bench, cache: bool) -> None:
        before = containers(bench)
        with pytest.raises(CommandError):
            bench.build(self.TEXT, cache=cache)
        assert containers(bench) == before


def containers(bench: Bench) -> set[str]:
    """The containers of builds, with those of docker, which the engine does not tell of."""
    if isinstance(bench.engine, Docker):
        return set(bench.ask("ps", "--all", "--quiet", "--no-trunc").split())
    return set(bench.engine.unfinished())


class TestKilled:
    engines = ("buildah", "podman")  # a daemon tidies up by itself

    def test_what_a_build_leaves_is_found_and_removed(self, bench: Bench) -> None:
        order = bench.order(f"FROM {BASE}\nRUN sleep 600\n")
        command = bench.engine.command(order)
        before = containers(bench)
        child = subprocess.Popen(["sh", "-c", f"exec {command}"], stdout=subprocess.DEVNULL, start_new_session=True)
        until(lambda: containers(bench) - before, "the build's container")
        os.killpg(child.pid, 9)
        child.wait()
        (left,) = containers(bench) - before
        assert bench.engine.unfinished()[left] == BASE
        bench.engine.discard([left, "one that has gone"])
        assert containers(bench) == before
