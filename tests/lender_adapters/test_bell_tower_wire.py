"""钟楼银行's bytes: GB18030 decoded by us, and no door for XML's old attacks."""

from __future__ import annotations

import time

import pytest

from backend.kit.errors import Garbled
from lender_adapters.bell_tower_bank import wire

HEAD = b'<?xml version="1.0" encoding="GB18030"?>'
OPEN, CLOSE = b"<Msg><Head><TranCode>T</TranCode></Head><Body>", b"</Body></Msg>"
LAUGHS = b"<!DOCTYPE l [<!ENTITY a 'ha'>" + b"".join(
    f"<!ENTITY {chr(98 + at)} '{f'&{chr(97 + at)};' * 10}'>".encode() for at in range(9)
)


def _msg(inner: bytes) -> bytes:
    return HEAD + OPEN + inner + CLOSE


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "xml"),
        (b"<html><body>busy</body></html>", "garbled"),
        (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + _msg(b"<A>&x;</A>"), "dtd"),
        (HEAD + b'<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:1/">]>' + OPEN + b"<A>&x;</A>" + CLOSE, "dtd"),
        (HEAD + LAUGHS + b"]>" + OPEN + b"<A>&j;</A>" + CLOSE, "dtd"),
        (HEAD + b'<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">' + OPEN + CLOSE, "dtd"),
        (_msg(b"<!-- --><A>1</A>"), "dtd"),
        (_msg(b"<A><![CDATA[1]]></A>"), "dtd"),
        (_msg(b"<?php 1 ?>"), "dtd"),
        (_msg(b"<A>&unknown;</A>"), "xml"),
        (_msg(b"<A>" * 20 + b"</A>" * 20), "depth"),
        (_msg(b"<A>" * 1_000_000), "depth"),
        (_msg(b"<A>1</A>" * 60_000), "depth"),
        (_msg(b"<A>\xff</A>"), "encoding"),
        (_msg(b"<A>\x81</A>"), "encoding"),
        (b'<?xml version="1.0" encoding="UTF-8"?>' + OPEN + CLOSE, "encoding"),
        (_msg(b"<A>1</A>")[:-5], "xml"),
        (_msg(b'<A b="1">1</A>'), "garbled"),
        (_msg(b'<A xmlns="urn:x">1</A>'), "garbled"),
        (_msg(b"<A>1</A>loose"), "garbled"),
        (HEAD + b"<Msg><Head></Head></Msg>", "garbled"),
        (HEAD + b"<Msg><Head><TranCode>1</TranCode><TranCode>2</TranCode></Head><Body></Body></Msg>", "garbled"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[:50].decode("latin-1"),
)
def test_what_is_not_this_dialect_is_refused_at_once(raw: bytes, code: str) -> None:
    began = time.perf_counter()
    with pytest.raises(Garbled) as caught:
        wire.read(raw)
    assert caught.value.code == code
    assert time.perf_counter() - began < 1


def test_a_name_with_a_four_byte_character_is_read_as_it_was_written() -> None:
    raw = wire.write("T", "S", {"CustNm": "鼎𠮷㐀<商&行>"})
    assert "𠮷".encode("gb18030") in raw
    assert len("𠮷".encode("gb18030")) == 4
    assert wire.read(raw).body == {"CustNm": "鼎𠮷㐀<商&行>"}


def test_a_message_without_declaration_is_taken_for_what_was_agreed() -> None:
    assert wire.read(OPEN + "<A>信</A>".encode("gb18030") + CLOSE).body == {"A": "信"}


@pytest.mark.parametrize("text", ["3.45", "3.4550", "345", "-3.4500", "3.4500 ", "３.4500"])
def test_a_rate_that_is_no_whole_basis_point_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="writes it"):
        wire.STYLE.bp(text)
