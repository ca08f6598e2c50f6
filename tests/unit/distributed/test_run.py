"""The run against a farm of our own: what Dask's does is seen with real ones, in tests/engine/distributed."""

from collections.abc import Callable, Mapping
from typing import Any

from kollage.distributed.farm import Errand
from kollage.distributed.labels import Labels
from kollage.distributed.orders import Ticket
from kollage.distributed.placement import Load
from kollage.distributed.run import execute
from kollage.distributed.site import Unfit
from kollage.results import Result, Status
from kollage.steps import Action, Decision, Plan, Step

NEEDED = {"build": 1.0}
ONE = {"tcp://one": Labels(name="one", takes=True, resources={"build": 1.0})}
Answer = Callable[[str], Result]


def step(name: str, *needs: str, action: Action = Action.BUILD) -> Step:
    return Step(
        id=name,
        image=name,
        decision=Decision(action=action, reason="why"),
        identity="",
        reference=f"r/{name}",
        needs=needs,
    )


def errand(name: str, parent: str = "") -> Errand:
    load = Load(kind="any", seconds=1, path=1, layer=0, parent=parent)
    return Errand(ticket=Ticket(place="", plan="", name=name, key=name), needed=NEEDED, load=load)


class Future:
    """A step that was handed over, and what comes of it."""

    def __init__(self, name: str, answer: Answer, status: str = "finished") -> None:
        self.name = name
        self.status = status
        self._answer = answer

    def result(self, timeout: float) -> tuple[Result, str]:
        return self._answer(self.name), "tcp://one"


class Farm:
    """Does each step at once, on its one worker."""

    def __init__(self, answer: Answer, *, loses: int = 0, workers: Mapping[str, Labels] = ONE) -> None:
        self.patience = 0.0
        self.handed: list[tuple[str, str]] = []
        self.said: list[str] = []
        self.opened = 0
        self.known = workers
        self._answer = answer
        self._loses = loses
        self._ended: list[Future] = []

    def submit(self, step: Step, errand: Errand, host: str = "") -> Future:
        self.handed.append((step.id, host))
        lost = self._loses > 0
        self._loses -= 1
        future = Future(step.id, self._answer, "cancelled" if lost else "finished")
        self._ended.append(future)
        return future

    def wait(self) -> list[Future]:
        ended, self._ended = self._ended, []
        return ended

    def is_lost(self) -> bool:
        return False

    def reopen(self) -> None:
        self.opened += 1

    def workers(self) -> Mapping[str, Labels]:
        return self.known

    def tell(self, text: str) -> None:
        self.said.append(text)


def built(name: str) -> Result:
    return Result(step="", image="", status=Status.BUILT, reason="done", reference="r/by-fingerprint")


def failing(bad: str) -> Answer:
    return lambda name: Result(step="", image="", status=Status.FAILED, reason="no") if name == bad else built(name)


def outcomes(steps: list[Step], farm: Farm, errands: Mapping[str, Errand]) -> dict[str, tuple[Status, str]]:
    anything: Any = farm
    plan = Plan(steps={each.id: each for each in steps})
    return {result.step: (result.status, result.reason) for result in execute(plan, errands, anything)}


def test_a_child_is_handed_over_after_its_parent_to_who_has_it() -> None:
    farm = Farm(built)
    found = outcomes([step("base"), step("app", "base")], farm, {"base": errand("base"), "app": errand("app", "base")})
    assert found == {"base": (Status.BUILT, "done"), "app": (Status.BUILT, "done")}
    assert farm.handed == [("base", "tcp://one"), ("app", "tcp://one")]


def test_results_are_those_of_this_run_whatever_the_worker_calls_them() -> None:
    anything: Any = Farm(built)
    (result,) = execute(Plan(steps={"app": step("app")}), {"app": errand("app")}, anything)
    assert (result.step, result.image, result.reference) == ("app", "app", "r/app")


def test_a_child_of_a_failed_parent_is_blocked_and_never_handed_over() -> None:
    farm = Farm(failing("base"))
    found = outcomes([step("base"), step("app", "base")], farm, {"base": errand("base"), "app": errand("app", "base")})
    assert found == {"base": (Status.FAILED, "no"), "app": (Status.BLOCKED, "base failed")}
    assert farm.handed == [("base", "tcp://one")]


def test_a_step_without_an_errand_is_there_already_and_its_children_begin() -> None:
    farm = Farm(built)
    steps = [step("base", action=Action.PUBLISHED), step("app", "base")]
    assert outcomes(steps, farm, {"app": errand("app")}) == {
        "base": (Status.REUSED, "why"),
        "app": (Status.BUILT, "done"),
    }


def test_what_a_lost_scheduler_had_is_handed_over_again() -> None:
    farm = Farm(built, loses=2)
    found = outcomes([step("base"), step("app", "base")], farm, {"base": errand("base"), "app": errand("app", "base")})
    assert {status for status, _ in found.values()} == {Status.BUILT}
    assert [name for name, _ in farm.handed] == ["base", "base", "base", "app"]
    assert farm.opened == 2


def test_a_step_that_no_worker_could_do_has_failed_with_what_they_said() -> None:
    def unfit(_name: str) -> Result:
        raise Unfit("w1: the registry is away")

    assert outcomes([step("base")], Farm(unfit), {"base": errand("base")}) == {
        "base": (Status.FAILED, "w1: the registry is away")
    }


def test_a_step_for_which_no_worker_comes_is_given_up_in_the_end() -> None:
    found = outcomes([step("base"), step("app", "base")], Farm(built, workers={}), {"base": errand("base")})
    assert found["base"] == (Status.FAILED, "no worker has come that could do it: there is no worker")
    assert found["app"][0] is Status.BLOCKED
