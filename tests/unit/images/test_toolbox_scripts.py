"""The files of the toolbox image: it stays alive, stops at once, and starts whatever its log looks like."""

import configparser
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

IMAGE = Path(__file__).parents[3] / "src" / "kollage" / "images" / "kolla-toolbox"
BASH = shutil.which("bash") or "/bin/bash"


def source(tmp_path: Path, *, install: str = "touch ${!#}") -> subprocess.CompletedProcess[str]:
    """Source extend_start.sh as kolla_start does; the fake install logs its arguments."""
    command = tmp_path / "bin" / "install"
    command.parent.mkdir()
    command.write_text(f'#!{BASH}\necho "$@" >> {tmp_path}/calls\n{install}\n')
    command.chmod(0o755)
    text = (IMAGE / "extend_start.sh").read_text().replace("/var/log", f"{tmp_path}/log")
    program = f"set -o errexit -o pipefail -o nounset\n{text}\necho STARTED"
    return subprocess.run(
        [BASH, "-c", program],
        env={"PATH": f"{command.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("name", ["kolla_toolbox.sh", "extend_start.sh"])
def test_every_script_is_valid_bash(name: str) -> None:
    subprocess.run([BASH, "-n", IMAGE / name], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", IMAGE / name], check=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_the_toolbox_runs_until_it_is_told_to_stop_and_then_ends_well(number: signal.Signals) -> None:
    with subprocess.Popen([BASH, IMAGE / "kolla_toolbox.sh"], stdout=subprocess.PIPE) as process:
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(number)
        # Nothing it has started keeps the pipe open.
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert output == b""


def test_a_missing_log_is_made_for_the_whole_group(tmp_path: Path) -> None:
    (tmp_path / "log/kolla").mkdir(parents=True)
    assert source(tmp_path).stdout == "STARTED\n"
    log = tmp_path / "log/kolla/ansible.log"
    assert (tmp_path / "calls").read_text() == f"-m 0664 -g kolla /dev/null {log}\n"
    assert log.exists()


def test_an_existing_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "log/kolla/ansible.log"
    log.parent.mkdir(parents=True)
    log.write_text("kept")
    assert source(tmp_path).stdout == "STARTED\n"
    assert not (tmp_path / "calls").exists()
    assert log.read_text() == "kept"


def test_a_log_that_cannot_be_made_does_not_stop_the_start(tmp_path: Path) -> None:
    result = source(tmp_path, install="exit 1")
    assert result.stdout == "STARTED\n"
    assert "will not log" in result.stderr


def test_ansible_logs_where_kolla_ansible_looks_and_runs_modules_from_tmp() -> None:
    parser = configparser.ConfigParser()
    parser.read(IMAGE / "ansible.cfg")
    assert dict(parser["defaults"]) == {
        "log_path": "/var/log/kolla/ansible.log",
        "remote_tmp": "/tmp",
        "inject_facts_as_vars": "false",
    }


def test_sudo_looks_into_the_toolbox_environment_first_and_grants_one_module_only() -> None:
    lines = (IMAGE / "ansible_sudoers").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0].startswith("Defaults secure_path = /opt/ansible/bin:")
    assert [line for line in rules if "NOPASSWD" in line] == ["ansible ALL = (root) NOPASSWD: FIND_DISKS"]
    assert "Cmnd_Alias FIND_DISKS = /opt/ansible/bin/ansible localhost -m find_disks -a *" in rules
    if shutil.which("visudo"):
        subprocess.run(["visudo", "-c", "-f", IMAGE / "ansible_sudoers"], check=True, capture_output=True)
