"""What a smoke test finds out of a cloud, and that it leaves nothing there."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.smoke.fake_cloud import Clock, FakeCloud, bench_of, reach_of

from kollage.errors import SourceError
from kollage.guests import Guest
from kollage.report.smoke import FAILED, PASSED, SKIPPED, Outcome
from kollage.smoke.bench import Bench
from kollage.smoke.cloud import Kind, Server
from kollage.smoke.course import Step, outcomes
from kollage.smoke.reach import Reach

ALL = (
    "token", "catalogue", "leftovers", "guest", "image", "flavour", "network", "instance", "console", "ping", "page",
    "volume", "delete",
)  # fmt: skip


@pytest.fixture
def cloud() -> FakeCloud:
    return FakeCloud(clock=Clock())


def gone_through(bench: Bench, *, leave: bool = False) -> Mapping[str, Outcome]:
    return {outcome.step: outcome for outcome in outcomes(bench, (), leave=leave)}


def failure(found: Mapping[str, Outcome]) -> Outcome:
    (one,) = (outcome for outcome in found.values() if outcome.status == FAILED)
    return one


def statuses(found: Mapping[str, Outcome]) -> Mapping[str, str]:
    return {step: outcome.status for step, outcome in found.items()}


def test_a_cloud_that_works_passes_every_step_and_is_as_it_was(cloud: FakeCloud, tmp_path: Path) -> None:
    found = gone_through(bench_of(cloud, tmp_path))
    assert statuses(found) == dict.fromkeys(ALL, PASSED)
    assert cloud.things == {}


def test_each_step_tells_what_was_seen_and_how_long_it_took(cloud: FakeCloud, tmp_path: Path) -> None:
    found = gone_through(bench_of(cloud, tmp_path))
    assert found["token"].detail == "admin in admin, until tomorrow"
    assert found["catalogue"].detail == "5 endpoints of 5 services"
    assert found["instance"].detail == "active on here, 192.168.213.7"
    assert found["instance"].seconds == 12.0
    assert found["console"].detail == "192.168.213.7 by DHCP, metadata served"
    assert found["ping"].detail == "203.0.113.9 time=1.2 ms"
    assert found["volume"].detail == "1 GiB, 1 MiB written and read back as vdb"
    assert found["delete"].detail == (
        "1 instance, 1 volume, 1 floating IP, 1 router, 1 network, 1 security group, 1 flavour, 3 images"
    )


def test_a_cloud_without_volumes_is_not_asked_for_any(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.services = ("identity", "image", "compute", "network")
    found = gone_through(bench_of(cloud, tmp_path))
    assert (found["volume"].status, found["volume"].detail) == (SKIPPED, "not in this cloud")
    assert not any("volume" in request for request in cloud.requests)
    assert found["delete"].status == PASSED


def test_after_a_failure_the_rest_is_skipped_and_everything_deleted(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.fault = "No valid host was found."
    found = gone_through(bench_of(cloud, tmp_path))
    assert found["console"].detail == "instance failed"
    assert [found[step].status for step in ("console", "ping", "page", "volume", "delete")] == [SKIPPED] * 4 + [PASSED]
    assert cloud.things == {}


def test_an_instance_in_error_tells_its_fault_and_whose_logs_may_say_more(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.fault = "No valid host was found."
    one = failure(gone_through(bench_of(cloud, tmp_path)))
    assert one.step == "instance"
    assert one.answered == "it is in ERROR: No valid host was found."
    assert one.logs[:2] == ("kollage logs nova-compute", "kollage logs nova-libvirt")


def test_logs_are_named_of_services_that_there_are(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.fault = "no"
    one = failure({o.step: o for o in outcomes(bench_of(cloud, tmp_path), ("nova-conductor", "horizon"))})
    assert one.logs == ("kollage logs nova-conductor",)


def test_an_instance_that_does_not_get_active_tells_what_it_still_does(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.boots_after = 1000
    one = failure(gone_through(bench_of(cloud, tmp_path)))
    assert one.answered == "it is still BUILD (spawning) after 60 s"


def test_an_instance_that_goes_away_while_it_boots_is_told(cloud: FakeCloud, tmp_path: Path) -> None:
    class Forgetful(FakeCloud):
        def server(self, identity: str) -> Server | None:
            return None

    one = failure(gone_through(bench_of(Forgetful(clock=Clock()), tmp_path)))
    assert (one.step, one.answered) == ("instance", "it is gone")


def test_a_guest_that_says_nothing_leaves_the_last_lines_of_its_console(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.speaks_after = 1000
    one = failure(gone_through(bench_of(cloud, tmp_path)))
    assert (one.step, one.tail) == ("console", ("kollage-guest: started",))


def test_a_guest_that_takes_itself_for_another_one_is_a_failure(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.says = "unknown"
    one = failure(gone_through(bench_of(cloud, tmp_path)))
    assert (one.step, one.answered) == ("console", "it says unknown and 192.168.213.7")


def test_an_address_that_does_not_answer_is_told_with_the_last_word(cloud: FakeCloud, tmp_path: Path) -> None:
    deaf = Reach(ping=lambda address: (False, "100% packet loss"), page=reach_of(cloud).page)
    one = failure(gone_through(bench_of(cloud, tmp_path, reach=deaf)))
    assert (one.step, one.asked, one.answered) == ("ping", "ping 203.0.113.9", "100% packet loss, for 60 s")
    assert one.tail[-1] == "guest login:"
    assert cloud.things == {}


def test_another_machine_behind_the_address_is_found_out(cloud: FakeCloud, tmp_path: Path) -> None:
    other = Reach(ping=reach_of(cloud).ping, page=lambda *_: (True, "<h1>Welcome</h1>"))
    one = failure(gone_through(bench_of(cloud, tmp_path, reach=other)))
    assert one.answered == "another machine answers: '<h1>Welcome</h1>'"


@pytest.mark.parametrize("word", ["different", "refused"])
def test_a_volume_that_does_not_keep_what_was_written_is_a_failure(cloud: FakeCloud, tmp_path: Path, word: str) -> None:
    cloud.written = word
    one = failure(gone_through(bench_of(cloud, tmp_path)))
    assert (one.step, one.answered) == ("volume", f"the guest says: {word} vdb 1024")
    assert {made.kind for made in cloud.things.values()} == set()


def test_a_volume_that_is_not_connected_is_told_at_once(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.connects = False
    found = gone_through(bench_of(cloud, tmp_path))
    one = failure(found)
    assert (one.step, one.answered) == ("volume", "it is available")
    assert one.seconds == 0.0
    assert cloud.things == {}


def test_what_does_not_need_the_volume_goes_on_without_it(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.connects = False
    further = (Step("tempest", lambda _bench, made: (made, made.image)),)
    found = {outcome.step: outcome for outcome in outcomes(bench_of(cloud, tmp_path), (), further=further)}
    assert (found["tempest"].status, found["tempest"].detail) == (PASSED, "image-3")
    assert failure(found).step == "volume"


def test_further_steps_are_skipped_after_a_failure(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.fault = "no"
    further = (Step("tempest", lambda _bench, made: (made, made.image)),)
    found = {outcome.step: outcome for outcome in outcomes(bench_of(cloud, tmp_path), (), further=further)}
    assert (found["tempest"].status, found["tempest"].detail) == (SKIPPED, "instance failed")


def test_a_silent_endpoint_is_named_with_its_answer(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.status = "503 Service Unavailable"
    one = failure(gone_through(bench_of(cloud, tmp_path)))
    assert one.step == "catalogue"
    assert "image (public) http://image/: 503 Service Unavailable" in one.answered.split("; ")


def test_an_empty_catalogue_is_a_failure(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.services = ()
    assert failure(gone_through(bench_of(cloud, tmp_path))).step == "catalogue"


@pytest.mark.parametrize(
    ("kind", "step"), [(Kind.IMAGE, "image"), (Kind.NETWORK, "network"), (Kind.SERVER, "instance")]
)
def test_a_quota_that_is_exceeded_is_told_where_it_is(cloud: FakeCloud, tmp_path: Path, kind: Kind, step: str) -> None:
    cloud.quota = {kind: 0}
    one = failure(gone_through(bench_of(cloud, tmp_path)))
    assert (one.step, one.answered, one.hint) == (step, "403 Quota exceeded", "raise it")
    assert cloud.things == {}


@pytest.mark.parametrize("externals", [(), ("other",)])
def test_without_the_external_network_nothing_is_made_of_a_network(
    cloud: FakeCloud, tmp_path: Path, externals: tuple[str, ...]
) -> None:
    cloud.externals = externals
    one = failure(gone_through(bench_of(cloud, tmp_path)))
    assert one.step == "network"
    assert one.answered == f"there is none (external networks: {', '.join(externals) or 'none'})"
    assert not any("network" in request for request in cloud.requests)


def test_what_a_killed_run_left_goes_first(cloud: FakeCloud, tmp_path: Path) -> None:
    gone_through(bench_of(cloud, tmp_path, run="killed"), leave=True)
    assert any("kollage-smoke-killed" in made.name for made in cloud.things.values())
    cloud.make_volume("somebody's own", size=1)
    found = gone_through(bench_of(cloud, tmp_path))
    assert statuses(found) == dict.fromkeys(ALL, PASSED)
    assert [made.name for made in cloud.things.values()] == ["somebody's own"]


def test_what_is_left_on_purpose_stays(cloud: FakeCloud, tmp_path: Path) -> None:
    found = gone_through(bench_of(cloud, tmp_path), leave=True)
    assert (found["delete"].status, found["delete"].detail) == (SKIPPED, "left to look at")
    assert any(made.kind is Kind.SERVER for made in cloud.things.values())


def test_what_cannot_be_deleted_is_named_and_the_rest_goes(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.refused = {Kind.FLAVOR}
    one = failure(gone_through(bench_of(cloud, tmp_path)))
    assert (one.step, one.answered) == ("delete", "flavour kollage-smoke-now-flavor: 403 not allowed")
    assert [made.kind for made in cloud.things.values()] == [Kind.FLAVOR]


def test_what_does_not_go_though_it_was_said_to_is_named(cloud: FakeCloud, tmp_path: Path) -> None:
    cloud.stuck = {Kind.VOLUME}
    one = failure(gone_through(bench_of(cloud, tmp_path)))
    assert (one.step, one.answered) == ("delete", "volume kollage-smoke-now-volume: it is still there")


def test_an_interrupt_deletes_what_was_made(cloud: FakeCloud, tmp_path: Path) -> None:
    def interrupted(address: str) -> tuple[bool, str]:
        raise KeyboardInterrupt

    bench = bench_of(cloud, tmp_path, reach=Reach(ping=interrupted, page=reach_of(cloud).page))
    with pytest.raises(KeyboardInterrupt):
        gone_through(bench)
    assert cloud.things == {}


def test_a_guest_that_cannot_be_made_stops_before_anything_is_made(cloud: FakeCloud, tmp_path: Path) -> None:
    def unreachable() -> Guest:
        raise SourceError("the archive is not there", hint="check the network")

    one = failure(gone_through(bench_of(cloud, tmp_path, guest=unreachable)))
    assert (one.step, one.answered, one.hint) == ("guest", "the archive is not there", "check the network")
    assert cloud.requests == []
