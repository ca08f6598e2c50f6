"""An image that keeps the contract, and one by one what breaks it."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.unit.verify.roots import IMAGE, File, Made, findings, folder, link, messages, program, subject

from kollage.image import Account, Image, PerBase, Source, User
from kollage.process import CommandError
from kollage.verify import Runner, contract

CHECKS = (*contract.CHECKS, *contract.ASKING)
ACCOUNTS = {
    "kolla": Account(uid=42400, gid=42400, group="kolla"),
    "nova": Account(uid=42436, gid=42436, group="nova"),
    "hacluster": Account(uid=42486, gid=42486, group="haclient"),
}
OURS = dataclasses.replace(
    IMAGE,
    users=(User(name="nova", home="/var/lib/nova", shell="/bin/bash", groups=("qemu",)),),
    run_as="nova",
    sources=(Source(name="nova-base", type="pypi", link="/nova"),),
    env={"PATH": "/var/lib/kolla/venv/bin:$PATH", "NOVA_HOME": "/var/lib/nova"},
    commands=PerBase(everywhere=("nova-api",), only={"rpm": ("only-there",)}),
)
WHOLE = dataclasses.replace(IMAGE, whole=True)
HELPERS = ("kolla_copy_cacerts", "kolla_install_projects", "kolla_patch", "kolla_set_configs", "kolla_start")
HEALTH = [f"/usr/local/bin/healthcheck_{name}" for name in ("curl", "filemod", "listen", "port", "socket")]
TOOLS = ("bash", "curl", "dumb-init", "lsof", "pgrep", "python3", "ss", "stat", "sudo", "tput")
PASSWD = """\
root:x:0:0:root:/root:/bin/bash
kolla:x:42400:42400::/home/kolla:/usr/sbin/nologin
nova:x:42436:42436::/var/lib/nova:/bin/bash
hacluster:x:42486:42486::/home/hacluster:/usr/sbin/nologin
"""
GROUP = "root:x:0:\nkolla:x:42400:nova\nnova:x:42436:\nhaclient:x:42486:\nqemu:x:42427:nova\n"
FILES: Mapping[str, Made] = {
    **{f"/usr/bin/{name}": program() for name in TOOLS},
    **{f"/usr/local/bin/{name}": program() for name in HELPERS},
    **dict.fromkeys(HEALTH, program()),
    "/usr/local/bin/kolla_extend_start": "",
    "/var/lib/kolla/venv/bin/nova-api": program(),
    "/var/lib/kolla/venv/bin/python": link("/usr/bin/python3"),
    "/var/lib/kolla/venv/lib/python3": link("python3.13"),
    "/var/lib/kolla/venv/lib/python3.13": folder(),
    "/etc/passwd": PASSWD,
    "/etc/group": GROUP,
    "/etc/sudoers": File("root ALL=(ALL) ALL\n@includedir /etc/sudoers.d\n", mode=0o440),
    "/etc/sudoers.d/kolla_nova_sudoers": File("nova ALL=(root) NOPASSWD: /bin/true\n", mode=0o440),
    "/nova": link("nova-base-source/nova-1"),
    "/nova-base-source/nova-1/setup.py": "",
    "/tmp": folder(0o1777),
    "/usr/lib/locale/en_US.utf8": folder(),
    "/var/lib/nova": folder(uid=42436, gid=42436),
    "/var/log/kolla": folder(0o2775, gid=42400),
}
ENVIRONMENT = {
    "KOLLA_BASE_ARCH": "x86_64",
    "KOLLA_BASE_DISTRO": "debian",
    "LANG": "en_US.UTF-8",
    "NOVA_HOME": "/var/lib/nova",
    "PATH": "/var/lib/kolla/venv/bin:/usr/local/bin:/usr/bin",
    "PS1": "($(printenv KOLLA_SERVICE_NAME)) [\\w]$ ",
}
LABELS = {
    "kolla_version": "1",
    "maintainer": "us",
    "name": "nova-api",
    "org.opencontainers.image.title": "nova-api",
    "org.opencontainers.image.version": "2026.2",
}
CONFIGURATION: Mapping[str, object] = {
    "Entrypoint": ["dumb-init", "--single-child", "--"],
    "Cmd": ["kolla_start"],
    "User": "nova",
    "Labels": LABELS,
}


def visudo(command: Sequence[str], text: str) -> str:
    """All rules are fine."""
    assert list(command[:2]) == ["visudo", "-cf"]
    return ""


def found(
    root: Path,
    files: Mapping[str, Made] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    configuration: Mapping[str, object] | None = None,
    image: Image = OURS,
    run: Runner = visudo,
) -> list[tuple[str, str]]:
    """The findings of the good image after some changes."""
    env = [f"{name}={value}" for name, value in {**ENVIRONMENT, **(environment or {})}.items()]
    facts = {**CONFIGURATION, "Env": env, **(configuration or {})}
    made = subject(root, {**FILES, **(files or {})}, image=image, configuration=facts, accounts=ACCOUNTS, run=run)
    return findings(CHECKS, made)


@pytest.mark.parametrize("image", [OURS, WHOLE], ids=["ours", "whole"])
def test_an_image_that_keeps_the_contract_has_no_findings(tmp_path: Path, image: Image) -> None:
    assert found(tmp_path, image=image) == []


def test_commands_that_image_toml_promises_are_found_on_the_path(tmp_path: Path) -> None:
    not_executable = {"/var/lib/kolla/venv/bin/nova-api": program(0o644)}
    assert found(tmp_path, not_executable) == [("contract.commands", "nova-api")]


def test_what_the_start_and_the_health_checks_call_is_there(tmp_path: Path) -> None:
    without = {"/usr/bin/sudo": None, "/usr/bin/lsof": None}
    assert found(tmp_path, without, image=WHOLE) == [("contract.commands", "sudo"), ("contract.commands", "lsof")]


def test_an_image_without_health_checks_needs_none_and_not_what_they_call(tmp_path: Path) -> None:
    assert found(tmp_path, {**dict.fromkeys(HEALTH), "/usr/bin/lsof": None}) == []


def test_health_checks_come_all_together(tmp_path: Path) -> None:
    assert found(tmp_path, dict.fromkeys(HEALTH[:4])) == [("contract.helpers", path) for path in HEALTH[:4]]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("kolla_start", None),
        ("kolla_start", folder()),
        ("kolla_start", program(0o700)),
        ("kolla_set_configs", program(0o775)),
        ("kolla_set_configs", program(uid=42436)),
        ("kolla_extend_start", program(0o600)),
    ],
)
def test_helpers_can_be_run_by_all_and_changed_by_root_alone(tmp_path: Path, name: str, made: Made) -> None:
    path = f"/usr/local/bin/{name}"
    complaints = [each for each in found(tmp_path, {path: made}) if each[0] == "contract.helpers"]
    assert complaints == [("contract.helpers", path)]


def test_what_is_sourced_may_be_executable(tmp_path: Path) -> None:
    assert found(tmp_path, {"/usr/local/bin/kolla_extend_start": program()}) == []


def test_an_image_has_the_helpers_that_its_name_promises(tmp_path: Path) -> None:
    image = dataclasses.replace(WHOLE, name="ovn-nb-db-server")
    labels = {"Labels": {**LABELS, "name": image.name, "org.opencontainers.image.title": image.name}}
    path = "/usr/local/bin/start-nb-db-server"
    assert found(tmp_path, image=image, configuration=labels) == [("contract.helpers", path)]
    assert found(tmp_path, {path: program(0o744)}, image=image, configuration=labels) == []


def test_accounts_have_their_numbers_and_groups(tmp_path: Path) -> None:
    wrong = {
        "/etc/passwd": PASSWD.replace("kolla:x:42400:", "kolla:x:999:"),
        "/etc/group": GROUP.replace("haclient:x:42486:\n", ""),
    }
    assert found(tmp_path, wrong) == [("contract.users", "kolla"), ("contract.users", "haclient")]


def test_an_account_that_is_missing_is_told_with_its_numbers(tmp_path: Path) -> None:
    made = subject(tmp_path, {"/etc/passwd": "", "/etc/group": GROUP}, accounts=ACCOUNTS)
    assert "nova is no account and needs 42436:42436" in messages(CHECKS, made)


def test_an_account_of_few_images_is_missed_only_where_it_is_set_up(tmp_path: Path) -> None:
    accounts = {**ACCOUNTS, "zaqar": Account(uid=42452, gid=42452, group="zaqar", own=True)}
    zaqar = dataclasses.replace(OURS, users=(User(name="zaqar", home="/var/lib/zaqar"),))
    told = "zaqar is no account and needs 42452:42452"
    assert told not in messages(CHECKS, subject(tmp_path / "a", FILES, image=OURS, accounts=accounts))
    assert told in messages(CHECKS, subject(tmp_path / "b", FILES, image=zaqar, accounts=accounts))


def test_an_account_of_few_images_has_its_numbers_where_it_is(tmp_path: Path) -> None:
    accounts = {**ACCOUNTS, "zaqar": Account(uid=42452, gid=42452, group="zaqar", own=True)}
    passwd = PASSWD + "zaqar:x:7:7::/var/lib/zaqar:/usr/sbin/nologin\n"
    made = subject(tmp_path, {**FILES, "/etc/passwd": passwd}, image=OURS, accounts=accounts)
    assert "zaqar has the numbers 7:7 and needs 42452:42452" in messages(CHECKS, made)


def test_a_user_of_the_image_without_an_account_is_told_once(tmp_path: Path) -> None:
    image = dataclasses.replace(OURS, users=(*OURS.users, User(name="ceph", home="/")))
    without = PASSWD.replace("nova:x:42436:42436::/var/lib/nova:/bin/bash\n", "")
    complaints = found(tmp_path, {"/etc/passwd": without}, image=image)
    assert complaints == [("contract.users", "nova"), ("contract.start", "User")]
    assert found(tmp_path, {"/etc/passwd": PASSWD + "ceph:x:64045:64045::/:/bin/sh\n"}, image=image) == []


@pytest.mark.parametrize(
    ("files", "about"),
    [
        ({"/etc/passwd": PASSWD.replace("/var/lib/nova", "/nonexistent")}, "nova"),
        ({"/etc/passwd": PASSWD.replace("nova:/bin/bash", "nova:/usr/sbin/nologin")}, "nova"),
        ({"/etc/group": GROUP.replace("42427:nova", "42427:")}, "nova"),
        ({"/etc/group": GROUP.replace("42400:nova", "42400:")}, "nova"),
        ({"/var/lib/nova": None}, "/var/lib/nova"),
        ({"/var/lib/nova": folder()}, "/var/lib/nova"),
    ],
    ids=["home", "shell", "group", "kolla", "no home", "home of root"],
)
def test_the_user_of_an_image_is_set_up(tmp_path: Path, files: Mapping[str, Made], about: str) -> None:
    assert found(tmp_path, files) == [("contract.users", about)]


@pytest.mark.parametrize("made", [None, folder(gid=42400), folder(0o2775), folder(0o2775, uid=42436, gid=42400)])
def test_logs_have_their_folder(tmp_path: Path, made: Made) -> None:
    assert found(tmp_path, {"/var/log/kolla": made}) == [("contract.paths", "/var/log/kolla")]


@pytest.mark.parametrize("path", ["/run_command", "/configured", "/etc/kolla/defaults/state"])
def test_an_image_holds_no_state_of_a_container(tmp_path: Path, path: str) -> None:
    assert found(tmp_path, {path: "x"}) == [("contract.paths", path)]


def test_sources_are_where_deployments_look_for_them(tmp_path: Path) -> None:
    assert found(tmp_path, {"/nova": link("somewhere-else")}) == [("contract.paths", "/nova")]


def test_the_virtual_environment_can_be_reached_without_the_version_of_python(tmp_path: Path) -> None:
    path = "/var/lib/kolla/venv/lib/python3"
    assert found(tmp_path, {path: None}) == [("contract.paths", path)]
    assert found(tmp_path, {path: folder()}) == [("contract.paths", path)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KOLLA_BASE_ARCH", "amd64"),
        ("KOLLA_BASE_DISTRO", "ubuntu"),
        ("LANG", "C.UTF-8"),
        ("NOVA_HOME", "/"),
        ("PATH", "/usr/local/bin:/usr/bin:/var/lib/kolla/venv/bin"),
        ("PATH", "/var/lib/kolla/venv/bin:/usr/bin"),
        ("PS1", "$ "),
    ],
)
def test_variables_have_their_values(tmp_path: Path, name: str, value: str) -> None:
    complaints = found(tmp_path, {"/usr/lib/locale/C.utf8": folder()}, environment={name: value})
    assert ("contract.environment", name) in complaints
    assert {about for check, about in complaints if check == "contract.environment"} == {name}


def test_the_locale_is_in_the_image_in_one_of_its_forms(tmp_path: Path) -> None:
    without = {"/usr/lib/locale/en_US.utf8": None}
    assert found(tmp_path, without) == [("contract.environment", "LANG")]
    assert found(tmp_path, {**without, "/usr/lib/locale/locale-archive": ""}) == []


@pytest.mark.parametrize(
    ("configuration", "about"),
    [
        ({"Entrypoint": ["tini", "--"]}, "Entrypoint"),
        ({"Cmd": None}, "Cmd"),
        ({"Cmd": ["bash"]}, "Cmd"),
        ({"User": "root"}, "User"),
        ({"User": None}, "User"),
    ],
)
def test_a_container_starts_as_deployments_expect(
    tmp_path: Path, configuration: Mapping[str, object], about: str
) -> None:
    assert found(tmp_path, {"/usr/bin/tini": program()}, configuration=configuration) == [("contract.start", about)]


def test_the_entrypoint_can_be_left_out_by_an_option(tmp_path: Path) -> None:
    assert found(tmp_path, {"/usr/bin/dumb-init": None}, configuration={"Entrypoint": None}) == []


def test_an_image_may_have_a_start_of_its_own(tmp_path: Path) -> None:
    image = dataclasses.replace(OURS, entrypoint=("dumb-init", "--"), command=("nova-api",))
    own = {"Entrypoint": ["dumb-init", "--"], "Cmd": ["nova-api"]}
    assert found(tmp_path, image=image, configuration=own) == []
    wrong = [("contract.start", "Entrypoint"), ("contract.start", "Cmd")]
    assert found(tmp_path, image=image) == wrong


def test_a_whole_dockerfile_may_start_what_it_likes_if_it_is_there(tmp_path: Path) -> None:
    init: Mapping[str, object] = {"Entrypoint": [], "Cmd": ["/sbin/init"], "User": ""}
    assert found(tmp_path, {"/sbin/init": program()}, image=WHOLE, configuration=init) == []
    assert found(tmp_path, image=WHOLE, configuration=init) == [("contract.start", "/sbin/init")]


def test_the_account_that_a_service_runs_as_exists(tmp_path: Path) -> None:
    assert found(tmp_path, image=WHOLE, configuration={"User": "glance:kolla"}) == [("contract.start", "User")]
    assert found(tmp_path, image=WHOLE, configuration={"User": "42436"}) == []


@pytest.mark.parametrize("name", LABELS)
def test_labels_are_there_and_name_the_image(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, configuration={"Labels": {**LABELS, name: ""}}) == [("contract.labels", name)]


def test_an_image_without_labels_is_told_of_each(tmp_path: Path) -> None:
    complaints = found(tmp_path, configuration={"Labels": None})
    assert sorted(complaints) == [("contract.labels", name) for name in sorted(LABELS)]


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("/etc/sudoers", None),
        ("/etc/sudoers", File("root ALL=(ALL) ALL\n", mode=0o440)),
        ("/etc/sudoers", File("@includedir /etc/sudoers.d\n", mode=0o644)),
        ("/etc/sudoers.d/kolla_nova_sudoers", File("", mode=0o644)),
        ("/etc/sudoers.d/kolla_nova_sudoers", File("", mode=0o440, uid=42436)),
        ("/etc/sudoers.d/nova.conf", File("", mode=0o440)),
        ("/etc/sudoers.d/nova~", File("", mode=0o440)),
    ],
)
def test_sudo_reads_every_rule(tmp_path: Path, path: str, made: Made) -> None:
    assert found(tmp_path, {path: made}) == [("contract.sudo", path)]


def test_the_older_form_of_including_rules_is_fine(tmp_path: Path) -> None:
    assert found(tmp_path, {"/etc/sudoers": File("#includedir /etc/sudoers.d\n", mode=0o440)}) == []


def refusing(*wrong: str) -> Runner:
    """A visudo that does not like some files, as sudo has it: whoever includes them is wrong too."""

    def run(command: Sequence[str], text: str) -> str:
        if command[-1] in wrong:
            raise CommandError(command, 1, ["first", f"{wrong[-1]}:1:3: syntax error"])
        return ""

    return run


def test_rules_that_do_not_parse_are_told_by_their_file(tmp_path: Path) -> None:
    path = "/etc/sudoers.d/kolla_nova_sudoers"
    assert found(tmp_path, run=refusing("/etc/sudoers", path)) == [("contract.sudo", path)]


def test_what_is_wrong_with_all_rules_together_is_told_of_the_first_file(tmp_path: Path) -> None:
    made = subject(tmp_path, FILES, run=refusing("/etc/sudoers"))
    assert "/etc/sudoers does not parse: /etc/sudoers:1:3: syntax error" in messages(CHECKS, made)


def test_every_check_is_described() -> None:
    code = Path(contract.__file__).read_text(encoding="utf-8")
    page = (Path(__file__).parents[3] / "docs/reference/checks.md").read_text(encoding="utf-8")
    named = set(re.findall(r'_(?:finding|heaps)\(\s*"(\w+)"', code))
    assert named == set(re.findall(r"^\| `contract\.(\w+)`", page, re.MULTILINE))
