"""healthcheck.sh of the mariadb-server image, run against commands that log what they are asked."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "src" / "kollage" / "images" / "mariadb-server" / "healthcheck.sh"
BASH = shutil.which("bash") or "/bin/bash"

# Writes one line per call to the log, at once: the name of the command and its arguments, each in brackets.
LOGGED = 'printf "%s\\n" "${0##*/}$(printf " [%s]" "$@")" >> "$CALLS"\n'


class Sandbox:
    """Commands of our own first on PATH."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bin = root / "fake-bin"
        self.calls_file = root / "calls"
        self.bin.mkdir()

    def fake(self, name: str, body: str = "") -> None:
        command = self.bin / name
        command.write_text(f"#!{BASH}\n{LOGGED}{body}\n")
        command.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines()


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    box = Sandbox(tmp_path)
    box.fake("my_print_defaults")
    return box


def health(sandbox: Sandbox, *arguments: str) -> int:
    environment = {"PATH": f"{sandbox.bin}:{os.environ['PATH']}", "CALLS": str(sandbox.calls_file)}
    command = [BASH, str(SCRIPT), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60).returncode


@pytest.mark.parametrize(
    ("test", "answer", "code"),
    [
        ("--galera_online", "4", 0),
        ("--galera_online", "2", 1),
        ("--galera_online", "", 1),
        ("--galera_ready", "ON", 0),
        ("--galera_ready", "OFF", 1),
        ("--innodb_initialized", "1", 0),
        ("--innodb_initialized", "0", 1),
        ("--innodb_buffer_pool_loaded", "Buffer pool(s) load completed at 261124 14:06:12", 0),
        ("--innodb_buffer_pool_loaded", "Loading of buffer pool not started", 1),
    ],
)
def test_a_test_succeeds_only_on_the_healthy_answer(sandbox: Sandbox, test: str, answer: str, code: int) -> None:
    sandbox.fake("mariadb", f"echo '{answer}'")
    assert health(sandbox, test) == code


@pytest.mark.parametrize(
    "words", [("--defaults-file", "/h.cnf"), ("--defaults-file=/h.cnf",)], ids=["next word", "equals sign"]
)
def test_the_options_of_the_client_come_first_and_the_first_failure_ends_the_check(
    sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    sandbox.fake("mariadb", "exit 1")
    assert health(sandbox, *words, "--defaults-group-suffix=x", "--galera_ready", "--galera_online") == 1
    (call,) = [call for call in sandbox.calls if call.startswith("mariadb ")]
    assert call.startswith("mariadb [--defaults-file=/h.cnf] [--defaults-group-suffix=x] ")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("", 0),
        ("ERROR 1045 (28000): Access denied", 0),
        ("ERROR 2026 (HY000): TLS/SSL error", 0),
        ("ERROR 2002 (HY000): Can't connect to server on '127.0.0.1' (115)", 1),
        ("Segmentation fault", 1),
    ],
)
def test_connect_is_content_with_any_answer_of_the_server(sandbox: Sandbox, error: str, code: int) -> None:
    sandbox.fake("mariadb", f'echo "{error}" >&2\nexit {1 if error else 0}')
    assert health(sandbox, "--connect") == code


@pytest.mark.parametrize(
    ("client", "server", "target"),
    [
        ("", "", "[--host=127.0.0.1] [--port=3306]"),
        ("", "--bind-address=10.0.0.1\n--port=3307", "[--host=10.0.0.1] [--port=3307]"),
        ("", "--bind_address=::", "[--host=::1] [--port=3306]"),
        ("", "--bind-address=0.0.0.0", "[--host=127.0.0.1] [--port=3306]"),
        ("--host=vip\n--port=1", "--bind-address=10.0.0.1\n--port=2", "[--host=vip] [--port=1]"),
    ],
)
def test_connect_knocks_where_the_server_listens(sandbox: Sandbox, client: str, server: str, target: str) -> None:
    sandbox.fake("my_print_defaults", f"case $* in *mysqld*) echo '{server}' ;; *) echo '{client}' ;; esac")
    sandbox.fake("mariadb")
    assert health(sandbox, "--connect") == 0
    assert f"[--protocol=tcp] {target} " in sandbox.calls[-1]


def replica_status(io: str, sql: str, behind: str) -> str:
    return f"Slave_IO_Running: {io}\nSlave_SQL_Running: {sql}\nSeconds_Behind_Master: {behind}"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 0),
        (["--replication_sql"], 0),
        (["--replication_io"], 1),
        (["--replication_seconds_behind_master=9"], 0),
        (["--replication_seconds_behind_master", "8"], 1),
        (["--replication_seconds_behind_master", "many"], 1),
    ],
)
def test_replication_checks_what_was_asked_before_it(sandbox: Sandbox, options: list[str], code: int) -> None:
    sandbox.fake("mariadb", f"echo '{replica_status('Connecting', 'Yes', '9')}'")
    assert health(sandbox, *options, "--replication") == code


def test_every_connection_has_to_replicate_and_there_has_to_be_one(sandbox: Sandbox) -> None:
    two = replica_status("Yes", "Yes", "0") + "\n" + replica_status("No", "Yes", "NULL")
    sandbox.fake("mariadb", f"echo '{two}'")
    assert health(sandbox, "--replication_all", "--replication_io", "--replication") == 1
    assert "[--execute=SHOW ALL REPLICAS STATUS]" in sandbox.calls[-1]
    sandbox.fake("mariadb")
    assert health(sandbox, "--replication_name", "it's", "--replication") == 1
    assert "[--execute=SHOW REPLICA 'it''s' STATUS]" in sandbox.calls[-1]


@pytest.mark.parametrize(
    ("tables", "code"), [("11.8.2-MariaDB", 0), ("11.4.9-MariaDB", 1), ("1.8.2-MariaDB", 1), (None, 1)]
)
def test_the_system_tables_must_be_of_the_version_of_the_program(
    sandbox: Sandbox, tables: str | None, code: int
) -> None:
    sandbox.fake("mariadb", "echo 'mariadb from 11.8.9-MariaDB, client 15.2 for linux (x86_64)'")
    if tables:
        (sandbox.root / "mariadb_upgrade_info").write_text(tables)
    assert health(sandbox, "--datadir", str(sandbox.root), "--mariadbupgrade") == code


def test_su_runs_the_rest_as_the_other_user_unless_it_is_the_same(sandbox: Sandbox) -> None:
    sandbox.fake("runuser")
    sandbox.fake("id", "echo root")
    assert health(sandbox, "--defaults-file=/lost", "--su-mysql", "--galera_ready") == 0
    assert sandbox.calls[-1] == f"runuser [-u] [mysql] [--] [{SCRIPT}] [--galera_ready]"
    sandbox.fake("id", "echo mysql")
    sandbox.fake("mariadb", "echo ON")
    assert health(sandbox, "--su=mysql", "--galera_ready") == 0


@pytest.mark.parametrize("arguments", [[], ["--no-defaults"], ["--conect"], ["--connect", "--datadir"]])
def test_a_check_that_checks_nothing_or_is_misspelt_fails(sandbox: Sandbox, arguments: list[str]) -> None:
    sandbox.fake("mariadb")
    assert health(sandbox, *arguments) == 1
