r"""The dialect of 果园农商银行: files of pipe-separated lines in GB18030, each ended by a line feed, amounts in fen.

    H|ORCHARD|1|SUBMIT_app_1.txt            header: system, version, the file's own name
    APP|app_1|…                             records; APP.FIRM, APP.FACTS … belong to the APP above them
    T|<records>|<sum of amounts>|<SM3>|<MAC>    trailer

SM3 is of every byte before the trailer, the MAC is HMAC-SM3 under the shared key of every byte before itself. A file that differs
anywhere is refused whole. In GB18030 the byte of `|` can be half of a character, so a file is decoded before it is split;
inside a field `\p` is a pipe, `\n` a line feed, `\r` a carriage return, `\\` a backslash, and a field that is `\N` is absent.

>>> key = bytes(32)
>>> raw = write("ACCEPT_app_1.txt", [Acceptance("app_1", "OO000001")], key)
>>> print(raw.decode("gb18030").splitlines()[1])
ACC|app_1|OO000001
>>> read(raw, "ACCEPT_app_1.txt", key)
(Acceptance(reference='app_1', offer_no='OO000001'),)
>>> read(raw.replace(b"OO000001", b"OO000002"), "ACCEPT_app_1.txt", key)
Traceback (most recent call last):
backend.kit.errors.Garbled: the file does not fit its SM3
>>> escape("亅|\\"), unescape(escape("亅|\\"))
('亅\\p\\\\', '亅|\\')
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar, cast, get_args, get_origin

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from backend.kit import crypto
from backend.kit.errors import Garbled
from lender_adapters.dialect import (
    Acceptance,
    Refusal,
    Supplement,
    WireFact,
    Withdrawal,
    from_tree,
    hints_of,
    message_from,
    to_tree,
)
from lender_adapters.packing import plain_hint
from lender_adapters.port import KINDS, HandedFact, Message, Receipt, Submission
from lender_adapters.style import Style, encoded, match

MEDIA = "text/plain"
CONTENT_TYPE = "text/plain; charset=GB18030"
ABSENT = r"\N"
MOST_LINES = 200_000
_ESCAPES = {"\\": r"\\", "|": r"\p", "\n": r"\n", "\r": r"\r"}
_BACK = {written: plain for plain, written in _ESCAPES.items()}
RECORDS: dict[str, type[Any]] = {
    "APP": Submission,
    "SUP": Supplement,
    "ACC": Acceptance,
    "WDR": Withdrawal,
    "RCP": Receipt,
    "REF": Refusal,
    "REC": KINDS["Received"],
    "ASK": KINDS["DocumentsAsked"],
    "DEC": KINDS["Decided"],
    "CTR": KINDS["ContractSigned"],
    "DRW": KINDS["Drawn"],
    "PAY": KINDS["Repaid"],
    "CLS": KINDS["Closed"],
}
CODES = {kind: code for code, kind in RECORDS.items()}


class _Style(Style):
    codes: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "kind": {kind.__name__: code for kind, code in CODES.items() if issubclass(kind, Message)},
        "way": {"equal_instalments": "A", "equal_principal": "B", "interest_first": "C", "revolving": "D", "bullet": "E"},
        "day_count": {"30/360": "30", "act/360": "60", "act/365": "65"},
        "source": {"borrower": "B", "guarantor": "G", "recovery": "R"},
        "state": {"withdrawn": "W", "expired": "E"},
        "subject_type": {"enterprise": "E", "sole_trader": "S", "cooperative": "C"},
    }

    def money(self, fen: int) -> Any:
        return str(fen)

    def fen(self, leaf: Any) -> int:
        return int(match(r"(\d{1,15})", leaf)[0])

    def rate(self, bp: int) -> Any:
        return str(bp)

    def bp(self, leaf: Any) -> int:
        return int(match(r"(\d{1,5})", leaf)[0])

    def day(self, day: date) -> Any:
        return f"{day:%Y%m%d}"

    def read_day(self, leaf: Any) -> date:
        year, month, day = match(r"(\d{4})(\d{2})(\d{2})", leaf)
        return date(int(year), int(month), int(day))

    def flag(self, flag: bool) -> Any:
        return "1" if flag else "0"

    def truth(self, leaf: Any) -> bool:
        return {"1": True, "0": False}[leaf]


STYLE = _Style()


def escape(text: str) -> str:
    return re.sub(r"[\\|\n\r]", lambda found: _ESCAPES[found.group()], text)


def unescape(text: str) -> str:
    def back(found: re.Match[str]) -> str:
        if found.group() not in _BACK:
            raise Garbled(f"“{found.group()}” is no escape of this bank")
        return _BACK[found.group()]

    return re.sub(r"\\.?", back, text)


# ---------------------------------------------------------------- records and lines


def _columns(kind: Any) -> tuple[list[str], dict[str, Any]]:
    """The fields on the record's own line, and the groups below it with the kind of their members."""
    flat, below = list[str](), dict[str, Any]()
    for attr, hint in hints_of(WireFact if kind is HandedFact else kind).items():
        bare = plain_hint(hint)
        if get_origin(bare) is tuple:
            below[attr] = get_args(bare)[0]
        elif dataclasses.is_dataclass(bare):
            below[attr] = bare
        else:
            flat.append(attr)
    return flat, below


