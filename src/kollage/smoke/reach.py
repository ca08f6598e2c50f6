"""Whether a machine answers on the network: ping and HTTP, never through a proxy."""

import http.client
from collections.abc import Callable
from dataclasses import dataclass

from kollage import process
from kollage.process import CommandError

_WAIT = 5  # seconds for an answer


@dataclass(frozen=True, slots=True)
class Reach:
    """Two ways to ask a machine; each gives what came back, and whether that is an answer."""

    ping: Callable[[str], tuple[bool, str]]
    page: Callable[[str, str, float], tuple[bool, str]]  # an address, a path and the seconds that it may take


def ping(address: str) -> tuple[bool, str]:
    """Ask once. Raises `EngineError` where there is no program for it."""
    try:
        said = process.run(["ping", "-n", "-c", "1", "-W", str(_WAIT), address])
    except CommandError as error:
        return False, error.tail[-1] if error.tail else "no answer"
    return True, next((line for line in said.splitlines() if " time=" in line), "")


def page(address: str, path: str, seconds: float) -> tuple[bool, str]:
    """Fetch a page over HTTP: its text, or what went wrong."""
    connection = http.client.HTTPConnection(address, 80, timeout=seconds)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return False, getattr(error, "strerror", None) or str(error) or type(error).__name__
    finally:
        connection.close()
    return answer.status == http.client.OK, text if answer.status == http.client.OK else f"{answer.status} {text[:200]}"


REAL = Reach(ping=ping, page=page)
