"""kolla_install_projects: projects under development take the place of those of the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.images.conftest import Stage

PIP = "/var/lib/kolla/venv/bin/pip"


def with_pip(stage: Stage, body: str = "") -> None:
    stage.file(PIP, f'#!/bin/bash\necho "pip $*" >> "$CALLS"\n{body}\n').chmod(0o755)


def test_each_mounted_project_is_installed_over_the_one_of_the_image(stage: Stage) -> None:
    with_pip(stage)
    stage.file("/dev-mode/nova/setup.py")
    stage.file("/dev-mode/os vif/setup.py")

    result = stage.run("kolla_install_projects")

    assert result.returncode == 0, result.stderr
    assert stage.calls == [f"pip install --upgrade {stage.root}/dev-mode/{name}" for name in ("nova", "os vif")]


def test_nothing_happens_outside_of_development(stage: Stage) -> None:
    with_pip(stage)

    assert stage.run("kolla_install_projects").returncode == 0
    assert stage.calls == []


def test_nothing_happens_without_an_environment_to_install_into(stage: Stage) -> None:
    stage.file("/dev-mode/nova/setup.py")

    assert stage.run("kolla_install_projects").returncode == 0


def test_no_project_is_no_failure(stage: Stage) -> None:
    with_pip(stage)
    (stage.root / "dev-mode").mkdir()

    assert stage.run("kolla_install_projects").returncode == 0
    assert stage.calls == []


def test_a_project_that_cannot_be_installed_ends_the_start(stage: Stage) -> None:
    with_pip(stage, "exit 2")
    stage.file("/dev-mode/nova/setup.py")

    assert stage.run("kolla_install_projects").returncode == 2


def test_the_caller_cannot_slip_in_code_through_the_environment(stage: Stage) -> None:
    trap = stage.file("/trap", f"touch {stage.root}/sprung")

    assert stage.run("kolla_install_projects", BASH_ENV=str(trap)).returncode == 0
    assert not (stage.root / "sprung").exists()
