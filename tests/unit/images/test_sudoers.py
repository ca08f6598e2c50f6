"""sudoers: the start of a container may become root for three programs, and for nothing else."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SUDOERS = Path(__file__).parents[3] / "src" / "kollage" / "images" / "base" / "sudoers"
VISUDO = shutil.which("visudo", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def rules() -> list[str]:
    lines = [" ".join(line.split()) for line in SUDOERS.read_text().splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def test_the_group_may_run_the_three_programs_of_a_start_as_root_without_a_password() -> None:
    granted = {line for line in rules() if line.startswith("%kolla")}

    programs = ("kolla_set_configs", "kolla_copy_cacerts", "kolla_install_projects")
    assert granted == {f"%kolla ALL=(root) NOPASSWD: /usr/local/bin/{program}" for program in programs}


def test_the_group_may_keep_the_environment() -> None:
    assert "Defaults:%kolla setenv" in rules()


def test_programs_are_found_in_the_environment_of_the_service_first() -> None:
    places = "/var/lib/kolla/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert f'Defaults secure_path="{places}"' in rules()


def test_root_may_run_anything_as_anyone() -> None:
    assert "root ALL=(ALL:ALL) ALL" in rules()


def test_images_add_rules_of_their_own_and_nothing_else_is_said() -> None:
    assert rules()[-1] == "@includedir /etc/sudoers.d"
    assert len(rules()) == 7


@pytest.mark.skipif(VISUDO is None, reason="visudo is not installed")
def test_sudo_understands_every_line(tmp_path: Path) -> None:
    copy = tmp_path / "sudoers"
    copy.write_text(SUDOERS.read_text().replace("@includedir /etc/sudoers.d", f"@includedir {tmp_path}/none"))
    copy.chmod(0o440)

    subprocess.run([str(VISUDO), "--check", "--strict", f"--file={copy}"], check=True)
