"""`kolla-build` on a tree of whole Dockerfiles: what Kolla's operators and their scripts rely on."""

import json
from typing import Any

import pytest

from tests.functional.world import Outcome, World

TREE = '{\n  "base": [\n    {\n      "app-base": [\n        "app-api"\n      ]\n    },\n    "tool"\n  ]\n}\n'
DRAWN = """\
digraph {
    rankdir=LR
    node [shape=box]
    "app-base"
    "base"
    "base" -> "app-base"
}
"""
TOOL = """\
FROM kolla/base:2026.2-debian-trixie
LABEL maintainer="Kolla Project (https://launchpad.net/kolla)" name="tool"

RUN make tool of debian

"""
REPOSITORIES = """\
deb:
  mine:
    url: https://packages.example
    suite: stable
    component: main
    gpg_key: mine.asc
"""


@pytest.fixture(autouse=True)
def _tree(world: World) -> None:
    world.tree()


def summary(outcome: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(outcome.out)
    return told


def names(told: dict[str, Any]) -> dict[str, list[str]]:
    """The images below each key that has any."""
    return {key: [entry["name"] for entry in entries] for key, entries in told.items() if entries}


class TestInsteadOfBuilding:
    def test_images_are_listed_with_numbers(self, world: World) -> None:
        assert world.run("kolla-build", "--list-images") == Outcome(
            0, "1 : app-api\n2 : app-base\n3 : base\n4 : tool\n", ""
        )

    def test_of_an_expression_the_parents_are_listed_too(self, world: World) -> None:
        assert world.run("kolla-build", "--list-images", "^app-b").out == "1 : app-base\n2 : base\n"

    def test_dependencies_are_nested_as_json(self, world: World) -> None:
        assert world.run("kolla-build", "--list-dependencies") == Outcome(0, TREE, "")

    def test_dependencies_are_drawn_into_a_file(self, world: World) -> None:
        outcome = world.run("kolla-build", "--save-dependency", "drawn.dot", "^app-base$")
        assert outcome == Outcome(0, "", "the dependencies are in ~/here/drawn.dot\n")
        assert (world.root / "here/drawn.dot").read_text(encoding="utf-8") == DRAWN

    def test_contexts_are_written_below_the_working_folder(self, world: World) -> None:
        outcome = world.run("kolla-build", "--template-only", "--work-dir", "out", "tool")
        assert outcome == Outcome(0, "", "Dockerfiles are in ~/here/out/docker\n")
        docker = world.root / "here/out/docker"
        assert (docker / "tool/Dockerfile").read_text(encoding="utf-8") == TOOL
        assert {path.parent.name for path in docker.rglob("Dockerfile")} == {"base", "tool"}

    def test_no_engine_is_asked(self, world: World) -> None:
        drawn = ("--save-dependency", "x.dot")
        for flags in (("--list-images",), ("--list-dependencies",), drawn, ("--template-only", "--work-dir", "out")):
            assert world.run("kolla-build", *flags).code == 0
        assert world.notes("calls") == []

    def test_kollage_build_does_the_same(self, world: World) -> None:
        assert world.run("build", "-l") == world.run("kolla-build", "-l")
        assert world.run("build", "--list-images").out == world.run("kolla-build", "--list-images").out


class TestABuild:
    def test_leaves_the_standard_output_to_the_summary(self, world: World) -> None:
        outcome = world.run("kolla-build", "tool")
        assert outcome.code == 0
        assert names(summary(outcome)) == {"built": ["base", "tool"], "not_matched": ["app-api", "app-base"]}
        assert outcome.out.count("\n") == 1
        assert "base: built in 0s\n" in outcome.err
        assert outcome.err.endswith("\n2 built in 0s\n")

    def test_goes_by_the_from_lines_of_the_templates(self, world: World) -> None:
        world.run("kolla-build", "^app-api$")
        assert world.built() == ["base", "app-base", "app-api"]
        assert world.order("app-api")["from"] == ["kolla/app-base:2026.2-debian-trixie"]
        assert world.order("base")["from"] == ["example.org/debian:trixie"]

    def test_gives_the_engine_what_the_template_says(self, world: World) -> None:
        world.run("kolla-build", "tool")
        assert world.order("tool")["dockerfile"] == TOOL

    def test_does_nothing_a_second_time(self, world: World) -> None:
        world.run("kolla-build")
        outcome = world.run("kolla-build")
        assert outcome.err.endswith("\n4 reused in 0s\n")
        assert names(summary(outcome)) == {"built": ["app-api", "app-base", "base", "tool"]}

    def test_begins_an_image_again_whose_file_changed(self, world: World) -> None:
        world.write("docker/tool/start.sh", "one")
        world.run("kolla-build")
        world.write("docker/tool/start.sh", "two")
        assert world.run("kolla-build").err.endswith("\n1 built, 3 reused in 0s\n")
        assert world.built()[-1] == "tool"

    def test_prints_no_summary_where_none_is_wanted(self, world: World) -> None:
        assert world.run("kolla-build", "--nosummary", "tool").out == ""
        assert world.run("kolla-build", "--format", "none", "tool").out == ""

    def test_writes_the_summary_into_a_file(self, world: World) -> None:
        outcome = world.run("kolla-build", "--summary-json-file", "summary.json", "tool")
        assert outcome.out == ""
        text = (world.root / "here/summary.json").read_text(encoding="utf-8")
        assert names(json.loads(text)) == {"built": ["base", "tool"], "not_matched": ["app-api", "app-base"]}
        assert text.startswith('{\n    "built": [\n')


class TestAChoice:
    def test_by_a_profile_of_the_file(self, world: World) -> None:
        world.tree("[profiles]\nedge = ^tool$,^app-base$\n")
        assert world.run("kolla-build", "--profile", "edge").code == 0
        assert sorted(world.built()) == ["app-base", "base", "tool"]

    def test_by_expressions_leaves_the_profile_out(self, world: World) -> None:
        world.tree("profile = edge\n[profiles]\nedge = ^tool$\n")
        world.run("kolla-build", "^app-base$")
        assert world.built() == ["base", "app-base"]

    def test_without_parents_takes_them_from_the_store(self, world: World) -> None:
        world.run("kolla-build", "^app-base$")
        outcome = world.run("kolla-build", "--skip-parents", "app-api", "tool")
        assert sorted(world.built()) == ["app-api", "app-base", "base", "tool"]  # the last two at once
        assert names(summary(outcome)) == {"built": ["app-api", "tool"], "skipped": ["app-base", "base"]}

    def test_without_parents_pulls_what_the_store_does_not_have(self, world: World) -> None:
        world.behave(registry=["kolla/base:2026.2-debian-trixie"])
        outcome = world.run("kolla-build", "--skip-parents", "tool")
        assert names(summary(outcome))["skipped"] == ["base"]
        assert world.built() == ["tool"]

    def test_that_stands_on_a_pulled_parent_is_unchanged_afterwards(self, world: World) -> None:
        world.behave(registry=["kolla/base:2026.2-debian-trixie"])
        world.run("kolla-build", "--skip-parents", "tool")
        assert "tool: reused" in world.run("kolla-build", "--skip-parents", "tool").err
        assert world.built() == ["tool"]

    def test_without_parents_that_nobody_has_builds_nothing(self, world: World) -> None:
        outcome = world.run("kolla-build", "--skip-parents", "tool")
        assert outcome.code == 1
        assert "tool: blocked, base failed\n" in outcome.err
        assert world.built() == []

    def test_without_what_exists_builds_the_rest(self, world: World) -> None:
        world.run("kolla-build", "^tool$")
        world.write("docker/tool/start.sh", "new")
        outcome = world.run("kolla-build", "--skip-existing")
        assert sorted(world.built()) == ["app-api", "app-base", "base", "tool"]
        assert names(summary(outcome)) == {"built": ["app-api", "app-base"], "skipped": ["base", "tool"]}


class TestAnImageThatIsAllowedToFail:
    def run(self, world: World, allowed: str) -> Outcome:
        world.tree(f"allowed_to_fail = {allowed}\n")
        world.behave(images={"tool": {"fails": ["E: no"]}})
        return world.run("kolla-build")

    def test_does_not_make_the_run_fail(self, world: World) -> None:
        outcome = self.run(world, "tool")
        assert outcome.code == 0
        (failed,) = summary(outcome)["failed"]
        assert (failed["name"], failed["status"], failed["allowed_to_fail"]) == ("tool", "error", True)

    def test_is_one_that_the_file_names(self, world: World) -> None:
        outcome = self.run(world, "app-api")
        assert outcome.code == 1
        assert [each["allowed_to_fail"] for each in summary(outcome)["failed"]] == [False]


class TestFoldersLaidOver:
    def test_add_images(self, world: World) -> None:
        world.write("more/extra/Dockerfile.j2", "FROM {{ namespace }}/{{ image_prefix }}tool:{{ tag }}\nRUN extra\n")
        assert world.run("kolla-build", "--docker-dir", str(world.root / "more"), "extra").code == 0
        assert sorted(world.built()) == ["base", "extra", "tool"]

    def test_replace_single_files(self, world: World) -> None:
        world.write("docker/tool/start.sh", "theirs")
        world.write("docker/tool/stop.sh", "theirs")
        world.write("more/tool/start.sh", "mine")
        flags = ("--docker-dir", str(world.root / "more"), "--template-only", "--work-dir", "out", "tool")
        assert world.run("kolla-build", *flags).code == 0
        folder = world.root / "here/out/docker/tool"
        assert [(folder / name).read_text() for name in ("start.sh", "stop.sh")] == ["mine", "theirs"]

    def test_win_by_their_order(self, world: World) -> None:
        flags = []
        for number in ("1", "2"):
            world.write(f"more-{number}/tool/Dockerfile.j2", f"FROM scratch\nRUN {number}\n")
            flags.append(f"--docker-dir={world.root / f'more-{number}'}")
        world.run("kolla-build", *flags, "tool")
        assert world.order("tool")["dockerfile"].splitlines() == ["FROM scratch", "RUN 2"]


class TestRepositories:
    def tool(self, world: World) -> None:
        world.whole("tool", "{{ handle_repos(['mine'], 'enable') }}\n")

    def test_come_from_the_file_that_the_operator_gives(self, world: World) -> None:
        self.tool(world)
        path = world.write("repos.yaml", REPOSITORIES)
        assert world.run("kolla-build", "--repos-yaml", str(path), "tool").code == 0
        assert "https://packages.example" in world.order("tool")["dockerfile"]

    def test_that_are_not_known_are_named_with_the_nearest(self, world: World) -> None:
        self.tool(world)
        path = world.write("repos.yaml", REPOSITORIES.replace("mine:", "mien:"))
        assert world.run("kolla-build", "--repos-yaml", str(path), "tool") == Outcome(
            2,
            "",
            "error: the image tool needs a repository 'mine', which is not known for debian on x86_64\n"
            "hint: did you mean 'mien'?\n",
        )

    @pytest.mark.parametrize(
        ("text", "place"),
        [("deb:\n  mine: [\n", ":3: not valid YAML: "), ("deb: 3\n", ": deb must be a mapping, not 3")],
    )
    def test_of_a_broken_file_name_the_place(self, world: World, text: str, place: str) -> None:
        self.tool(world)
        path = world.write("repos.yaml", text)
        outcome = world.run("kolla-build", "--repos-yaml", str(path))
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith(f"error: ~/repos.yaml{place}")
        assert "\nhint: " in outcome.err


def test_a_file_written_for_kolla_is_read_where_kolla_looks_for_it(world: World) -> None:
    world.tree("namespace = cloud\ntag = 7\nthreads = 2\npush_threads = 1\nregistry = r.example\n")
    assert world.run("kolla-build", "^base$").code == 0
    assert "r.example/cloud/base:7" in world.names()
