"""The main promise: Keystone from its own source, started as a deployment starts it, gives tokens."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.conftest import FILES, Container, Start, once

pytestmark = pytest.mark.engine

PASSWORD = 'it\'s a "secret" \\ pass'
STRATEGY = "--env=KOLLA_CONFIG_STRATEGY=COPY_ALWAYS"
CREATE = """
CREATE DATABASE keystone;
CREATE USER 'keystone'@'127.0.0.1' IDENTIFIED BY 'keystone-pass';
GRANT ALL ON keystone.* TO 'keystone'@'127.0.0.1';
"""


def configured(image: str, tmp_path: Path, **files: str) -> str:
    """The flag that mounts an image's configuration."""
    folder = tmp_path / image
    folder.mkdir(exist_ok=True)
    for name, source in files.items():
        (folder / name.replace("_", ".").replace("-uwsgi.conf", "-uwsgi.ini")).write_text(
            (FILES / source).read_text(encoding="utf-8"), encoding="utf-8"
        )
    return f"--volume={folder}:/var/lib/kolla/config_files:ro"


def database(tmp_path: Path, start: Start, volume: Callable[[], str]) -> Container:
    """A MariaDB of this catalogue with a database for Keystone, alone in a network of its own."""
    config = configured("mariadb", tmp_path, config_json="mariadb.json", galera_cnf="galera.cnf")
    data = f"--volume={volume()}:/var/lib/mysql"
    secret = f"--env=DB_ROOT_PASSWORD={PASSWORD}"
    printed = once("mariadb-server", "--network=none", STRATEGY, "--env=KOLLA_BOOTSTRAP=", secret, config, data)
    assert PASSWORD not in printed
    server = start("mariadb-server", "--network=none", STRATEGY, config, data)
    server.until("mariadb-admin", "ping", "--user=root", f"--password={PASSWORD}")
    done = server.call("mariadb", "--user=root", f"--password={PASSWORD}", "--execute", CREATE)
    assert done.returncode == 0, done.stderr
    return server


def token(server: Container, password: str) -> tuple[int, dict[str, object]]:
    """Ask for a token, and give the answer's status and body."""
    user = {"name": "admin", "domain": {"id": "default"}, "password": password}
    project = {"name": "admin", "domain": {"id": "default"}}
    body = {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": project},
        }
    }
    done = server.call(
        "curl", "--disable", "--silent", "--request", "POST", "--header", "Content-Type: application/json",
        "--data", json.dumps(body), "--write-out", "\n%{http_code}", "http://127.0.0.1:5000/v3/auth/tokens",
    )  # fmt: skip
    text, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(text)


def test_keystone_gives_a_token_for_the_right_password_and_none_for_a_wrong_one(
    built: object, tmp_path: Path, start: Start, volume: Callable[[], str]
) -> None:
    network = f"--network=container:{database(tmp_path, start, volume).name}"
    keys = f"--volume={volume()}:/etc/keystone/fernet-keys"
    config = configured(
        "keystone", tmp_path, config_json="keystone.json", keystone_conf="keystone.conf",
        **{"keystone-uwsgi_conf": "keystone-uwsgi.ini"},
    )  # fmt: skip
    flags = (network, STRATEGY, keys, config)
    once("keystone", *flags, "--env=KOLLA_BOOTSTRAP=")
    made = once(
        "keystone-fernet",
        *flags,
        command=("bash", "-c", "sudo -E kolla_set_configs && kolla_keystone_bootstrap keystone keystone"),
    )
    assert '"failed": false' in made
    server = start("keystone", *flags)
    server.until("healthcheck_curl", "http://127.0.0.1:5000")
    url = "http://127.0.0.1:5000/v3"
    done = server.call("kolla_keystone_bootstrap", "admin", "admin-pass", "admin", "admin", url, url, "RegionOne")
    assert json.loads(done.stdout) == {"failed": False, "changed": True}
    again = server.call("kolla_keystone_bootstrap", "admin", "admin-pass", "admin", "admin", url, url, "RegionOne")
    assert json.loads(again.stdout) == {"failed": False, "changed": False}

    status, body = token(server, "admin-pass")
    assert (status, list(body)) == (201, ["token"])
    status, body = token(server, "wrong")
    assert (status, list(body)) == (401, ["error"])

    assert server.call("/usr/local/bin/kolla_set_configs", "--check", user="root").returncode == 0
