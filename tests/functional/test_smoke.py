"""`kollage smoke` at a cloud that is not there, that says no, or that is broken: a sentence, and never a traceback."""

import json
import threading
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.functional.world import Outcome, World
from tests.unit.smoke.fake_http import Answer, served, token

FACTS = {
    "external_network": {"name": "external", "cidr": "172.24.4.0/24"},
    "services": {"keystone": {}, "glance-api": {}},
}


@pytest.fixture
def cloud_dir(world: World) -> Path:
    world.write("cloud/cloud.json", json.dumps(FACTS))
    clouds(world, "http://127.0.0.1:1/v3")
    return world.root / "cloud"


def clouds(world: World, address: str, name: str = "kollage") -> None:
    auth = {
        "auth_url": address,
        "username": "admin",
        "password": "not-to-be-seen",
        "project_name": "admin",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }
    world.write("cloud/clouds.yaml", json.dumps({"clouds": {name: {"auth": auth, "region_name": "RegionOne"}}}))


def smoke(world: World, *flags: str) -> Outcome:
    return world.run("smoke", "--cloud-dir", str(world.root / "cloud"), *flags)


def test_where_there_is_no_cloud_the_way_to_one_is_told(world: World) -> None:
    done = smoke(world)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: there is no cloud in ~/cloud\nhint: make one with `kollage up`, or say where it is with --cloud-dir\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "does not describe a cloud"), ("[]", "does not describe a cloud"), ('{"services": {}}', "external_network")],
)
def test_a_file_that_describes_no_cloud_is_named(world: World, cloud_dir: Path, text: str, said: str) -> None:
    (cloud_dir / "cloud.json").write_text(text, encoding="utf-8")
    done = smoke(world)
    assert done.code == 2
    assert "~/cloud/cloud.json" in done.err
    assert said in done.err


def test_missing_credentials_are_named(world: World, cloud_dir: Path) -> None:
    (cloud_dir / "clouds.yaml").unlink()
    done = smoke(world)
    assert (done.code, done.err) == (2, "error: ~/cloud/clouds.yaml is missing\nhint: `kollage up` writes it\n")


@pytest.mark.parametrize("text", ["clouds: [", "clouds: {other: {}}", "", "7"])
def test_credentials_that_cannot_be_used_are_told(world: World, cloud_dir: Path, text: str) -> None:
    (cloud_dir / "clouds.yaml").write_text(text, encoding="utf-8")
    done = smoke(world)
    assert done.code == 2
    assert done.err.startswith("error: ~/cloud/clouds.yaml cannot be used: ")
    assert "Traceback" not in done.err


def test_a_cloud_that_is_down_fails_the_first_step_and_skips_the_rest(world: World, cloud_dir: Path) -> None:
    done = smoke(world)
    assert (done.code, done.err) == (1, "")
    assert "asked: a token of http://127.0.0.1:1/v3" in done.out
    assert "answer: no connection: Connection refused" in done.out
    assert "kollage status" in done.out
    assert "look at: kollage logs --cloud-dir ~/cloud keystone" in done.out
    assert "delete     skipped        nothing was made" in done.out


