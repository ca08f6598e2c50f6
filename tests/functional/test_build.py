"""`kollage build`: what the engine is told, what the user is told, and what is there afterwards."""

import json
from pathlib import Path

from tests.functional.world import Outcome, World

BUILT = """\
base: building (log: ~/cache/kollage/logs/RUN/base.log)
base: built in 0s
app: building (log: ~/cache/kollage/logs/RUN/app.log)
app: built in 0s

image  result  time    size  reason
base   built     0s  100 MB  never built
app    built     0s  100 MB  never built

2 built in 0s
"""
REUSED = """\
base: reused, unchanged
app: reused, unchanged

image  result    size  reason
base   reused  100 MB  unchanged
app    reused  100 MB  unchanged

2 reused in 0s
"""


def test_an_image_is_built_after_its_parents(world: World) -> None:
    assert world.run("build", "^app$") == Outcome(0, BUILT, "")
    assert world.built() == ["base", "app"]


def test_everything_is_built_where_nothing_is_named(world: World) -> None:
    assert world.run("build").code == 0
    order = world.built()
    assert sorted(order) == ["app", "app-api", "base", "tool"]
    assert order.index("base") < order.index("app") < order.index("app-api")


def test_a_second_build_gives_the_engine_nothing_to_do(world: World) -> None:
    world.run("build", "^app$")
    before = len(world.notes("calls"))
    assert world.run("build", "--nopull", "^app$") == Outcome(0, REUSED, "")
    assert {call[0] for call in world.notes("calls")[before:]} == {"images"}


def test_a_second_build_takes_away_what_a_killed_run_left(world: World) -> None:
    world.run("build", "^app$")
    left = world.cache / "runs" / "run-dead"
    left.mkdir()
    for name in ("lock", "journal.json"):
        (left / name).touch()
    assert world.run("build", "--nopull", "^app$") == Outcome(0, REUSED, "")
    assert not left.exists()


def test_a_second_build_looks_for_a_newer_base_and_for_nothing_else(world: World) -> None:
    world.run("build", "^app$")
    before = len(world.notes("calls"))
    assert world.run("build", "^app$") == Outcome(0, REUSED, "")
    pulls = [call[-1] for call in world.notes("calls")[before:] if call[0] == "pull" and "--help" not in call]
    assert pulls == ["example.org/debian:trixie"]


def test_another_tag_is_given_to_what_is_there(world: World) -> None:
    world.run("build", "^app$")
    assert world.run("build", "^app$", "--tag", "new") == Outcome(0, REUSED, "")
    assert world.built() == ["base", "app"]
    assert {"localhost/kolla/app:new", "localhost/kolla/app:2026.2-debian-trixie"} <= world.names()


def test_force_builds_again_what_was_asked_for(world: World) -> None:
    world.run("build", "^app$")
    assert world.run("build", "--force", "^app$").code == 0
    assert world.built() == ["base", "app", "app"]


def test_the_flags_that_name_images_make_every_name(world: World) -> None:
    flags = ("--registry", "r.example:5000", "--namespace", "cloud", "--image-name-prefix", "my-", "--tag", "1")
    assert world.run("build", "^app$", *flags).code == 0
    assert {"r.example:5000/cloud/my-base:1", "r.example:5000/cloud/my-app:1"} <= world.names()
    assert world.order("app")["from"] == ["r.example:5000/cloud/my-base:1"]


def test_labels_say_what_an_image_is_and_what_it_is_made_of(world: World) -> None:
    world.run("build", "^app$", "--tag", "1")
    labels = dict(world.order("app")["labels"])
    fingerprint = labels.pop("kollage.fingerprint")
    assert f"kolla/app:fp-{fingerprint}" in world.order("app")["tags"]
    assert world.run("--version").out == f"kollage {labels.pop('kolla_version')}\n"
    assert labels == {
        "org.opencontainers.image.description": "The image app",
        "org.opencontainers.image.title": "app",
        "org.opencontainers.image.vendor": "Kollage",
        "org.opencontainers.image.version": "1",
    }


