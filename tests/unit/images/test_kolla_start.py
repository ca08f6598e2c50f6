"""kolla_start: what is done, in which order, and what becomes of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess

    from tests.unit.images.conftest import Stage

HELPERS = ["kolla_set_configs", "kolla_copy_cacerts", "kolla_install_projects"]


def ready(stage: Stage, *, command: str = "service --flag", extend: str = "") -> None:
    """An image: helpers that only log, a sudo that runs what it is given, and a service that shows its arguments."""
    stage.fake("sudo", 'if [[ $1 == -E ]]; then shift; fi\nexec "$@"')
    for helper in HELPERS:
        stage.fake(helper)
    stage.fake("service", "printf '<%s>' \"$@\"")
    stage.program("kolla_extend_start", extend).chmod(0o644)
    stage.file("/run_command", command)


def last_line(result: subprocess.CompletedProcess[str]) -> str:
    return result.stdout.splitlines()[-1]


def test_configuration_certificates_and_projects_come_before_the_service(stage: Stage) -> None:
    ready(stage)

    result = stage.run("kolla_start")

    assert result.returncode == 0, result.stderr
    assert stage.calls == [
        "sudo -E kolla_set_configs",
        "kolla_set_configs",
        "sudo kolla_copy_cacerts",
        "kolla_copy_cacerts",
        "sudo kolla_install_projects",
        "kolla_install_projects",
        "service --flag",
    ]


def test_the_command_is_told_before_it_runs_and_every_step_is_traced(stage: Stage) -> None:
    ready(stage, extend="ARGS='--more'")

    result = stage.run("kolla_start")

    assert "service --flag --more" in result.stdout.splitlines()[0]
    assert "+ sudo -E kolla_set_configs" in result.stderr


def test_the_image_may_add_arguments_and_variables(stage: Stage) -> None:
    ready(stage, extend="ARGS='--one --two'\nexport ANSWER=42")
    stage.fake("service", 'echo "$* $ANSWER"')

    assert last_line(stage.run("kolla_start")) == "--flag --one --two 42"


def test_the_image_may_end_the_start_once_its_task_is_done(stage: Stage) -> None:
    ready(stage, extend="exit 0")

    result = stage.run("kolla_start")

    assert result.returncode == 0
    assert "service --flag" not in stage.calls


@pytest.mark.parametrize("value", ["", "1"])
def test_the_image_has_no_say_if_it_is_skipped_even_with_an_empty_value(stage: Stage, value: str) -> None:
    ready(stage, extend="exit 3")

    assert stage.run("kolla_start", KOLLA_SKIP_EXTEND_START=value).returncode == 0
    assert stage.calls[-1] == "service --flag"


def test_quotes_in_the_command_mean_nothing_and_wildcards_are_expanded(stage: Stage) -> None:
    matching = [stage.file(f"/conf/{name}.ini") for name in "ab"]
    ready(stage, command=f"service 'one  two' {stage.root}/conf/*.ini")

    expected = ["'one", "two'", *map(str, matching)]
    assert last_line(stage.run("kolla_start")) == "".join(f"<{word}>" for word in expected)


@pytest.mark.parametrize("failing", HELPERS)
def test_a_failing_step_ends_the_start_with_its_status(stage: Stage, failing: str) -> None:
    ready(stage)
    stage.fake(failing, "exit 7")

    assert stage.run("kolla_start").returncode == 7
    assert "service --flag" not in stage.calls


@pytest.mark.parametrize("extend", ["false", 'echo "$NOT_SET"', "false | true"])
def test_the_image_is_held_to_the_same_strictness(stage: Stage, extend: str) -> None:
    ready(stage, extend=extend)

    assert stage.run("kolla_start").returncode != 0
    assert "service --flag" not in stage.calls


def test_a_container_without_a_command_does_not_start(stage: Stage) -> None:
    ready(stage)
    (stage.root / "run_command").unlink()

    assert stage.run("kolla_start").returncode != 0


def test_the_service_takes_the_place_of_the_script(stage: Stage) -> None:
    ready(stage, extend="echo $$ > $ROOT/pid")
    stage.fake("service", "echo $$")

    assert last_line(stage.run("kolla_start", ROOT=str(stage.root))) == (stage.root / "pid").read_text().strip()