def test_programs_get_json_and_junit(world: World, cloud_dir: Path) -> None:
    done = smoke(world, "--format", "json", "--junit-file", str(world.root / "results.xml"))
    assert done.code == 1
    told = json.loads(done.out)
    assert told["counts"] == {"failed": 1, "passed": 0, "skipped": 12}
    (suite,) = ET.parse(world.root / "results.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("13", "1")


def test_a_wrong_password_is_told_and_not_shown(world: World, cloud_dir: Path) -> None:
    refused = {"error": {"code": 401, "message": "The request you have made requires authentication.", "title": "no"}}
    with served(lambda method, path: (401, refused) if path.endswith("/auth/tokens") else None) as address:
        clouds(world, f"{address}/v3")
        done = smoke(world)
    assert done.code == 1
    assert "401 The request you have made requires authentication." in done.out
    assert "the user or password in clouds.yaml is not the cloud's" in done.out
    assert "not-to-be-seen" not in done.out + done.err


def test_an_endpoint_that_is_broken_is_named(world: World, cloud_dir: Path) -> None:
    def answers(method: str, path: str) -> Answer | None:
        if path == "/v3/auth/tokens":
            return token(
                ("image", f"{here[0]}/image"), ("compute", "http://127.0.0.1:1/"), ("identity", f"{here[0]}/v3")
            )
        return (503, {}) if path == "/image" else None

    here: list[str] = []
    with served(answers) as address:
        here.append(address)
        clouds(world, f"{address}/v3")
        done = smoke(world)
    assert done.code == 1
    assert "asked: GET of 3 endpoints" in done.out
    (answer,) = (line for line in done.out.splitlines() if line.startswith("  answer: "))
    image, compute = answer.removeprefix("  answer: ").split("; ")
    assert image == f"image (public) {here[0]}/image: 503 Service Unavailable"
    assert compute == "compute (public) http://127.0.0.1:1/: no connection: Connection refused"


def test_two_smoke_tests_of_one_cloud_do_not_run_at_once(world: World, cloud_dir: Path) -> None:
    arrived, leave = threading.Event(), threading.Event()

    def answers(method: str, path: str) -> Answer | None:
        arrived.set()
        leave.wait(60)
        return None

    with served(answers) as address:
        clouds(world, f"{address}/v3")
        first = world.start("smoke", "--cloud-dir", str(cloud_dir))
        try:
            assert arrived.wait(60)
            second = smoke(world)
        finally:
            leave.set()
            world.end(first)
    assert second.code == 2
    assert "another smoke test of the cloud in ~/cloud is running" in second.err


def of_others(world: World, *flags: str) -> Outcome:
    return world.run("smoke", "--clouds-file", str(world.root / "cloud/clouds.yaml"), *flags)


def test_a_cloud_of_others_needs_nothing_but_the_file_of_its_clients(world: World) -> None:
    clouds(world, "http://127.0.0.1:1/v3", name="kolla-admin")
    (world.root / "cloud/clouds.yaml").chmod(0o400)
    done = of_others(world)
    assert (done.code, done.err) == (1, "")
    assert "asked: a token of http://127.0.0.1:1/v3" in done.out
    assert "look at:" not in done.out, "how its services are asked is not known"
    assert [path.name for path in (world.root / "cloud").iterdir()] == ["clouds.yaml"]


def test_a_cloud_of_others_may_have_another_name(world: World) -> None:
    clouds(world, "http://127.0.0.1:1/v3", name="mine")
    assert "asked: a token of http://127.0.0.1:1/v3" in of_others(world, "--os-cloud", "mine").out
    done = of_others(world)
    assert done.code == 2
    assert done.err.startswith("error: ~/cloud/clouds.yaml cannot be used: Cloud kolla-admin was not found.")


def test_flags_that_do_not_go_together_are_refused(world: World, cloud_dir: Path) -> None:
    assert of_others(world, "--cloud-dir", str(cloud_dir)) == Outcome(
        2, "", "error: --clouds-file and --cloud-dir name two clouds\nhint: leave out one of them\n"
    )
    assert smoke(world, "--os-cloud", "mine") == Outcome(
        2, "", "error: nothing says which file has the cloud 'mine'\nhint: name it: --clouds-file\n"
    )


def test_tempest_is_not_for_a_cloud_of_others(world: World) -> None:
    clouds(world, "http://127.0.0.1:1/v3", name="kolla-admin")
    assert of_others(world, "--tempest") == Outcome(
        2,
        "",
        "error: --tempest is for a cloud that `kollage up` made\nhint: leave out one of the two flags\n",
    )


def test_a_file_of_results_that_cannot_be_written_is_told_before_anything_is_asked(
    world: World, cloud_dir: Path
) -> None:
    done = smoke(world, "--junit-file", str(world.root / "nowhere/results.xml"))
    assert (done.code, done.out) == (2, "")
    assert "the file ~/nowhere/results.xml cannot be written" in done.err


def test_tempest_without_its_image_is_told_with_the_command_that_builds_it(world: World, cloud_dir: Path) -> None:
    done = smoke(world, "--tempest")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: the image kolla/tempest:2026.2-debian-trixie is not in the store\n"
        "hint: build it: kollage build tempest\n"
    )
