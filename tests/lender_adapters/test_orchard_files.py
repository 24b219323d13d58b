"""果园农商银行's files: whole or not at all."""

from __future__ import annotations

from datetime import date

import pytest

from backend.kit.errors import Garbled
from lender_adapters import port
from lender_adapters.orchard_bank import wire

KEY, NAME = bytes(range(32)), "20250220.txt"
PAID = port.Repaid("m1", "app_1", date(2025, 2, 20), "D1", "P1", date(2025, 2, 20), 100, 0, 0, 1, 99, "borrower")
CLOSED = port.Closed("m2", "app_2", date(2025, 2, 20), "expired", "丨亅|\\过期\n二行")


def _file() -> bytes:
    return wire.write(NAME, [PAID, CLOSED], KEY)


def _sealed(before: bytes, count: int, total: int, key: bytes = KEY) -> bytes:
    """A file with a trailer that is right in itself."""
    trailer = f"T|{count}|{total}|{wire.sm3(before)}|".encode()
    return before + trailer + wire.sm3_mac(key, before + trailer).encode() + b"\n"


def _before() -> bytes:
    raw = _file()
    return raw[: raw.rfind(b"\nT|") + 1]


def test_every_truncation_is_refused_whole() -> None:
    raw = _file()
    for length in range(len(raw)):
        with pytest.raises(Garbled):
            wire.read(raw[:length], NAME, KEY)


def test_every_changed_byte_is_refused_whole() -> None:
    raw = _file()
    for at in range(len(raw)):
        with pytest.raises(Garbled):
            wire.read(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], NAME, KEY)


def test_nothing_may_follow_the_trailer() -> None:
    for more in (b"\n", b"CLS|x\n", _file(), b"T|0|0||\n"):
        with pytest.raises(Garbled):
            wire.read(_file() + more, NAME, KEY)


def test_a_trailer_that_counts_or_adds_wrongly_is_refused_though_it_is_sealed() -> None:
    assert wire.read(_sealed(_before(), 2, 100), NAME, KEY) == (PAID, CLOSED)
    for count, total in ((1, 100), (3, 100), (2, 99), (2, 0)):
        with pytest.raises(Garbled) as caught:
            wire.read(_sealed(_before(), count, total), NAME, KEY)
        assert caught.value.code == "trailer"


def test_a_file_under_another_key_or_name_is_refused() -> None:
    with pytest.raises(Garbled) as caught:
        wire.read(wire.write(NAME, [PAID], bytes(32)), NAME, KEY)
    assert caught.value.code == "signature"
    with pytest.raises(Garbled) as caught:
        wire.read(_file(), "20250221.txt", KEY)
    assert caught.value.code == "foreign"


@pytest.mark.parametrize(
    "line",
    [
        "XXX|1",
        "PAY.FIRM|1",
        "CLS|m|a|20250220|W",
        "CLS|m|a|20250220|W|x|y",
        "CLS|m|a|20250230|W|x",
        "CLS|m|a|20250220|Z|x",
        r"CLS|m|a|20250220|W|\x",
        "",
        "DEC.OFFER|OO1|1|1|12|C|60|20250101",
        "H|ORCHARD|1|20250220.txt",
    ],
)
def test_a_line_out_of_place_spoils_the_whole_file(line: str) -> None:
    before = _before() + line.encode("gb18030") + b"\n"
    with pytest.raises(Garbled):
        wire.read(_sealed(before, 3, 100), NAME, KEY)


def test_carriage_returns_are_not_this_dialect() -> None:
    before = _before().replace(b"\n", b"\r\n")
    with pytest.raises(Garbled):
        wire.read(_sealed(before, 2, 100), NAME, KEY)


def test_a_character_whose_second_byte_is_a_pipe_does_not_split_a_field() -> None:
    assert b"|" in "亅".encode("gb18030")
    assert wire.read(_file(), NAME, KEY) == (PAID, CLOSED)


def test_sm3_is_the_published_one() -> None:
    """GB/T 32905 annex A, example 1."""
    assert wire.sm3(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
