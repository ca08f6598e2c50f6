"""What went wrong is said in a sentence, with the way out, and whether it may pass."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from kollage.registry.refusals import Answer, broken_off, refused


def caused(outer: Exception, inner: Exception) -> Exception:
    """An error as libraries wrap it."""
    outer.__cause__ = inner
    return outer


def tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


def busy(retry_after: str) -> float:
    return refused("quay.io", Answer(url="", status=429, headers={"retry-after": retry_after})).pause


def test_a_registry_may_ask_for_seconds_or_name_a_moment() -> None:
    assert busy("12") == 12.0
    assert 30 < busy(format_datetime(datetime.now(UTC) + timedelta(seconds=60))) <= 60


@pytest.mark.parametrize("text", ["", "soon", "-3", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 -0000"])
def test_what_is_no_time_to_come_asks_for_nothing(text: str) -> None:
    assert busy(text) == 0.0


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"errors": []}', b'{"errors": [1]}', b'{"errors": [{}]}'])
def test_where_a_registry_does_not_say_more_neither_does_the_message(body: bytes) -> None:
    error = refused("quay.io", Answer(url="", status=500, reason="Internal Server Error", body=body))
    assert error.message == "quay.io answers 500 Internal Server Error"


def test_the_words_of_a_registry_have_an_end() -> None:
    body = b'{"errors": [{"code": "DENIED", "message": "' + b"x" * 999 + b'"}]}'
    assert len(refused("quay.io", Answer(url="", status=400, body=body)).message) < 300


def test_a_code_stands_for_words_that_are_not_there() -> None:
    assert "(DENIED)" in refused("q", Answer(url="", status=400, body=b'{"errors": [{"code": "DENIED"}]}')).message


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset by peer"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (TimeoutError("timed out"), "timed out"),
        (TimeoutError(), "TimeoutError"),
        (OSError("Tunnel connection failed: 502 Bad Gateway"), "Tunnel connection failed: 502 Bad Gateway"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "Temporary failure in name"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), "EOF occurred"),
    ],
)
def test_what_the_network_does_may_pass(cause: Exception, said: str) -> None:
    error = broken_off("quay.io", caused(OSError("wrapped"), cause))
    assert error.message.startswith(f"quay.io cannot be reached: {said}")
    assert "proxy variables" in error.hint
    assert error.transient


@pytest.mark.parametrize(
    "cause",
    [
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        OSError("Tunnel connection failed: 407 Proxy Authentication Required"),
    ],
)
def test_what_will_not_change_is_final(cause: Exception) -> None:
    error = broken_off("quay.io", caused(OSError("wrapped"), cause))
    assert error.message == f"quay.io cannot be reached: {cause.args[-1]}"
    assert not error.transient


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("WRONG_VERSION_NUMBER", "a registry that is not on this machine needs https"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "put it into /etc/containers/certs.d/quay.io/client.cert and client.key"),
    ],
)
def test_tls_that_does_not_come_about_is_final(reason: str, hint: str) -> None:
    error = broken_off("quay.io", caused(OSError("wrapped"), tls(reason)))
    assert error.message == f"quay.io cannot be spoken with over TLS: {reason.replace('_', ' ').lower()}"
    assert error.hint.endswith(hint)
    assert not error.transient


def test_an_error_may_be_the_only_word_of_another() -> None:
    error = broken_off("quay.io", OSError(OSError(tls("TLSV1_ALERT_INTERNAL_ERROR"))))
    assert error.message == "quay.io cannot be spoken with over TLS: tlsv1 alert internal error"