class TestTheNetworkOfTheHost:
    """Proxies, indexes and certificates are there while an image is built, and nowhere afterwards."""

    PROXY = "http://user:hush@proxy.example:3128"

    def build(self, world: World) -> Outcome:
        authority = world.write("home/authority.pem", "-----BEGIN CERTIFICATE-----\n")
        return world.run("build", "^app$", https_proxy=self.PROXY, SSL_CERT_FILE=str(authority))

    def test_is_given_to_a_build_in_files_that_only_the_owner_reads(self, world: World) -> None:
        assert self.build(world).code == 0
        secrets = world.order("app")["secrets"]
        assert {name: secret["mode"] for name, secret in secrets.items()} == dict.fromkeys(
            ("network", "ca-bundle", "apt"), "0o600"
        )
        assert f"export https_proxy={self.PROXY}\n" in secrets["network"]["content"]
        assert secrets["ca-bundle"]["content"] == "-----BEGIN CERTIFICATE-----\n"

    def test_is_gone_when_the_build_has_ended(self, world: World) -> None:
        self.build(world)
        assert not any(Path(secret["path"]).exists() for secret in world.order("app")["secrets"].values())
        assert world.scratch == []

    def test_is_in_no_label_command_or_recipe_and_not_in_the_log(self, world: World) -> None:
        outcome = self.build(world)
        order = world.order("app")
        logs = [path.read_text(encoding="utf-8") for path in world.cache.rglob("*.log")]
        for text in (json.dumps([order["command"], order["labels"], order["dockerfile"]]), outcome.out, *logs):
            assert "proxy.example" not in text
            assert "hush" not in text
            assert "authority" not in text

    def test_does_not_change_what_an_image_is(self, world: World) -> None:
        self.build(world)
        assert world.run("build", "^app$") == Outcome(0, REUSED, "")


def test_build_arguments_reach_the_engine_and_are_part_of_the_recipe(world: World) -> None:
    world.run("build", "^base$")
    configured = (world.home / "kolla-build.conf").read_text(encoding="utf-8")
    world.configure(f"{configured}build_args = colour:red\n")
    assert "build argument colour is new" in world.run("plan", "^base$").out
    world.run("build", "^base$")
    assert world.order("base")["build_args"] == ["colour=red"]


def test_results_as_json_are_one_document(world: World) -> None:
    outcome = world.run("build", "--format", "json", "^base$")
    assert (outcome.code, outcome.err) == (0, "")
    told = json.loads(outcome.out)
    (result,) = told["results"]
    assert result.pop("seconds") > 0
    assert result == {
        "step": "build:base",
        "image": "base",
        "status": "built",
        "reason": "never built",
        "size": 100_000_000,
        "reference": "kolla/base:2026.2-debian-trixie",
        "log": "~/cache/kollage/logs/RUN/base.log",
        "command": "",
        "findings": [],
        "excepted": 0,
    }
    assert {status: number for status, number in told["counts"].items() if number} == {"built": 1}
    assert told["exit_code"] == 0


def test_quiet_prints_only_how_it_ended(world: World) -> None:
    assert world.run("build", "--quiet", "^app$") == Outcome(0, "2 built in 0s\n", "")


def test_debug_prints_what_the_engine_says_behind_the_name_of_the_image(world: World) -> None:
    world.behave(images={"base": {"prints": ["Get:1 packages"]}})
    lines = world.run("build", "--debug", "^base$").out.splitlines()
    assert "base | STEP 3: RUN make base" in lines
    assert "base | Get:1 packages" in lines


def test_every_image_has_a_log_with_all_that_the_engine_said(world: World) -> None:
    world.behave(images={"base": {"prints": ["Get:1 packages"]}})
    logs = world.root / "my/logs"
    outcome = world.run("build", "--logs-dir", str(logs), "^app$")
    assert "base: building (log: ~/my/logs/base.log)" in outcome.out
    assert sorted(path.name for path in logs.iterdir()) == ["app.log", "base.log"]
    assert (logs / "base.log").read_text(encoding="utf-8").splitlines()[-2:] == [
        "STEP 3: RUN make base",
        "Get:1 packages",
    ]


def test_the_rendered_tree_is_kept_in_a_work_dir(world: World) -> None:
    world.write("images/app/app.conf", "colour = red")
    work = world.root / "my/work"
    assert world.run("build", "--work-dir", str(work), "^app$").code == 0
    assert sorted(path.name for path in (work / "docker").iterdir()) == [".kollage", "app", "base"]
    assert (work / "docker/app/app.conf").read_text(encoding="utf-8") == "colour = red"
    assert (work / "docker/app/Dockerfile").read_text(encoding="utf-8") == world.run("show", "app").out


def test_an_image_that_is_not_supported_is_left_out_with_the_reason(world: World) -> None:
    world.image("tool", 'parent = "base"\nunsupported.debian = "it was dropped in trixie"\n')
    outcome = world.run("build")
    assert (outcome.code, outcome.err) == (0, "tool is left out: it was dropped in trixie\n")
    assert sorted(world.built()) == ["app", "app-api", "base"]


def test_an_image_of_the_catalogue_that_comes_with_kollage_is_built(world: World) -> None:
    world.configure("[DEFAULT]\nbase_image = example.org/debian\n")
    assert world.run("build", "^memcached$").code == 0
    assert world.built() == ["base", "memcached"]
