"""Asking a machine on the network: what is sent, and what counts as its answer."""

import struct

import pytest

from kollage.smoke import reach

HEADER = bytes([0x45]) + bytes(19)  # of an IP packet


def test_a_request_adds_up_to_nothing_as_the_internet_counts() -> None:
    sent = reach.message(8, 0xFFEE)
    assert sent[0] == 8
    total = sum(struct.unpack(f"!{len(sent) // 2}H", sent))
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF


@pytest.mark.parametrize("before", [b"", HEADER])
def test_the_answer_to_a_request_is_told_from_all_else(before: bytes) -> None:
    assert reach.answers(before + reach.message(0, 7), 7)
    assert not reach.answers(before + reach.message(0, 8), 7)
    assert not reach.answers(before + reach.message(8, 7), 7)
    assert not reach.answers(before + b"\x00", 7)
    assert not reach.answers(b"", 7)


def test_a_page_that_nobody_serves_is_told_in_the_systems_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # it is not asked
    assert reach.page("127.0.0.1", "/", 5) in {(False, "Connection refused"), (False, "404 nothing there")}
