"""港湾银行's bytes: JSON without its traps, and signatures that fit one message only."""

from __future__ import annotations

import pytest

from backend.kit.crypto import public_key
from backend.kit.errors import Garbled
from lender_adapters.harbour_bank import wire

PRIVATE, NOW = bytes(range(32)), 1_735_862_400
PUBLIC = public_key(PRIVATE)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "json"),
        (b"[]", "json"),
        (b'"text"', "json"),
        (b'{"a": NaN}', "fraction"),
        (b'{"a": Infinity}', "fraction"),
        (b'{"a": -Infinity}', "fraction"),
        (b'{"a": 1e400}', "fraction"),
        (b'{"a": 1.0}', "fraction"),
        (b'{"a": 1, "a": 1}', "twice"),
        (b'{"b": {"a": 1, "\\u0061": 1}}', "twice"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "depth"),
        (b"[" * 1_000_000, "depth"),
        (b'{"a": "' + b"[" * 100 + b'"', "json"),
        ('{"a": "信桥"}'.encode("gb18030"), "encoding"),
        (b'\xef\xbb\xbf{"a": 1}', "json"),
        (b'{"a": 1} {"b": 2}', "json"),
        (b'{"a": "\x00"}', "json"),
    ],
)
def test_what_is_not_plain_json_is_garbled(body: bytes, code: str) -> None:
    with pytest.raises(Garbled) as caught:
        wire.loads(body)
    assert caught.value.code == code


def test_brackets_inside_a_text_do_not_count_as_depth() -> None:
    assert wire.loads(b'{"a": "' + b'[\\"{' * 100 + b'"}')["a"].startswith('["{')


def _why(headers: dict[str, str], *, method: str = "POST", path: str = "/v1/x", body: bytes = b"{}", **more: object) -> str:
    values: dict[str, object] = {"key": wire.PLATFORM_KEY, "now": NOW} | more
    return wire.why_not_signed(PUBLIC, headers, method, path, body, **values)  # type: ignore[arg-type]


def test_a_signature_fits_its_own_message_only() -> None:
    headers = wire.signed_headers(PRIVATE, "POST", "/v1/x", b"{}", NOW, "nonce-0001", wire.PLATFORM_KEY)
    assert _why(headers) == ""
    assert _why({name.upper(): value for name, value in headers.items()}) == ""
    assert _why(headers, method="PUT") == "wrong signature"
    assert _why(headers, path="/v1/y") == "wrong signature"
    assert _why(headers, body=b"{ }") == "wrong signature"
    assert _why(headers | {"harbour-nonce": "nonce-0002"}) == "wrong signature"
    assert _why(headers | {"harbour-created": str(NOW + 1)}) == "wrong signature"
    assert _why(headers | {"harbour-signature": "!"}) == "wrong signature"
    assert _why(headers, key="another") == "unknown key"
    assert _why(headers, nonce="nonce-0002") == "answers another request"
    assert _why({}) == "unknown key"


@pytest.mark.parametrize(("age", "why"), [(0, ""), (60, ""), (-60, ""), (61, "stale"), (-61, "stale")])
def test_a_message_lives_sixty_seconds(age: int, why: str) -> None:
    headers = wire.signed_headers(PRIVATE, "POST", "/v1/x", b"{}", NOW - age, "nonce-0001", wire.PLATFORM_KEY)
    assert _why(headers) == why
