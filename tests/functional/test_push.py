"""Images on their way to a registry: each once, told one by one, and what fails takes nothing else along."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.functional.registry import Registry, serving
from tests.functional.world import Outcome, World

PUSHED = """\
base: building (log: ~/logs/base.log)
base: built in 0s
base: pushing (log: ~/logs/base.push.log)
base: pushed in 0s

image  result  time    size  reason
base   built     0s  100 MB  never built
base   pushed    0s  100 MB  --push

1 built, 1 pushed in 0s
"""
REFUSED = "Error: trying to reuse blob at destination: unauthorized: authentication required"


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving() as registry:
        yield registry


def flags(world: World, registry: Registry, cache: str = "--noregistry-cache") -> tuple[str, ...]:
    logs = ("--logs-dir", str(world.root / "logs"))
    return ("--registry", registry.host, "--tag", "1", "--retries", "1", cache, *logs)


def statuses(outcome: Outcome) -> dict[str, str]:
    """How each step ended, by the JSON that was asked for."""
    return {result["step"]: result["status"] for result in json.loads(outcome.out)["results"]}


class TestABuildThatPushes:
    def test_sends_what_it_built(self, world: World, registry: Registry) -> None:
        assert world.run("build", "--push", *flags(world, registry), "^base$") == Outcome(0, PUSHED, "")
        assert list(registry.manifests) == ["kolla/base:1"]

    def test_sends_parents_as_well(self, world: World, registry: Registry) -> None:
        world.run("build", "--push", *flags(world, registry), "^app-api$")
        assert set(registry.manifests) == {"kolla/base:1", "kolla/app:1", "kolla/app-api:1"}

    def test_sends_each_by_its_fingerprint_too(self, world: World, registry: Registry) -> None:
        outcome = world.run("build", "--push", *flags(world, registry, "--registry-cache"), "^base$")
        assert outcome.code == 0, outcome
        name, by_fingerprint = sorted(registry.manifests)
        assert name == "kolla/base:1"
        assert re.fullmatch(r"kolla/base:fp-[0-9a-f]{32}", by_fingerprint)
        assert registry.manifests[name] == registry.manifests[by_fingerprint]

    def test_sends_nothing_twice(self, world: World, registry: Registry) -> None:
        world.run("build", "--push", *flags(world, registry))
        outcome = world.run("build", "--push", *flags(world, registry))
        assert outcome.code == 0
        assert "base: pushed before, the registry has it\n" in outcome.out
        assert registry.asked["PUT"] == 4

    def test_sends_what_was_built_before(self, world: World, registry: Registry) -> None:
        world.run("build", *flags(world, registry), "^base$")
        assert statuses(world.run("build", "--push", "-f", "json", *flags(world, registry), "^base$")) == {
            "build:base": "reused",
            "push:base": "pushed",
        }

    def test_sends_a_new_image_over_an_old_one(self, world: World, registry: Registry) -> None:
        world.run("build", "--push", *flags(world, registry), "^base$")
        old = dict(registry.manifests)
        world.write("images/base/Dockerfile.j2", "RUN make base better\n")
        assert world.run("build", "--push", *flags(world, registry), "^base$").code == 0
        assert registry.manifests["kolla/base:1"] != old["kolla/base:1"]

    def test_tells_a_program_of_an_image_that_could_not_be_sent(self, world: World, registry: Registry) -> None:
        world.behave(refused="denied: requested access to the resource is denied")
        outcome = world.run("kolla-build", "--base", "debian", "--push", *flags(world, registry), "^base$")
        assert outcome.code == 1
        told = json.loads(outcome.out)
        assert told["built"] == []
        assert [(each["name"], each["status"]) for each in told["failed"]] == [("base", "push_error")]


class TestPushAlone:
    def test_sends_what_is_in_the_store_and_builds_nothing(self, world: World, registry: Registry) -> None:
        world.run("build", *flags(world, registry), "^app$")
        assert world.run("push", *flags(world, registry)).out.endswith("\n2 pushed in 0s\n")
        assert set(registry.manifests) == {"kolla/base:1", "kolla/app:1"}
        assert world.built() == ["base", "app"]

    def test_of_an_expression_sends_no_parent(self, world: World, registry: Registry) -> None:
        world.run("build", *flags(world, registry), "^app$")
        world.run("push", *flags(world, registry), "^app$")
        assert list(registry.manifests) == ["kolla/app:1"]

    def test_of_nothing_says_what_is_missing(self, world: World, registry: Registry) -> None:
        assert world.run("push", *flags(world, registry), "^app$") == Outcome(
            2,
            "",
            f"error: none of these images is in the store: {registry.host}/kolla/app:1\nhint: build them first\n",
        )


class TestARegistryThatRefuses:
    def test_the_engines_credentials_is_asked_once(self, world: World, registry: Registry) -> None:
        world.behave(refused="unauthorized: authentication required")
        outcome = world.run("build", "--push", *flags(world, registry), "^base$")
        assert outcome.code == 1
        assert "\n1 built, 1 failed in 0s\n" in outcome.out
        assert outcome.out.endswith(f"  buildah answered with exit status 125\n    {REFUSED}\n")
        pushes = [call for call in world.notes("calls") if call[0] == "push" and "--help" not in call]
        assert len(pushes) == 1

    def test_who_shows_nothing_is_told_with_the_way_to_log_in(self, world: World, registry: Registry) -> None:
        registry.login = True
        outcome = world.run("build", "--push", *flags(world, registry), "^base$")
        assert outcome.code == 1
        assert f"  {registry.host} refuses who has no credentials: 401 Unauthorized\n" in outcome.out
        assert f"  docker login {registry.host}, or buildah login {registry.host}\n" in outcome.out

    def test_a_child_takes_nothing_from_its_parents(self, world: World, registry: Registry) -> None:
        registry.answers = 403
        outcome = world.run("build", "--push", "-f", "json", *flags(world, registry), "^app$")
        assert statuses(outcome) == {
            "build:base": "built",
            "build:app": "built",
            "push:base": "failed",
            "push:app": "failed",
        }
        registry.answers = 0
        assert world.run("push", *flags(world, registry)).code == 0


def test_a_registry_that_is_busy_is_asked_again(world: World, registry: Registry) -> None:
    registry.answers = 503
    outcome = world.run("build", "--push", *flags(world, registry), "^base$")
    assert f"  {registry.host} answers 503 Service Unavailable\n" in outcome.out
    assert registry.asked == {"GET": 2}


def test_a_registry_that_is_not_there_fails_the_push_alone(world: World) -> None:
    with serving() as gone:
        pass
    outcome = world.run("build", "--push", "--registry", gone.host, "--retries", "0", "^base$")
    assert outcome.code == 1
    assert f"  the registry {gone.host} does not answer: Connection refused\n" in outcome.out
    assert "\n1 built, 1 failed in 0s\n" in outcome.out
