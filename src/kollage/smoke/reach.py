"""Whether a machine answers on the network: ping and HTTP, never through a proxy."""

import http.client
import os
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from kollage.errors import EngineError

_WAIT = 5.0  # seconds for an answer
_REQUEST, _ANSWER = 8, 0  # types of ICMP messages


@dataclass(frozen=True, slots=True)
class Reach:
    """Two ways to ask a machine; each gives whether there is an answer, and what was said."""

    ping: Callable[[str], tuple[bool, str]]
    page: Callable[[str, str, float], tuple[bool, str]]  # an address, a path and the seconds that it may take


def ping(address: str) -> tuple[bool, str]:
    """Send one echo request and wait for its answer. Raises `EngineError` where this user may not."""
    number = int.from_bytes(os.urandom(2), "big")
    began = time.monotonic()
    try:
        with _icmp() as talk:
            talk.sendto(message(_REQUEST, number), (address, 0))
            _heard(talk, number, until=began + _WAIT)
    except TimeoutError:
        return False, f"no answer within {_WAIT:.0f} s"
    except OSError as error:
        return False, error.strerror or str(error)
    return True, f"time={1000 * (time.monotonic() - began):.1f} ms"


def _heard(talk: socket.socket, number: int, *, until: float) -> None:
    """Wait for the answer to a request. Raises `TimeoutError` when it does not come."""
    while True:
        talk.settimeout(max(until - time.monotonic(), 0.001))  # zero would mean not to wait at all
        if answers(talk.recv(1500), number):
            return


def message(kind: int, number: int) -> bytes:
    """An ICMP echo message with its checksum; the number is both its identity and its place in the sequence."""
    body = struct.pack("!HH", number, number) + b"kollage!"
    return struct.pack("!BBH", kind, 0, _checksum(struct.pack("!BBH", kind, 0, 0) + body)) + body


def answers(packet: bytes, number: int) -> bool:
    """Whether a packet, with the header of its IP or without, is the answer to a request with that number."""
    said = packet[(packet[0] & 15) * 4 :] if packet[:1] >= b"\x40" else packet
    # the kernel has identities of its own for sockets without rights: the number in the sequence is ours
    return len(said) >= 8 and said[0] == _ANSWER and struct.unpack("!H", said[6:8])[0] == number


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


def _icmp() -> socket.socket:
    """A socket for ICMP: one that needs no rights where the kernel gives it, else a raw one."""
    try:
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    except PermissionError:
        pass
    try:
        return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    except PermissionError as error:
        raise EngineError(
            "this user may not ping", hint="run as root, or allow it: sysctl net.ipv4.ping_group_range='0 2147483647'"
        ) from error


def _checksum(data: bytes) -> int:
    """The checksum of the internet: the ones' complement of the sum of all words."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


REAL = Reach(ping=ping, page=page)
