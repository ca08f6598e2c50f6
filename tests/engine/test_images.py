"""What must hold for every image that was built, looked at from outside and from inside."""

import base64
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import certifi
import pytest

from kollage.catalogue import Catalogue, load_catalogue
from tests.engine.conftest import CHOSEN, TAG, WHICH, Start, kollage, once, podman

pytestmark = pytest.mark.engine

CATALOGUE = load_catalogue()
NAMES = sorted(CHOSEN)
Root = Callable[[str], Path]
CALLS = "--network=none"


def files(root: Path) -> Iterator[Path]:
    """Every regular file below a root, links not followed."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def test_a_second_run_builds_nothing(built: object) -> None:
    done = kollage("build", "--format", "json", WHICH)
    assert {result["status"] for result in json.loads(done.stdout)["results"]} == {"reused"}


@pytest.mark.parametrize("image", NAMES)
def test_the_network_of_the_host_is_not_in_the_configuration_or_the_history(built: object, image: str) -> None:
    facts = json.dumps(json.loads(podman("image", "inspect", f"kolla/{image}:{TAG}")))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "SSL_CERT_FILE", "PIP_CERT", "UV_DEFAULT_INDEX"):
        value = os.environ.get(name)
        assert f"{name}=" not in facts
        assert not value or value not in facts


def test_the_private_authority_of_the_host_is_in_no_file(root: Root) -> None:
    """Nothing of the host's bundle is there but what the image's own packages bring too."""
    top = root("keystone")
    bundle = os.environ.get("SSL_CERT_FILE")
    private = certificates(Path(bundle)) if bundle else set()
    for public in [*(top / "usr/share/ca-certificates").rglob("*.crt"), Path(certifi.where())]:
        private -= certificates(public)
    own = certificates(top / "etc/ssl/certs/ca-certificates.crt")
    assert len(own) > 50
    assert private.isdisjoint(own)
    found = [path for path in files(top) if path.suffix in {".pem", ".crt", ".cer"} and private & certificates(path)]
    assert [path for path in found if not as_released(path, top / "var/lib/kolla/venv/lib/python3/site-packages")] == []


def as_released(path: Path, site: Path) -> bool:
    """Whether a file of a Python package is what its release brought: some bring authorities of their own."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode().rstrip("=")
    name = path.relative_to(site.resolve()) if path.is_relative_to(site.resolve()) else path
    records = (record.read_text(encoding="utf-8") for record in site.glob("*.dist-info/RECORD"))
    return any(f"{name},sha256={digest}," in record for record in records)


