"""kolla_start and the small helpers, as a user of the group kolla runs them, with sudo and all."""

import pytest

from tests.engine.scripts.box import ALWAYS, MOUNT, NOVA, Box, entry, opened, place

pytestmark = pytest.mark.engine

SERVICE = """#!/bin/bash
echo "user=$(id -un) answer=${ANSWER-none}"
printf '<%s>' "$@"
"""
PATH = "/srv/bin:/usr/local/bin:/usr/bin:/bin"


def ready(box: Box, command: str = "service --flag", extend: str = "") -> None:
    box.plant({"/srv/bin/service": {"text": SERVICE, "mode": 0o755}, "/srv/bin/kolla_extend_start": extend})
    box.config(command=command, directories=[place("/srv/run", perm="0755")])


def launch(box: Box, **env: str) -> tuple[int, str]:
    done = box.run("kolla_start", env={"PATH": PATH} | ALWAYS | env, user=NOVA)
    return done.status, done.out.replace("\n", " ").strip()


def test_the_service_runs_as_its_user_and_the_configuration_as_root(box: Box) -> None:
    ready(box)
    box.plant({f"{MOUNT}/a": {"text": "secret", "mode": 0o600}})
    box.config(entry("a", "/srv/a", owner="nova", perm="0600"), command="service --flag")
    box.mark()

    assert launch(box) == (0, "Starting: service --flag user=nova answer=none <--flag>")
    assert box.effects()["/srv/a"] == f"0600 {NOVA}:{NOVA} secret"
    assert box.changes()["/run_command"]["mode"] == "0644"


def test_the_image_may_add_arguments_and_variables_or_end_the_start(box: Box) -> None:
    ready(box, extend="ARGS='--more'\nexport ANSWER=42")
    assert launch(box) == (0, "Starting: service --flag --more user=nova answer=42 <--flag><--more>")

    ready(box, extend="echo done; exit 0")
    assert launch(box) == (0, "done")

    ready(box, extend="exit 3")
    assert launch(box)[0] == 3
    assert launch(box, KOLLA_SKIP_EXTEND_START="")[0] == 0


@pytest.mark.parametrize("extend", ["false", 'echo "$NOT_SET"', "false | true"])
def test_the_image_is_held_to_strictness(box: Box, extend: str) -> None:
    ready(box, extend=extend)
    status, out = launch(box)
    assert status == 1
    assert "Starting" not in out


def test_quotes_mean_nothing_and_wildcards_are_expanded(box: Box) -> None:
    ready(box, command="service 'one  two' /srv/bin/s*")
    assert launch(box)[1].endswith("<'one><two'></srv/bin/service>")


@pytest.mark.parametrize(
    ("wanted", "status"), [({}, 1), ({"command": 7}, 1), ({"command": "service", "config_files": [{"a": 1}]}, 1)]
)
def test_a_configuration_that_is_refused_starts_nothing(box: Box, wanted: dict[str, object], status: int) -> None:
    import json

    ready(box)
    box.plant({f"{MOUNT}/config.json": json.dumps(wanted)})
    assert launch(box) == (status, "")


def test_the_strategy_must_be_given_and_reaches_root(box: Box) -> None:
    ready(box)
    assert launch(box, KOLLA_CONFIG_STRATEGY="")[0] == 1
    assert launch(box, KOLLA_CONFIG_STRATEGY="COPY_ONCE")[0] == 0
    assert box.run("test", "-e", "/configured").status == 0


def test_projects_under_development_are_installed_by_the_pip_of_the_environment(box: Box) -> None:
    pip = '#!/bin/bash\necho "$(id -un): $*" >> /srv/calls\n'
    box.plant(
        {"/var/lib/kolla/venv/bin/pip": {"text": pip, "mode": 0o755}, "/dev-mode/nova": None, "/dev-mode/a b": None}
    )
    ready(box)

    assert launch(box)[0] == 0
    assert box.text("/srv/calls").splitlines() == [
        "root: install --upgrade /dev-mode/a b",
        "root: install --upgrade /dev-mode/nova",
    ]
    box.plant({"/var/lib/kolla/venv/bin/pip": {"text": "#!/bin/bash\nexit 5\n", "mode": 0o755}})
    assert launch(box) == (5, "")


def test_sudo_grants_the_three_helpers_and_nothing_else(box: Box) -> None:
    box.config()
    for helper in ("kolla_copy_cacerts", "kolla_install_projects"):
        assert box.run("sudo", "-n", helper, user=NOVA).status == 0
    assert box.run("sudo", "-n", "-E", "kolla_set_configs", env=ALWAYS, user=NOVA).status == 0
    for command in (["kolla_patch"], ["cat", "/etc/shadow"], ["bash"], ["kolla_set_configs/../bash"]):
        assert box.run("sudo", "-n", *command, user=NOVA).status == 1


