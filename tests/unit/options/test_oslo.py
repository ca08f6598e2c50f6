"""oslo.config is whole, although what it seldom needs is loaded late."""

import subprocess
import sys

import pytest

LATE = ("netaddr", "rfc3986", "stevedore")


def told(program: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_what_no_option_needs_is_not_loaded() -> None:
    program = f"import sys, kollage.options.oslo; print([name for name in {LATE} if name in sys.modules])"
    assert told(program) == "[]"


@pytest.mark.parametrize(
    "used",
    ["cfg.types.IPAddress()('192.0.2.1')", "cfg.types.URI()('https://example.org')", "cfg.types.HostAddress()('a.b')"],
)
def test_what_needs_it_has_it(used: str) -> None:
    assert told(f"from kollage.options.oslo import cfg; print({used})") in {"192.0.2.1", "https://example.org", "a.b"}


@pytest.mark.parametrize("name", LATE)
def test_who_imports_it_has_the_real_one(name: str) -> None:
    program = f"import kollage.options.oslo, {name}; print({name}.__file__.rpartition('/')[2])"
    assert told(program) == "__init__.py"


def test_one_that_was_there_before_stays() -> None:
    assert told("import netaddr as a, kollage.options.oslo; import netaddr as b; print(a is b)") == "True"
