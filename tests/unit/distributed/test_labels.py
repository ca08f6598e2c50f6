import pytest

from kollage import __version__
from kollage.distributed.labels import Labels, lacking, needed, of_workers, offered
from kollage.steps import Action, Decision, Lane, Step

SLOTS = {Lane.BUILD: 4, Lane.PUSH: 2, Lane.VERIFY: 1}
STEP = Step(id="build:a", image="a", decision=Decision(action=Action.BUILD, reason="new"), identity="", reference="")
FREE = 50 * 10**9


def worker(*platforms: str, engine: str = "buildah", free: int = FREE, takes: bool = True) -> Labels:
    return Labels(name="w", takes=takes, resources=offered(SLOTS, platforms or ("linux/amd64",), engine, free))


def test_a_worker_that_has_all_lacks_nothing() -> None:
    assert lacking(needed(STEP, "linux/amd64", "auto"), [worker()]) == ""
    assert lacking(needed(STEP, "linux/amd64", "buildah"), [worker()]) == ""


@pytest.mark.parametrize(
    ("platform", "engine", "workers", "said"),
    [
        ("linux/amd64", "auto", [], "there is no worker"),
        ("linux/arm64", "auto", [worker()], "no worker has platform linux/arm64"),
        ("linux/amd64", "podman", [worker()], "no worker has engine podman"),
        ("linux/amd64", "auto", [worker(free=10**9)], "no worker has disk"),
        ("linux/amd64", "auto", [worker(takes=False)], "w takes nothing now"),
        ("linux/arm64", "podman", [worker(engine="podman"), worker("linux/arm64")], "all of it at once"),
    ],
)
def test_what_is_lacking_is_said(platform: str, engine: str, workers: list[Labels], said: str) -> None:
    assert said in lacking(needed(STEP, platform, engine), workers)


def test_another_version_is_refused_with_both() -> None:
    old = Labels(
        name="w", takes=True, resources={"kollage 0.0.9": 1e6, "build": 4, "disk": 50, "platform linux/amd64": 1e6}
    )
    assert old.version == "0.0.9"
    said = lacking(needed(STEP, "linux/amd64", "auto"), [old])
    assert __version__ in said
    assert "0.0.9" in said


def test_a_worker_of_somebody_else_has_no_version() -> None:
    info = {"workers": {"tcp://a": {"name": "x", "status": "running", "resources": {}}}}
    assert of_workers(info)["tcp://a"].version == ""


def test_a_worker_that_is_paused_takes_nothing() -> None:
    info = {"workers": {"tcp://a": {"name": "x", "status": "paused", "resources": {}}}}
    assert not of_workers(info)["tcp://a"].takes
