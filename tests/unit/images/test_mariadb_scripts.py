"""The scripts of the mariadb-server image, run against commands of our own that log what they are asked."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

IMAGE = Path(__file__).parents[3] / "src" / "kollage" / "images" / "mariadb-server"
BASH = shutil.which("bash") or "/bin/bash"
SCRIPTS = sorted([*IMAGE.glob("*.sh"), IMAGE / "healthcheck_mariadb"])
PASSWORD = "p'a\"s\\s w$rd"
SQL_PASSWORD = "'p''a\"s\\\\s w$rd'"

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
        self.log_dir = root / "var/log/kolla/mariadb"

    def fake(self, name: str, body: str = "") -> None:
        command = self.bin / name
        command.write_text(f"#!{BASH}\n{LOGGED}{body}\n")
        command.chmod(0o755)

    def copy(self, script: str, **changes: str) -> Path:
        text = (IMAGE / script).read_text()
        for place in ("/var/log", "/var/lib/mysql", "/backup", "/root"):
            text = text.replace(place, f"{self.root}{place}")
        for old, new in changes.items():
            text = text.replace(f"readonly {old}=", f"readonly {old}={new} # ")
        copied = self.root / script
        copied.write_text(text)
        copied.chmod(0o755)
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

    def start(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Source extend_start.sh as kolla_start does; STARTED shows the extra arguments of the service."""
        head = "set -o errexit -o pipefail -o nounset -o xtrace\nARGS=''\n"
        program = f'{head}. {self.copy("extend_start.sh")}\necho "STARTED $ARGS"'
        return self.run(BASH, "-c", program, **environment)

    @property
    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines()


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    box = Sandbox(tmp_path)
    box.log_dir.mkdir(parents=True)
    (tmp_path / "backup").mkdir()
    (tmp_path / "root").mkdir()
    box.fake("install")
    # The server runs until somebody shuts it down; its grants are read from stdin.
    box.fake("mariadb-install-db", "echo tables made")
    box.fake("mariadbd-safe", f"while [[ ! -e {tmp_path}/stopped ]]; do sleep 0.05; done")
    box.fake(
        "mariadb-admin",
        f'echo "password: $MYSQL_PWD" >> "$CALLS"\n[[ $* != *shutdown* ]] || touch {tmp_path}/stopped',
    )
    box.fake("mariadb", 'echo "password: $MYSQL_PWD" >> "$CALLS"\ncat >> "$CALLS"')
    box.fake("mariadb-upgrade", 'echo "password: $MYSQL_PWD" >> "$CALLS"')
    box.fake("sudo")
    return box


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_is_valid_bash(script: Path) -> None:
    subprocess.run([BASH, "-n", script], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", "-s", "bash", script], check=True)


@pytest.mark.parametrize("value", ["", "True"])
def test_bootstrap_makes_secures_and_grants_in_this_order(sandbox: Sandbox, value: str) -> None:
    result = sandbox.start(KOLLA_BOOTSTRAP=value, DB_ROOT_PASSWORD=PASSWORD)
    assert result.returncode == 0, result.stderr
    assert "STARTED" not in result.stdout
    assert sandbox.calls[0] == "mariadb-install-db []"
    calls = sandbox.calls
    # It runs beside the others: its line may come anywhere.
    calls.remove("mariadbd-safe [--wsrep-new-cluster] [--skip-networking] [--wsrep-on=OFF]")
    assert calls[calls.index("sudo [-E] [kolla_security_reset]") :] == [
        "sudo [-E] [kolla_security_reset]",
        "mariadb [--user=root]",
        f"password: {PASSWORD}",
        "SET SESSION sql_mode = '';",
        *(
            f"GRANT ALL PRIVILEGES ON *.* TO 'root'@'{host}' IDENTIFIED BY {SQL_PASSWORD} WITH GRANT OPTION;"
            for host in ("localhost", "%")
        ),
        "mariadb-admin [shutdown] [--user=root]",
        f"password: {PASSWORD}",
    ]
    assert "tables made" in result.stdout
    assert "tables made" in (sandbox.log_dir / "mariadb-bootstrap.log").read_text()


def test_the_root_password_is_neither_traced_nor_logged(sandbox: Sandbox) -> None:
    for trigger in ("KOLLA_BOOTSTRAP", "KOLLA_UPGRADE"):
        environment = {trigger: "", "DB_HOST": "db", "DB_PORT": "1"}
        result = sandbox.start(DB_ROOT_PASSWORD="hunter2", **environment)
        logs = "".join(log.read_text() for log in sandbox.log_dir.iterdir())
        assert "hunter2" not in result.stdout + result.stderr + logs


def test_a_server_that_does_not_come_up_in_time_fails_the_bootstrap_and_is_not_left_behind(
    sandbox: Sandbox,
) -> None:
    sandbox.fake("mariadb-admin", "exit 1")
    sandbox.fake("mariadbd-safe", f"echo $$ > {sandbox.root}/pid; exec sleep 60")
    result = sandbox.start(KOLLA_BOOTSTRAP="", DB_ROOT_PASSWORD="x", DB_MAX_TIMEOUT="1")
    assert result.returncode == 1
    assert "did not start" in result.stdout
    assert not Path("/proc", (sandbox.root / "pid").read_text().strip(), "exe").exists()


def test_a_server_that_ends_at_once_fails_the_bootstrap_without_waiting(sandbox: Sandbox) -> None:
    sandbox.fake("mariadb-admin", "exit 1")
    sandbox.fake("mariadbd-safe", "exit 1")
    result = sandbox.start(KOLLA_BOOTSTRAP="", DB_ROOT_PASSWORD="x", DB_MAX_TIMEOUT="600")
    assert result.returncode == 1


def test_a_failed_security_reset_fails_the_bootstrap_before_anything_is_granted(sandbox: Sandbox) -> None:
    sandbox.fake("sudo", "exit 1")
    assert sandbox.start(KOLLA_BOOTSTRAP="", DB_ROOT_PASSWORD="x").returncode == 1
    assert not [call for call in sandbox.calls if "GRANT" in call]


def test_upgrade_runs_against_the_given_server_and_passes_a_failure_on(sandbox: Sandbox) -> None:
    pki = sandbox.root / "var/lib/mysql/.pki"
    pki.mkdir(parents=True)
    environment = {"KOLLA_UPGRADE": "", "DB_HOST": "db", "DB_PORT": "3307", "DB_ROOT_PASSWORD": PASSWORD}
    assert sandbox.start(**environment).returncode == 0
    assert not pki.exists()
    assert sandbox.calls == [
        "mariadb-upgrade [--host=db] [--port=3307] [--user=root]",
        f"password: {PASSWORD}",
    ]
    sandbox.fake("mariadb-upgrade", "exit 5")
    assert sandbox.start(**environment).returncode == 5


def test_bootstrap_arguments_become_the_arguments_of_the_server(sandbox: Sandbox) -> None:
    assert sandbox.start(BOOTSTRAP_ARGS="--wsrep-new-cluster").stdout == "STARTED --wsrep-new-cluster\n"
    assert sandbox.start().stdout == "STARTED \n"
    assert sandbox.calls == []


def test_a_missing_log_directory_is_made_for_group_kolla(sandbox: Sandbox) -> None:
    sandbox.start(MARIADB_LOG_DIR=f"{sandbox.root}/elsewhere")
    assert sandbox.calls == [f"install [-d] [-m] [2775] [-g] [kolla] [{sandbox.root}/elsewhere]"]


def test_sudo_lets_group_kolla_reset_the_security_and_nothing_else() -> None:
    lines = (IMAGE / "mariadb_sudoers").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules == ["%kolla ALL = (root) NOPASSWD: SETENV: /usr/local/bin/kolla_security_reset"]


DIALOGUE = """
ask() { read -rp "$1" reply; echo "answer to $1: $reply" >> "$CALLS"; }
ask "Enter current password for root (enter for none): "
ask "Switch to unix_socket authentication [Y/n] "
ask "Change the root password? [Y/n] "
ask "Remove anonymous users? [Y/n] "
ask "Disallow root login remotely? [Y/n] "
ask "Remove test database and access to it? [Y/n] "
ask "Reload privilege tables now? [Y/n] "
"""
needs_expect = pytest.mark.skipif(not shutil.which("expect"), reason="expect is not installed")


@needs_expect
@pytest.mark.parametrize("words", [("Switch to", "Change the"), ("Enable", "Set")])
def test_the_security_reset_answers_every_prompt_and_sets_the_password(
    sandbox: Sandbox, words: tuple[str, str]
) -> None:
    dialogue = DIALOGUE.replace("Switch to", words[0]).replace("Change the", words[1])
    sandbox.fake("mariadb-secure-installation", dialogue)
    result = sandbox.run(sandbox.copy("security_reset.expect"), DB_ROOT_PASSWORD=PASSWORD)
    assert result.returncode == 0, result.stdout
    answers = [call.rpartition(": ")[2] for call in sandbox.calls if call.startswith("answer")]
    assert answers == ["", "n", "n", "y", "n", "y", "y"]
    assert sandbox.calls[-1] == f"ALTER USER 'root'@'localhost' IDENTIFIED BY {SQL_PASSWORD};"
    assert PASSWORD not in result.stdout + result.stderr


@needs_expect
def test_the_security_reset_fails_when_a_prompt_is_missed_or_no_password_is_given(sandbox: Sandbox) -> None:
    sandbox.fake("mariadb-secure-installation", "echo nothing to ask")
    script = sandbox.copy("security_reset.expect")
    assert sandbox.run(script, DB_ROOT_PASSWORD="x").returncode == 1
    sandbox.fake("mariadb-secure-installation", "sleep 30")
    assert sandbox.run(script, DB_ROOT_PASSWORD="x", DB_MAX_TIMEOUT="1").returncode == 1
    assert sandbox.run(script).returncode == 1
    assert not [call for call in sandbox.calls if "ALTER" in call]


# Backups: the fake writes its checkpoints where it is told to, as the real one does.
MARIABACKUP = """
for word in "$@"; do
    case $word in --extra-lsndir=*) touch "${word#*=}/mariadb_backup_checkpoints" ;; esac
done
echo the data
"""


def backup(sandbox: Sandbox, kind: str, *options: str) -> subprocess.CompletedProcess[str]:
    return sandbox.run(BASH, sandbox.copy("backup.sh"), *options, BACKUP_TYPE=kind)


def files_below(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def test_a_full_backup_is_compressed_and_named_in_the_index(sandbox: Sandbox) -> None:
    sandbox.fake("mariabackup", MARIABACKUP)
    result = backup(sandbox, "full", "--host=other")
    assert result.returncode == 0, result.stderr
    file = Path((sandbox.root / "backup/last_full_file").read_text().strip())
    date = file.parent.name.removeprefix("full-")
    assert file.name == f"mysqlbackup-{date}.qp.xbc.xbs.gz"
    assert sandbox.run("gunzip", "-c", file).stdout == "the data\n"
    assert sandbox.calls == [
        (
            "mariabackup [--defaults-file=/etc/mysql/my.cnf] [--backup] [--stream=mbstream]"
            f" [--history={date}] [--extra-lsndir={file.parent}] [--host=other]"
        ),
    ]


def test_an_incremental_backup_builds_on_the_last_full_one(sandbox: Sandbox) -> None:
    sandbox.fake("mariabackup", MARIABACKUP)
    backup(sandbox, "full")
    full = Path((sandbox.root / "backup/last_full_file").read_text().strip()).parent
    assert backup(sandbox, "incremental").returncode == 0
    (made,) = (sandbox.root / "backup").glob(f"incr-*-since-{full.name.removeprefix('full-')}")
    (file,) = files_below(made)
    assert file.name.startswith("incremental-")
    assert f"[--incremental-basedir={full}]" in sandbox.calls[-1]


def test_an_incremental_backup_unpacks_a_full_one_that_kolla_made_and_cleans_up(sandbox: Sandbox) -> None:
    sandbox.fake("mariabackup", MARIABACKUP)
    sandbox.fake("mbstream", "cat > /dev/null")
    backup(sandbox, "full")
    next(sandbox.root.glob("backup/full-*/*_checkpoints")).unlink()
    assert backup(sandbox, "incremental").returncode == 0
    assert sandbox.calls[-2].startswith(f"mbstream [-x] [-C] [{sandbox.root}/backup/tmp.")
    names = sorted(path.name.partition("-")[0] for path in (sandbox.root / "backup").iterdir())
    assert names == ["full", "incr", "last_full_file"]


def test_a_failed_backup_leaves_neither_a_file_nor_an_index(sandbox: Sandbox) -> None:
    sandbox.fake("mariabackup", "echo half; exit 1")
    assert backup(sandbox, "full").returncode == 1
    assert list((sandbox.root / "backup").iterdir()) == []


@pytest.mark.parametrize("kind", ["", "partial", "incremental"])
def test_a_backup_of_an_unknown_kind_or_without_a_base_is_refused(sandbox: Sandbox, kind: str) -> None:
    sandbox.fake("mariabackup")
    result = backup(sandbox, kind)
    assert result.returncode == 1
    assert result.stderr
    assert sandbox.calls == []


def replica_backup(sandbox: Sandbox, answer: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (sandbox.root / "answer").write_text(answer)
    sandbox.fake("mariadb", f"cat {sandbox.root}/answer")
    sandbox.fake("kolla_mariadb_backup.sh")
    script = sandbox.copy("backup_replica.sh", attempts="2", pause="0")
    return sandbox.run(BASH, script, BACKUP_TYPE="full", **environment)


@pytest.mark.parametrize(
    ("members", "active", "options"),
    [
        ("10.0.0.1:3306,10.0.0.2:3306,10.0.0.3:3306", "10.0.0.1:4567", "[--host=10.0.0.2] "),
        ("10.0.0.1:3306,10.0.0.2:3306", "10.0.0.2", "[--host=10.0.0.1] "),
        ("[fd00::1]:3306,[fd00::2]:3306", "[fd00::1]:4567", "[--host=fd00::2] "),
        ("10.0.0.1:3306", "10.0.0.1:4567", ""),
        ("AUTO", "10.0.0.1:4567", ""),
    ],
)
def test_the_replica_form_backs_up_from_a_member_that_is_not_active(
    sandbox: Sandbox, members: str, active: str, options: str
) -> None:
    result = replica_backup(sandbox, f"{members}\t{active}\n")
    assert result.returncode == 0, result.stderr
    assert sandbox.calls[-1] == f"kolla_mariadb_backup.sh {options}[--ssl-verify-server-cert=FALSE]"


def test_the_replica_form_verifies_the_certificate_when_asked_to(sandbox: Sandbox) -> None:
    replica_backup(sandbox, "10.0.0.1:3306\t10.0.0.1\n", VERIFY_DB_SERVER_CERT="TRUE")
    assert "[--ssl-verify-server-cert=TRUE]" in sandbox.calls[0]
    assert sandbox.calls[-1] == "kolla_mariadb_backup.sh [--ssl-verify-server-cert=TRUE]"


def test_the_replica_form_gives_up_when_the_cluster_stays_silent(sandbox: Sandbox) -> None:
    assert replica_backup(sandbox, "").returncode == 1
    assert len([call for call in sandbox.calls if call.startswith("mariadb ")]) == 2


@pytest.mark.parametrize(("state", "code"), [("Synced", 0), ("Donor/Desynced", 1), ("", 1)])
def test_the_old_health_check_wants_a_synced_node(sandbox: Sandbox, state: str, code: int) -> None:
    sandbox.fake("mariadb", f"echo '{state}'")
    assert sandbox.run(BASH, IMAGE / "healthcheck_mariadb").returncode == code
    assert "[--user=haproxy]" in sandbox.calls_file.read_text()