def certificates(path: Path) -> set[str]:
    """The certificates in a file, as the text between the markers."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return {"".join(body.split()) for body in re.findall(r"-----BEGIN CERTIFICATE-----([^-]+)-----END", text)}


def test_every_account_is_there_with_its_number(root: Root) -> None:
    passwd = (root("base") / "etc/passwd").read_text(encoding="utf-8").splitlines()
    group = (root("base") / "etc/group").read_text(encoding="utf-8").splitlines()
    users = {line.split(":")[0]: (int(line.split(":")[2]), int(line.split(":")[3])) for line in passwd}
    groups = {int(line.split(":")[2]): line.split(":")[0] for line in group}
    shared = {name: account for name, account in CATALOGUE.accounts.items() if not account.own}
    wanted = {name: (account.uid, account.gid) for name, account in shared.items()}
    assert {name: users.get(name) for name in wanted} == wanted
    assert {groups[account.gid] for account in shared.values()} == {account.group for account in shared.values()}
    assert len(wanted) == 85


@pytest.mark.parametrize("image", NAMES)
def test_every_command_of_the_image_and_its_parents_is_on_the_path(built: object, image: str) -> None:
    wanted = sorted(
        {command for name in ancestry(CATALOGUE, image) for command in CATALOGUE.images[name].commands.on("debian")}
    )
    script = 'for name in "$@"; do command -v "$name" >/dev/null || echo "$name"; done'
    missing = once(image, CALLS, "--entrypoint=", command=("bash", "-c", script, "bash", *wanted))
    assert missing.split() == []


def ancestry(catalogue: Catalogue, image: str) -> list[str]:
    """An image and all that it stands on."""
    names = [image]
    while parent := catalogue.images[names[-1]].parent:
        names.append(parent)
    return names


def test_the_sudo_rules_parse_and_let_the_start_sequence_through(built: object) -> None:
    for image in NAMES:
        assert "parsed OK" in once(image, CALLS, "--user=root", "--entrypoint=", command=("visudo", "-c"))
    listed = once("memcached", CALLS, "--entrypoint=", command=("sudo", "-l"))
    for helper in ("kolla_set_configs", "kolla_copy_cacerts", "kolla_install_projects"):
        assert f"NOPASSWD: /usr/local/bin/{helper}" in listed.replace("(root) ", "")


def test_the_locale_works(built: object) -> None:
    printed = once(
        "base",
        CALLS,
        "--entrypoint=",
        command=("python3", "-c", "import locale; print(locale.setlocale(locale.LC_ALL, ''))"),
    )
    assert printed.strip() == "en_US.UTF-8"


@pytest.mark.parametrize("image", ["keystone", "keystone-fernet", "openstack-base"])
def test_the_python_packages_fit_each_other(built: object, image: str) -> None:
    assert "No broken requirements found" in once(image, CALLS, "--entrypoint=", command=("pip", "check"))


def test_python_code_is_compiled(root: Root) -> None:
    site = root("keystone") / "var/lib/kolla/venv/lib/python3/site-packages"
    sources = [path for path in (site / "keystone").rglob("*.py") if "/tests/" not in str(path)]
    assert sources
    assert [path for path in sources if not list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))] == []


def test_memcached_starts_as_its_own_user_and_is_healthy(built: object, start: Start, tmp_path: Path) -> None:
    config = {"command": "/usr/bin/memcached -l 127.0.0.1 -p 11211 -U 0"}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    server = start(
        "memcached",
        CALLS,
        "--env=KOLLA_CONFIG_STRATEGY=COPY_ALWAYS",
        f"--volume={tmp_path}:/var/lib/kolla/config_files:ro",
    )
    server.until("healthcheck_listen", "memcached", "11211")
    assert server.call("id", "-un").stdout.strip() == "memcached"


def test_the_ssh_server_starts_and_makes_its_own_host_keys(
    built: object, start: Start, root: Root, tmp_path: Path
) -> None:
    assert list((root("keystone-ssh") / "etc/ssh").glob("ssh_host_*")) == []
    config = {"command": "/usr/sbin/sshd -D -p 8023 -o ListenAddress=127.0.0.1"}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    server = start(
        "keystone-ssh",
        CALLS,
        "--env=KOLLA_CONFIG_STRATEGY=COPY_ALWAYS",
        f"--volume={tmp_path}:/var/lib/kolla/config_files:ro",
    )
    server.until("healthcheck_listen", "sshd", "8023")


def test_ansible_runs_in_the_toolbox_with_the_collections_of_deployments(built: object) -> None:
    printed = once(
        "kolla-toolbox", CALLS, "--entrypoint=", command=("ansible", "localhost", "-c", "local", "-m", "ping")
    )
    assert '"ping": "pong"' in printed
    listed = once("kolla-toolbox", CALLS, "--entrypoint=", command=("ansible-galaxy", "collection", "list"))
    for collection in (
        "ansible.posix", "community.general", "community.mysql", "community.rabbitmq", "openstack.cloud",
        "openvswitch.openvswitch",
    ):  # fmt: skip
        assert collection in listed


@pytest.mark.parametrize(
    "module",
    [
        "community.general.keycloak_client", "community.mysql.mysql_db", "community.mysql.mysql_user",
        "community.mysql.mysql_variables", "community.rabbitmq.rabbitmq_user", "openstack.cloud.endpoint",
        "openstack.cloud.identity_user", "openvswitch.openvswitch.openvswitch_bridge",
    ],
)  # fmt: skip
def test_ansible_finds_the_modules_that_deployments_call(built: object, module: str) -> None:
    """A collection may only say where a module has gone; that place has to be there as well."""
    command = ("ansible-doc", "--type=module", module)
    assert "OPTIONS" in once("kolla-toolbox", CALLS, "--entrypoint=", command=command)


def test_group_kolla_is_what_lets_a_user_start(root: Root) -> None:
    line = next(
        text
        for text in (root("keystone") / "etc/group").read_text(encoding="utf-8").splitlines()
        if text.startswith("kolla:")
    )
    assert "keystone" in line.split(":")[3].split(",")


def test_the_contract_of_the_container_holds(built: object) -> None:
    for image in NAMES:
        facts = CATALOGUE.images[image]
        config = json.loads(podman("image", "inspect", f"kolla/{image}:{TAG}"))[0]["Config"]
        assert config.get("User", "") == facts.run_as, image
        assert config["Entrypoint"] == list(facts.entrypoint or CATALOGUE.images["base"].entrypoint), image
        assert config["Cmd"] == ["kolla_start"], image
        assert "LANG=en_US.UTF-8" in config["Env"], image
        assert config["Labels"]["name"] == image
        assert config["Labels"]["kolla_version"]


def test_two_bootstraps_of_one_archive_state_are_bit_identical(tmp_path: Path) -> None:
    from kollage import bootstrap
    from kollage.options import Options
    from kollage.releases import load_release
    from kollage.sources.store import digest

    recipe = bootstrap.bootstrap_for(Options(), epoch=load_release("2026.2").epoch)
    first, second = tmp_path / "first.tar", tmp_path / "second.tar"
    for target in (first, second):
        bootstrap.make_root(recipe, target, lambda _line: None)
    assert digest(first) == digest(second)


def test_an_interrupt_leaves_no_container_and_the_next_run_goes_on(built: object, tmp_path: Path) -> None:
    import signal
    import sys
    import time

    before = subprocess.run(["buildah", "containers", "-q"], capture_output=True, text=True, check=True).stdout
    log = tmp_path / "logs" / "memcached.log"
    run = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kollage",
            "build",
            "--force",
            "--tag",
            "interrupted",
            "--logs-dir",
            str(log.parent),
            "^memcached$",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while run.poll() is None and not (log.exists() and "STEP 3" in log.read_text(encoding="utf-8")):
        time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    printed, _ = run.communicate(timeout=60)
    assert run.returncode == 130, printed
    assert "cancelled" in printed
    assert subprocess.run(["buildah", "containers", "-q"], capture_output=True, text=True, check=True).stdout == before
    done = kollage("build", "--tag", "interrupted", "^memcached$")
    assert done.returncode == 0, done.stdout + done.stderr
    podman("rmi", "kolla/base:interrupted", "kolla/memcached:interrupted")


def test_a_full_disk_is_told_before_anything_is_begun(built: object, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(small)], check=True)
    try:
        config = tmp_path / "storage.conf"
        config.write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{small}/graph"\nrunroot = "{small}/run"\n', encoding="utf-8"
        )
        done = kollage("build", "memcached", CONTAINERS_STORAGE_CONF=str(config))
    finally:
        subprocess.run(["umount", "--recursive", str(small)], check=True)
    assert done.returncode == 3
    assert "MB are free where buildah keeps its images" in done.stderr
    assert "hint: free some space" in done.stderr
