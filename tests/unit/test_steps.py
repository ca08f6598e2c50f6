"""Every step of an image has a log of its own."""

from dataclasses import replace

from kollage.steps import Action, Decision, Lane, Step

BUILD = Step(
    id="build:app", image="app", decision=Decision(action=Action.BUILD, reason=""), identity="1", reference="app:1"
)


def test_the_log_of_what_makes_an_image_has_its_name() -> None:
    assert BUILD.log_name == "app.log"
    assert replace(BUILD, id="bootstrap:trixie", image="trixie").log_name == "trixie.log"


def test_a_service_that_is_started_does_not_write_into_the_log_of_its_proof() -> None:
    names = [replace(BUILD, id=f"{kind}:app", lane=Lane.VERIFY).log_name for kind in ("start", "verify")]
    assert names == ["app.start.log", "app.verify.log"]


def test_variants_of_an_image_have_logs_of_their_own() -> None:
    step = replace(BUILD, id="push:app@debian-arm64", image="app@debian-arm64", lane=Lane.PUSH)
    assert step.log_name == "app@debian-arm64.push.log"
