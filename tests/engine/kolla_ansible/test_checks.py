"""By what kolla-ansible knows that a container is healthy, `[verify]` knows it too."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from kollage.catalogue import load_catalogue
from tests.engine.kolla_ansible.host import peer

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "src/kollage/images")
_LINE = re.compile(r'^(\w+)_healthcheck_test: \["CMD-SHELL", "(.*)"\]$', re.MULTILINE)
_VALUE = re.compile(r"(?:[^\s{]*\{\{.*?\}\}[^\s{]*)+")  # an address or a port, which are others here
OTHERWISE = {
    "keystone-fernet",  # whose script kolla-ansible brings itself
    "ceilometer-central", "ceilometer-compute", "ceilometer-ipmi",  # which find nothing to publish when they are alone
}  # fmt: skip


def asked() -> dict[str, list[str]]:
    """Of each image the program that looks, and what it looks for."""
    roles = peer() / "share/kolla-ansible/ansible/roles"
    pages = [path.read_text(encoding="utf-8") for path in sorted(roles.glob("*/defaults/main.yml"))]
    found = [(name.replace("_", "-"), text) for page in pages for name, text in _LINE.findall(page)]
    return {name: shlex.split(_VALUE.sub("", text)) for name, text in found if name in CATALOGUE.images}


def has(healthy: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a check begins with some words, or is a line for bash that begins with them."""
    line = healthy[2] if healthy[:2] == ("bash", "-c") else shlex.join(healthy)
    return line == shlex.join(words) or line.startswith(f"{shlex.join(words)} ")


@pytest.mark.engine
def test_verification_asks_what_kolla_ansible_asks() -> None:
    checks = asked()
    assert len(checks) > 70
    differ = {
        name: (words, CATALOGUE.images[name].verify.healthy)
        for name, words in checks.items()
        if name not in OTHERWISE and not has(CATALOGUE.images[name].verify.healthy, words)
    }
    assert differ == {}