def _lines(code: str, kind: Any, tree: Mapping[str, Any]) -> Iterable[list[str]]:
    flat, below = _columns(kind)
    yield [code, *(escape(tree[attr]) if attr in tree else ABSENT for attr in flat)]
    for attr, member in below.items():
        found = tree.get(attr, [])
        for each in found if isinstance(found, list) else [found]:
            name = f"{code}.{attr.upper()}"
            if isinstance(each, str):
                yield [name, escape(each)]
            else:
                yield from _lines(name, member, each)


def _trees(lines: list[list[str]]) -> list[tuple[str, dict[str, Any]]]:
    """Lines gathered into (code, tree), each group under the record above it."""
    found: list[tuple[str, dict[str, Any]]] = []
    above: dict[str, tuple[Any, dict[str, Any]]] = {}
    for code, *fields in lines:
        parent, _, tag = code.rpartition(".")
        kind, group = (RECORDS.get(code), None) if not parent else above.get(parent, (None, None))
        if parent and kind is not None:
            kind = _columns(kind)[1].get(tag.lower())
        if kind is None:
            raise Garbled(f"a line “{code[:40]}” has no place here")
        above = {name: value for name, value in above.items() if code.startswith(name + ".")}
        tree = _tree(kind, fields, code)
        if isinstance(tree, dict):
            above[code] = (kind, tree)
        if group is None:
            found.append((code, cast(dict[str, Any], tree)))
        else:
            group.setdefault(tag.lower(), []).append(tree)
    return found


def _tree(kind: Any, fields: list[str], code: str) -> Any:
    if not dataclasses.is_dataclass(kind):
        if len(fields) != 1:
            raise Garbled(f"{code}: one field was expected")
        return unescape(fields[0])
    flat, _ = _columns(kind)
    if len(fields) != len(flat):
        raise Garbled(f"{code}: {len(flat)} fields were expected, not {len(fields)}")
    return {attr: unescape(field) for attr, field in zip(flat, fields, strict=True) if field != ABSENT}


# ---------------------------------------------------------------- files


def write(name: str, things: Iterable[Any], key: bytes) -> bytes:
    """A whole file with its header and trailer."""
    lines = [line for thing in things for line in _lines(CODES[type(thing)], type(thing), to_tree(thing, STYLE))]
    before = encoded("".join("|".join(line) + "\n" for line in [["H", "ORCHARD", "1", name], *lines]), "gb18030")
    trailer = f"T|{len(lines)}|{_sum(lines)}|{sm3(before)}|".encode()
    return before + trailer + sm3_mac(key, before + trailer).encode() + b"\n"


def read(raw: bytes, name: str, key: bytes) -> tuple[Any, ...]:
    """Everything in the file of this name, or Garbled: nothing is half-read."""
    at = raw.rfind(b"\nT|") + 1
    before, trailer = raw[:at], raw[at:]
    found = re.fullmatch(rb"T\|(\d{1,9})\|(\d{1,18})\|([0-9a-f]{64})\|([0-9a-f]{64})\n", trailer)
    if not at or not found:
        raise Garbled("the file has no whole trailer", code="trailer")
    count, total, digest, mac = (part.decode() for part in found.groups())
    if not crypto.same(digest, sm3(before)):
        raise Garbled("the file does not fit its SM3", code="trailer")
    if not crypto.same(mac, sm3_mac(key, raw[: -len(mac) - 1])):
        raise Garbled("the file's MAC does not fit", code="signature")
    try:
        text = before.decode("gb18030")
    except UnicodeDecodeError as error:
        raise Garbled("not GB18030", code="encoding") from error
    header, *lines = (line.split("|") for line in text[:-1].split("\n"))
    if header != ["H", "ORCHARD", "1", name]:
        raise Garbled(f"the header is not that of {name}", code="foreign")
    if len(lines) > MOST_LINES or len(lines) != int(count) or _sum(lines) != int(total):
        raise Garbled("the file does not fit its trailer", code="trailer")
    return tuple(_thing(code, tree) for code, tree in _trees(lines))


def _thing(code: str, tree: dict[str, Any]) -> Any:
    for attr in _columns(RECORDS[code])[1]:
        # A group that stands alone (the firm, the offer) is no list.
        if attr in ("firm", "offer") and attr in tree:
            if len(tree[attr]) != 1:
                raise Garbled(f"{code}: more than one {attr}")
            tree[attr] = tree[attr][0]
    if issubclass(RECORDS[code], Message):
        return message_from({"kind": code} | tree, STYLE, code)
    return from_tree(RECORDS[code], tree, STYLE, code)


def _sum(lines: list[list[str]]) -> int:
    """The sum of all `amount_fen` columns."""
    total = 0
    for code, *fields in lines:
        kind = _kind_of(code)
        flat = _columns(kind)[0] if dataclasses.is_dataclass(kind) else []
        if "amount_fen" in flat and len(fields) == len(flat):
            field = fields[flat.index("amount_fen")]
            total += int(field) if re.fullmatch(r"\d{1,15}", field, re.ASCII) else 0
    return total


def _kind_of(code: str) -> Any:
    first, *rest = code.split(".")
    kind: Any = RECORDS.get(first)
    for tag in rest:
        kind = _columns(kind)[1].get(tag.lower()) if dataclasses.is_dataclass(kind) else None
    return kind


def sm3(data: bytes) -> str:
    """The national hash SM3 (GB/T 32905), hex."""
    state = hashes.Hash(hashes.SM3())
    state.update(data)
    return state.finalize().hex()


def sm3_mac(key: bytes, data: bytes) -> str:
    state = HMAC(key, hashes.SM3())
    state.update(data)
    return state.finalize().hex()
