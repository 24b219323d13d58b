"""The dialect of 港湾银行: JSON in UTF-8, money as a string of yuan with two decimals, everything signed.

Names are camelCase with the unit in the name (`amountYuan`, `ratePercent`), days are ISO, codes are capitals. A number in JSON is
a whole number; a fraction, NaN, a key said twice, or anything nested deeper than 16 is refused.

What is signed is a text of six lines, so that neither side need agree on how JSON is written:

>>> print(signing_text("POST", "/v1/applications", b"{}", 1735862400, "n1", "creditbridge").decode())
POST
/v1/applications
sha-256=RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=
1735862400
n1
creditbridge
>>> loads(b'{"amountYuan": "1.00", "amountYuan": "2.00"}')
Traceback (most recent call last):
backend.kit.errors.Garbled: the name “amountYuan” is said twice
>>> loads(b'{"amountYuan": 1.5}')
Traceback (most recent call last):
backend.kit.errors.Garbled: “1.5” is a fraction; this bank writes money as text
>>> STYLE.money(123456), STYLE.fen("1234.56"), STYLE.rate(345), STYLE.name("principal_fen")
('1234.56', 123456, '3.45', 'principalYuan')
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn

from backend.kit import crypto
from backend.kit.errors import Garbled
from lender_adapters.dialect import message_from, message_tree
from lender_adapters.port import Message
from lender_adapters.style import Style, encoded

MEDIA = "application/json"
PLATFORM_KEY = "creditbridge"
BANK_KEY = "harbour-bank"
OLDEST_SECONDS = 60
DEEPEST = 16


class _Style(Style):
    codes: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "kind": {
            "Received": "RECEIVED",
            "DocumentsAsked": "DOCUMENTS_ASKED",
            "Decided": "DECIDED",
            "ContractSigned": "CONTRACT_SIGNED",
            "Drawn": "DRAWN",
            "Repaid": "REPAID",
            "Closed": "CLOSED",
        },
        "way": {
            "equal_instalments": "EQUAL_INSTALMENTS",
            "equal_principal": "EQUAL_PRINCIPAL",
            "interest_first": "INTEREST_MONTHLY",
            "revolving": "REVOLVING",
            "bullet": "BULLET",
        },
        "day_count": {"30/360": "30/360", "act/360": "ACT/360", "act/365": "ACT/365"},
        "source": {"borrower": "BORROWER", "guarantor": "GUARANTOR", "recovery": "RECOVERY"},
        "state": {"withdrawn": "WITHDRAWN", "expired": "EXPIRED"},
        "subject_type": {"enterprise": "ENTERPRISE", "sole_trader": "SOLE_TRADER", "cooperative": "COOPERATIVE"},
    }

    def name(self, attr: str) -> str:
        stem, unit = attr, ""
        for ending, said in (("_fen", "Yuan"), ("_bp", "Percent")):
            if attr.endswith(ending):
                stem, unit = attr.removesuffix(ending), said
        first, *rest = stem.split("_")
        return first + "".join(word.capitalize() for word in rest) + unit

    def number(self, number: int) -> Any:
        return number

    def whole(self, leaf: Any) -> int:
        if type(leaf) is not int or not 0 <= leaf < 10**9:
            raise ValueError("a whole number was expected")
        return leaf

    def flag(self, flag: bool) -> Any:
        return flag

    def truth(self, leaf: Any) -> bool:
        if not isinstance(leaf, bool):
            raise ValueError("true or false was expected")
        return leaf


STYLE = _Style()


# ---------------------------------------------------------------- JSON, strictly


def dumps(tree: Mapping[str, Any]) -> bytes:
    return encoded(json.dumps(tree, ensure_ascii=False, separators=(",", ":"), allow_nan=False), "utf-8")


def loads(body: bytes) -> dict[str, Any]:
    """One JSON object, or Garbled."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Garbled("not UTF-8", code="encoding") from error
    if _depth(text) > DEEPEST:
        raise Garbled("nested too deeply", code="depth")
    try:
        tree = json.loads(text, object_pairs_hook=_once, parse_float=_fraction, parse_constant=_fraction, parse_int=_whole)
    except ValueError as error:
        raise Garbled(f"not JSON: {error}", code="json") from error
    if not isinstance(tree, dict):
        raise Garbled("an object was expected", code="json")
    return tree


def _depth(text: str) -> int:
    """How deep brackets nest, strings aside: looked at before parsing, which recurses."""
    depth = deepest = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', text):
        mark = found.group()[0]
        depth += (mark in "[{") - (mark in "]}")
        deepest = max(deepest, depth)
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Garbled(f"the name “{name[:40]}” is said twice", code="twice")
        found[name] = value
    return found


def _fraction(text: str) -> NoReturn:
    raise Garbled(f"“{text[:40]}” is a fraction; this bank writes money as text", code="fraction")


def _whole(text: str) -> int:
    if len(text) > 18:
        raise Garbled("a number too long to be one", code="number")
    return int(text)


# ---------------------------------------------------------------- signatures


def signing_text(method: str, path: str, body: bytes, created: int, nonce: str, key: str) -> bytes:
    """What is signed. An answer signs `ANSWER` and its status in the place of method and path, with the request's nonce; a
    callback signs `CALLBACK` and the bank's code."""
    digest = "sha-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()
    return "\n".join((method, path, digest, str(created), nonce, key)).encode()


def signed_headers(private: bytes, method: str, path: str, body: bytes, created: int, nonce: str, key: str) -> dict[str, str]:
    """The five headers that a signed message carries."""
    signature = crypto.sign(private, signing_text(method, path, body, created, nonce, key))
    return {
        "content-type": MEDIA,
        "harbour-key": key,
        "harbour-created": str(created),
        "harbour-nonce": nonce,
        "harbour-signature": base64.b64encode(signature).decode(),
    }


def why_not_signed(
    public: bytes,
    headers: Mapping[str, str],
    method: str,
    path: str,
    body: bytes,
    *,
    key: str,
    now: float,
    nonce: str | None = None,
) -> str:
    """Empty if the message is signed by this key, freshly (and with this nonce, if one is given); else what is wrong."""
    found = {name.lower(): value for name, value in headers.items()}
    created, said = found.get("harbour-created", ""), found.get("harbour-nonce", "")
    if found.get("harbour-key") != key:
        return "unknown key"
    if not re.fullmatch(r"\d{1,12}", created, re.ASCII) or not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", said):
        return "no time or no nonce"
    if abs(now - int(created)) > OLDEST_SECONDS:
        return "stale"
    if nonce is not None and said != nonce:
        return "answers another request"
    try:
        signature = base64.b64decode(found.get("harbour-signature", ""), validate=True)
    except ValueError:
        return "wrong signature"
    fits = crypto.verifies(public, signing_text(method, path, body, int(created), said, key), signature)
    return "" if fits else "wrong signature"


# ---------------------------------------------------------------- reports


def reports(messages: tuple[Message, ...]) -> bytes:
    """Reports as the body of an answer or of a callback."""
    return dumps({"reports": [message_tree(message, STYLE) for message in messages]})


def read_reports(body: bytes) -> tuple[Message, ...]:
    found = loads(body).get("reports")
    if not isinstance(found, list):
        raise Garbled("reports: a list was expected")
    return tuple(message_from(tree, STYLE, f"reports[{at}]") for at, tree in enumerate(found))
