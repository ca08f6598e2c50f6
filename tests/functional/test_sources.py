"""Sources that cannot be had or are not what was promised, and those that are known by their address alone."""

import hashlib
from collections.abc import Iterator

import pytest

from tests.functional.server import Site, archive, served
from tests.functional.world import World

FIRST = archive({"app-1/setup.py": "first"})
SECOND = archive({"app-1/setup.py": "second"})


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


def give_app_a_source(world: World, site: Site, more: str = "") -> str:
    """Let `app` have a source of the site, and return its address."""
    address = f"{site.address}/app.tar.gz"
    world.image("app", f'parent = "base"\n[source]\ntype = "url"\nlocation = "{address}"\n{more}', "RUN make app\n")
    return address


def failure(world: World, *flags: str) -> str:
    """What is said about `app` at the end of a build in which it alone fails, with what stands on it."""
    outcome = world.run("build", *flags)
    assert (outcome.code, outcome.err) == (1, "")
    assert "\n2 built, 1 failed, 1 blocked in 0s\n" in outcome.out
    assert "app" not in world.built()
    return outcome.out.partition("\n\napp failed ")[2]


class TestASourceThatCannotBeHad:
    def test_is_named_with_its_address_and_the_answer(self, world: World, site: Site) -> None:
        address = give_app_a_source(world, site)
        assert (
            failure(world)
            == f"""\
after 0s (log: ~/cache/kollage/logs/RUN/app.log)
  source 'app': {address} is not there (404 Not Found)
  check the address and the version in it
  repeat it with:
    kollage build '^app$'

1 blocked (app failed): app-api
"""
        )

    def test_is_told_in_the_log_too(self, world: World, site: Site) -> None:
        address = give_app_a_source(world, site)
        world.run("build", "--logs-dir", str(world.root / "logs"))
        log = (world.root / "logs/app.log").read_text(encoding="utf-8")
        assert log.startswith(f"app failed: source 'app': {address} is not there (404 Not Found)\n")

    def test_of_another_content_than_promised_is_refused_with_both_checksums(self, world: World, site: Site) -> None:
        site.pages["/app.tar.gz"] = FIRST
        address = give_app_a_source(world, site, f'sha256 = {{ "" = "{"a" * 64}" }}\n')
        told = failure(world)
        got = hashlib.sha256(FIRST).hexdigest()
        assert f"  source 'app': {address} gives the sha256 {got}, not {'a' * 64}\n" in told
        assert "  it was changed or damaged on the way; if the change is right, correct sha256\n" in told

    def test_cut_short_is_called_damaged(self, world: World, site: Site) -> None:
        site.pages["/app.tar.gz"] = FIRST[:-20]
        address = give_app_a_source(world, site)
        told = failure(world)
        assert f"  source 'app': {address} is damaged or incomplete: " in told
        assert "  fetch it again, or make it anew\n" in told

    def test_that_is_a_page_about_an_error_is_called_no_archive(self, world: World, site: Site) -> None:
        site.pages["/app.tar.gz"] = b"<html>Sign in</html>"
        address = give_app_a_source(world, site)
        assert f"  source 'app': {address} is no archive\n" in failure(world)

    def test_with_a_member_outside_its_folder_is_refused(self, world: World, site: Site) -> None:
        site.pages["/app.tar.gz"] = archive({"../../etc/passwd": "root"})
        give_app_a_source(world, site)
        assert "../../etc/passwd" in failure(world)

    def test_on_this_machine_is_named_with_its_path(self, world: World) -> None:
        world.image("app", 'parent = "base"\n[source]\ntype = "local"\nlocation = "nowhere"\n')
        outcome = world.run("build")
        assert outcome.code == 1
        assert outcome.err == (
            "error: source 'app': there is no folder or archive ~/here/nowhere\n"
            "hint: check the location and locals_base\n"
        )


class TestASourceWithoutAChecksum:
    def test_is_packed_into_the_context(self, world: World, site: Site) -> None:
        site.pages["/app.tar.gz"] = FIRST
        give_app_a_source(world, site)
        assert world.run("build", "^app$").code == 0
        assert "app-archive" in world.order("app")["context"]

    def test_does_not_make_a_second_run_build_again(self, world: World, site: Site) -> None:
        site.pages["/app.tar.gz"] = FIRST
        give_app_a_source(world, site)
        assert world.run("build", "^app").out.endswith("\n3 built in 0s\n")
        assert world.run("build", "^app").out.endswith("\n3 reused in 0s\n")
        assert site.asked == {"/app.tar.gz": 1}

    def test_is_not_fetched_for_a_plan(self, world: World, site: Site) -> None:
        site.pages["/app.tar.gz"] = FIRST
        give_app_a_source(world, site)
        assert world.run("plan").code == 0
        assert site.asked == {}

    def test_is_planned_by_what_was_fetched(self, world: World, site: Site) -> None:
        site.pages["/app.tar.gz"] = FIRST
        give_app_a_source(world, site)
        world.run("build", "^app$")
        assert world.run("plan", "^app$").out.endswith("\n2 to reuse\n")

    def test_is_fetched_anew_when_forced(self, world: World, site: Site) -> None:
        site.pages["/app.tar.gz"] = FIRST
        give_app_a_source(world, site)
        world.run("build", "^app$")
        site.pages["/app.tar.gz"] = SECOND
        assert world.run("build", "^app$").out.endswith("\n2 reused in 0s\n")
        assert world.run("build", "^app$", "--force").out.endswith("\n1 built, 1 reused in 0s\n")
        assert site.asked == {"/app.tar.gz": 2}
        first, second = (order for order in world.notes("orders") if "app-archive" in order["context"])
        assert first["labels"]["kollage.fingerprint"] != second["labels"]["kollage.fingerprint"]
        assert world.run("build", "^app$").out.endswith("\n2 reused in 0s\n")

    def test_that_two_images_share_is_fetched_once_when_forced(self, world: World, site: Site) -> None:
        site.pages["/app.tar.gz"] = FIRST
        address = give_app_a_source(world, site)
        world.image("tool", f'parent = "base"\n[source]\ntype = "url"\nlocation = "{address}"\n')
        world.run("build", "--force", "^app$", "^tool$")
        assert site.asked == {"/app.tar.gz": 1}


def test_a_section_of_the_configuration_replaces_a_source(world: World, site: Site) -> None:
    site.pages["/mine.tar.gz"] = FIRST
    give_app_a_source(world, site)
    configured = (world.home / "kolla-build.conf").read_text(encoding="utf-8")
    world.configure(f"{configured}[app]\ntype = url\nlocation = {site.address}/mine.tar.gz\n")
    assert world.run("build", "^app$").code == 0
    assert site.asked == {"/mine.tar.gz": 1}
