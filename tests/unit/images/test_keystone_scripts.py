"""The scripts of the keystone images: triggers, log ownership, and JSON that Ansible can always read."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

IMAGES = Path(__file__).parents[3] / "src" / "kollage" / "images" / "keystone"
BASH = shutil.which("bash") or "/bin/bash"
SCRIPTS = sorted(IMAGES.rglob("*.sh"))
ARGUMENTS = ["admin", "s3 cr'et", "admin", "admin", "http://in:5000", "http://out:5000", "RegionOne"]

# Writes one line per call to the log, at once: the name of the command and its arguments, each in brackets.
LOGGED = 'printf "%s\\n" "${0##*/}$(printf " [%s]" "$@")" >> "$CALLS"\n'


class Sandbox:
    """Commands of our own first on PATH, and copies of the scripts that see `root` as the root directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bin = root / "fake-bin"
        self.calls_file = root / "calls"
        self.bin.mkdir()
        self.calls_file.touch()

    def fake(self, name: str, body: str = "") -> None:
        command = self.bin / name
        command.write_text(f"#!{BASH}\n{LOGGED}{body}\n")
        command.chmod(0o755)

    def copy(self, script: Path) -> Path:
        text = script.read_text()
        for place in ("/var/log", "/var/lib", "/etc/keystone", "/etc/ssh", "/usr/bin/fernet"):
            text = text.replace(place, f"{self.root}{place}")
        copied = self.root / script.name
        copied.write_text(text)
        return copied

    def run(self, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(word) for word in command],
            env={"PATH": f"{self.bin}:{os.environ['PATH']}", "CALLS": str(self.calls_file)} | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def source(self, script: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Source the script as kolla_start does; STARTED says that the service would have been started."""
        program = f"set -o errexit -o pipefail -o nounset\n. {self.copy(script)}\necho STARTED"
        return self.run(BASH, "-c", program, **environment)

    @property
    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines()


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    box = Sandbox(tmp_path)
    for name in ("sudo", "chown", "install", "stat"):
        box.fake(name)
    box.fake("stat", "echo keystone")
    return box


def answer_of(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(result.stdout))


def bootstrap(sandbox: Sandbox, *arguments: str, image: str = "keystone", **environment: str) -> Any:
    return sandbox.run(BASH, IMAGES / image / "keystone_bootstrap.sh", *arguments, **environment)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_script_is_valid_bash(script: Path) -> None:
    subprocess.run([BASH, "-n", script], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", script], check=True)


@pytest.mark.parametrize("value", ["", "True"])
@pytest.mark.parametrize(
    ("trigger", "steps"),
    [
        ("KOLLA_BOOTSTRAP", ["[db_sync]"]),
        ("KOLLA_UPGRADE", ["[db_sync] [--expand]", "[db_sync] [--migrate]"]),
        ("KOLLA_FINISH_UPGRADE", ["[db_sync] [--contract]"]),
    ],
)
def test_a_trigger_syncs_the_database_as_keystone_and_ends_the_start(
    sandbox: Sandbox, trigger: str, steps: list[str], value: str
) -> None:
    result = sandbox.source(IMAGES / "keystone" / "extend_start.sh", **{trigger: value})
    assert result.returncode == 0
    assert "STARTED" not in result.stdout
    syncs = [call for call in sandbox.calls if call.startswith("sudo")]
    assert syncs == [f"sudo [-H] [-u] [keystone] [keystone-manage] {step}" for step in steps]


def test_extra_arguments_come_before_the_verb_and_are_split_but_not_expanded(sandbox: Sandbox) -> None:
    extra = "--config-dir /etc/* --debug"
    sandbox.source(IMAGES / "keystone" / "extend_start.sh", KOLLA_BOOTSTRAP="", EXTRA_KEYSTONE_MANAGE_ARGS=extra)
    assert "[keystone-manage] [--config-dir] [/etc/*] [--debug] [db_sync]" in sandbox.calls[-1]


def test_a_failed_migration_fails_the_start(sandbox: Sandbox) -> None:
    sandbox.fake("sudo", "exit 3")
    assert sandbox.source(IMAGES / "keystone" / "extend_start.sh", KOLLA_UPGRADE="").returncode == 3


def test_without_a_trigger_keystone_starts_and_an_existing_log_is_left_alone(sandbox: Sandbox) -> None:
    log = sandbox.root / "var/log/kolla/keystone/keystone.log"
    log.parent.mkdir(parents=True)
    log.touch()
    result = sandbox.source(IMAGES / "keystone" / "extend_start.sh")
    assert result.stdout == "STARTED\n"
    assert {call.split()[0] for call in sandbox.calls} == {"stat"}


def test_a_missing_log_is_made_for_keystone_with_group_write(sandbox: Sandbox) -> None:
    directory = sandbox.root / "var/log/kolla/keystone"
    sandbox.source(IMAGES / "keystone" / "extend_start.sh")
    owner = "[-o] [keystone] [-g] [kolla]"
    made = [call for call in sandbox.calls if call.startswith("install")]
    assert made == [
        f"install [-d] [-m] [2775] {owner} [{directory}]",
        f"install [-m] [0664] {owner} [/dev/null] [{directory}/keystone.log]",
    ]


def test_a_log_of_somebody_else_is_given_to_keystone(sandbox: Sandbox) -> None:
    sandbox.fake("stat", "echo root")
    directory = sandbox.root / "var/log/kolla/keystone"
    sandbox.source(IMAGES / "keystone" / "extend_start.sh")
    assert f"chown [keystone:kolla] [{directory}]" in sandbox.calls
    assert f"chown [keystone:kolla] [{directory}/keystone.log]" in sandbox.calls


def test_bootstrap_passes_its_arguments_but_never_the_password_on_a_command_line(sandbox: Sandbox) -> None:
    sandbox.fake("keystone-manage", 'echo "password: $OS_BOOTSTRAP_PASSWORD" >> "$CALLS"')
    result = bootstrap(sandbox, *ARGUMENTS)
    assert answer_of(result) == {"failed": False, "changed": True}
    assert sandbox.calls == [
        (
            "keystone-manage [bootstrap] [--bootstrap-username] [admin] [--bootstrap-project-name] [admin]"
            " [--bootstrap-role-name] [admin] [--bootstrap-internal-url] [http://in:5000]"
            " [--bootstrap-public-url] [http://out:5000] [--bootstrap-service-name] [keystone]"
            " [--bootstrap-region-id] [RegionOne]"
        ),
        "password: s3 cr'et",
    ]


def test_bootstrap_ignores_the_fifth_of_eight_arguments(sandbox: Sandbox) -> None:
    sandbox.fake("keystone-manage")
    bootstrap(sandbox, *ARGUMENTS[:4], "http://admin:35357", *ARGUMENTS[4:])
    assert "[--bootstrap-internal-url] [http://in:5000]" in sandbox.calls[0]
    assert "35357" not in sandbox.calls[0]


def test_an_empty_password_means_the_one_in_the_environment(sandbox: Sandbox) -> None:
    sandbox.fake("keystone-manage", 'echo "password: $OS_BOOTSTRAP_PASSWORD" >> "$CALLS"')
    bootstrap(sandbox, "admin", "", *ARGUMENTS[2:], OS_BOOTSTRAP_PASSWORD="from outside")
    assert sandbox.calls[-1] == "password: from outside"


@pytest.mark.parametrize("count", [0, 6, 9])
def test_bootstrap_with_a_wrong_number_of_arguments_fails_in_json(sandbox: Sandbox, count: int) -> None:
    result = bootstrap(sandbox, *["x"] * count)
    assert result.returncode == 1
    assert answer_of(result)["failed"] is True
    assert "usage" in answer_of(result)["msg"]


def there_already(count: int) -> str:
    return "\n".join(f"INFO Role role{number} exists, skipping creation." for number in range(count))


@pytest.mark.parametrize(
    ("output", "changed"),
    [
        (there_already(9), False),
        (there_already(8) + "\nINFO User admin already has role admin on project admin.", False),
        (there_already(8), True),
        ("", True),
        (there_already(12) + "\nINFO Created region RegionOne", True),
        (there_already(12) + "\nINFO Reset password for user admin.", True),
        (there_already(12) + "\nINFO Granted role admin on the system to user admin.", False),
        (there_already(12) + "\nINFO Granted role admin on project admin to user admin.", True),
        (there_already(12) + "\nINFO public endpoint updated", False),
    ],
)
def test_nothing_changed_only_if_everything_was_there_already(sandbox: Sandbox, output: str, *, changed: bool) -> None:
    (sandbox.root / "output").write_text(output)
    sandbox.fake("keystone-manage", f"cat {sandbox.root / 'output'} >&2")
    assert answer_of(bootstrap(sandbox, *ARGUMENTS)) == {"failed": False, "changed": changed}


@pytest.mark.parametrize("image", ["keystone", "keystone-fernet"])
@settings(max_examples=15, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(output=st.binary(max_size=80))
def test_whatever_keystone_says_the_answer_is_one_json_object(sandbox: Sandbox, image: str, output: bytes) -> None:
    (sandbox.root / "output").write_bytes(output)
    sandbox.fake("keystone-manage", f"cat {sandbox.root / 'output'}; exit 1")
    result = bootstrap(sandbox, *(ARGUMENTS if image == "keystone" else ["a", "b"]), image=image)
    assert result.returncode == 1
    answer = answer_of(result)
    assert answer.keys() == {"failed", "changed", "msg"}
    expected = output.replace(b"\0", b"").decode("utf-8", "replace").strip()
    assert answer["msg"] == expected


@pytest.mark.parametrize(
    ("output", "changed"), [("Key repository is already initialized; aborting.", False), ("", True)]
)
def test_fernet_setup_reports_a_change_unless_the_keys_were_there(
    sandbox: Sandbox, output: str, *, changed: bool
) -> None:
    sandbox.fake("keystone-manage", f"echo '{output}'")
    result = bootstrap(sandbox, "keystone", "kolla", image="keystone-fernet")
    assert answer_of(result) == {"failed": False, "changed": changed}
    assert sandbox.calls == [
        (
            "keystone-manage [--config-file] [/etc/keystone/keystone.conf] [fernet_setup]"
            " [--keystone-user] [keystone] [--keystone-group] [kolla]"
        ),
    ]


def test_fernet_setup_without_arguments_fails_in_json(sandbox: Sandbox) -> None:
    result = bootstrap(sandbox, image="keystone-fernet")
    assert result.returncode == 1
    assert "usage" in answer_of(result)["msg"]


def test_the_fernet_container_syncs_keys_and_then_owns_them(sandbox: Sandbox) -> None:
    sync = sandbox.root / "usr/bin/fernet-node-sync.sh"
    sync.parent.mkdir(parents=True)
    sync.write_text(f"#!{BASH}\necho synced >> $CALLS\n")
    sync.chmod(0o755)
    keys = sandbox.root / "etc/keystone/fernet-keys"
    keys.mkdir(parents=True)
    sandbox.fake("stat", "echo root:root")
    assert sandbox.source(IMAGES / "keystone-fernet" / "extend_start.sh").stdout == "STARTED\n"
    assert sandbox.calls[0] == "synced"
    assert sandbox.calls[-1] == f"chown [keystone:keystone] [{keys}]"


def test_the_fernet_container_starts_without_sync_script_and_keys(sandbox: Sandbox) -> None:
    assert sandbox.source(IMAGES / "keystone-fernet" / "extend_start.sh").stdout == "STARTED\n"
    assert sandbox.calls == []


def test_the_ssh_container_makes_only_the_missing_host_keys(sandbox: Sandbox) -> None:
    ssh = sandbox.root / "etc/ssh"
    ssh.mkdir(parents=True)
    (ssh / "ssh_host_rsa_key").touch()
    sandbox.fake("ssh-keygen")
    assert sandbox.source(IMAGES / "keystone-ssh" / "extend_start.sh").stdout == "STARTED\n"
    home = sandbox.root / "var/lib/keystone/.ssh"
    assert sandbox.calls == [
        f"ssh-keygen [-q] [-t] [ecdsa] [-N] [] [-f] [{ssh}/ssh_host_ecdsa_key]",
        f"ssh-keygen [-q] [-t] [ed25519] [-N] [] [-f] [{ssh}/ssh_host_ed25519_key]",
        f"install [-d] [-m] [0700] [-o] [keystone] [-g] [keystone] [{home}]",
    ]