def test_patches_are_applied_once_in_order_and_a_bad_one_is_told(box: Box) -> None:
    change = "--- srv/file\n+++ srv/file\n@@ -1 +1 @@\n-{}\n+{}\n"
    box.plant(
        {"/srv/file": "one\n", "/patches/1": change.format("one", "two"), "/patches/2": change.format("two", "three")}
    )
    box.plant({"/patches/series": "# first\n1\n  2\n"})
    assert box.run("kolla_patch").status == 0
    assert box.text("/srv/file") == "three\n"
    assert box.text("/etc/kolla/patched") == "1\n2\n"

    box.plant({"/patches/series": "1\n3\n", "/patches/3": change.format("nine", "ten")})
    done = box.run("kolla_patch")
    assert done.status == 1
    assert "Does not apply: /patches/3" in done.err
    assert box.text("/srv/file") == "three\n"


def test_health_checks_answer_0_or_1(box: Box) -> None:
    listen = "import socket, sys, time; s = socket.create_server(('127.0.0.1', 8765)); c = socket.create_connection(s.getsockname()); u = socket.socket(socket.AF_UNIX); u.bind('/srv/socket'); print(flush=True); time.sleep(60)"  # noqa: E501 - a program
    script = (
        f'coproc python3 -c "{listen}"; read -u "${{COPROC[0]}}"; "$@"; status=$?; kill "$COPROC_PID"; exit $status'
    )
    for expected, *check in (
        (0, "healthcheck_listen", "python3.*8765", "8765"),
        (1, "healthcheck_listen", "python3", "8766"),
        (1, "healthcheck_listen", "nobody", "8765"),
        (1, "healthcheck_listen", "python3"),
        (1, "healthcheck_listen", "python3", "x"),
        (0, "healthcheck_port", "python3", "8765"),
        (1, "healthcheck_port", "python3", "1"),
        (1, "healthcheck_port", "python3", "a b"),
        (0, "healthcheck_socket", "python3", "/srv/socket"),
        (1, "healthcheck_socket", "bash", "/srv/socket"),
        (1, "healthcheck_socket", "python3", "/srv/none"),
        (1, "healthcheck_curl", "http://127.0.0.1:1/"),
        (0, "healthcheck_curl", "file:///etc/passwd"),
        (1, "healthcheck_curl"),
        (0, "healthcheck_filemod", "/srv/socket.txt", "60"),
        (1, "healthcheck_filemod", "/srv", "60"),
        (1, "healthcheck_filemod", "/srv/socket.txt", "soon"),
        (1, "healthcheck_filemod"),
        (1, "healthcheck_filemod", "/srv/socket.txt"),
        (1, "healthcheck_socket"),
        (1, "healthcheck_port"),
        (1, "healthcheck_listen"),
    ):
        box.plant({"/srv/socket.txt": "now"})
        box.run("rm", "-f", "/srv/socket")
        done = box.run("bash", "-c", script, "bash", *check)
        assert done.status == expected, (check, done)


def test_certificates_are_trusted_and_forgotten() -> None:
    """In a container of its own, because the system's bundle changes."""
    key = "openssl req -x509 -newkey ed25519 -nodes -keyout /dev/null -subj /CN=kollage-test -out"
    trusts = ("openssl", "verify", "-CApath", "/etc/ssl/certs", f"{MOUNT}/ca-certificates/own ca.crt")
    shared = "/var/lib/kolla/share/ca-certificates"
    with opened() as box:
        box.plant({f"{MOUNT}/ca-certificates": None})
        box.run("bash", "-c", f'{key} "$1"', "bash", trusts[-1])
        assert box.run(*trusts).status != 0
        ready(box)
        box.config(command="service", directories=[place("/srv/run", perm="0755")])
        assert launch(box)[0] == 0
        assert box.run(*trusts).status == 0

        box.config(entry("ca-certificates", shared, owner="nova", perm="0600"), command="service")
        assert launch(box)[0] == 0
        assert box.run(*trusts).status == 0
        box.run("cp", trusts[-1], "/srv/own ca.crt")
        box.run("bash", "-c", f"rm -r {MOUNT}/ca-certificates")
        box.config(command="service")
        assert launch(box)[0] == 0
        assert box.run(*trusts[:-1], "/srv/own ca.crt").status != 0
