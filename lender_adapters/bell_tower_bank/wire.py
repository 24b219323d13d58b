"""The dialect of 钟楼银行: one XML message in GB18030 each way; amounts in fen, days YYYYMMDD, rates in percent, 4 decimals.

    <?xml version="1.0" encoding="GB18030"?>
    <Msg><Head><TranCode>LN1002</TranCode><SerialNo>…</SerialNo></Head><Body>…</Body></Msg>

An answer's Head repeats TranCode and SerialNo and adds RetCode (0000 = done) and RetMsg. The header `X-Msg-Mac` carries the
HMAC-SHA-256 of the body's bytes under the shared key. Parsers refuse GB18030 as a declared encoding, so the bytes are decoded
here, the declaration is dropped, and nothing that begins with `<!` or `<?` may follow it: no DTD, entity, comment or CDATA.

>>> body = write("LN1003", "S1", {"AppNo": "app_1", "CustNm": "鼎𠮷商行"})
>>> body.decode("gb18030").split("?>")[1]
'<Msg><Head><TranCode>LN1003</TranCode><SerialNo>S1</SerialNo></Head><Body><AppNo>app_1</AppNo><CustNm>鼎𠮷商行</CustNm></Body></Msg>'
>>> read(body).body["CustNm"]
'鼎𠮷商行'
>>> read(b'<!DOCTYPE a [<!ENTITY x "y">]><Msg/>')
Traceback (most recent call last):
backend.kit.errors.Garbled: a DTD, comment or instruction is not allowed here
>>> STYLE.rate(345), STYLE.bp("3.4500"), STYLE.money(123456), STYLE.day(date(2025, 1, 3))
('3.4500', 345, '123456', '20250103')
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from xml.parsers import expat
from xml.sax.saxutils import escape

from backend.kit.errors import Garbled
from lender_adapters.dialect import message_from, message_tree
from lender_adapters.port import Message
from lender_adapters.style import Style, encoded, match, unsayable

MEDIA = "application/xml"
CONTENT_TYPE = "application/xml; charset=GB18030"
DEEPEST, MOST_ELEMENTS = 12, 50_000
TRANSACTIONS = {
    "indicate": "LN1001",
    "submit": "LN1002",
    "status": "LN1003",
    "supplement": "LN1004",
    "accept": "LN1005",
    "withdraw": "LN1006",
    "contract": "LN1007",
    "draws": "LN1008",
    "repayments": "LN1009",
}
DONE, BUSY = "0000", "B001"
_DECLARATION = re.compile(r"\A<\?xml[^>?]{0,200}\?>")
_ENCODING = re.compile(r"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Style(Style):
    names: ClassVar[Mapping[str, str]] = {
        "kind": "RptTyp", "message_id": "MsgNo", "reference": "AppNo", "on": "BizDt", "bank_reference": "BkAppNo",
        "product": "PrdCd", "firm": "Cust", "uscc": "UscCd", "name": "CustNm", "subject_type": "SbjTyp", "legal_rep": "LglRep",
        "region": "RgnCd", "industry": "IndCd", "amount_fen": "Amt", "months": "Term", "way": "RpyTyp", "purpose": "Usg",
        "facts": "Fact", "consents": "Auth", "listing": "WhtLst", "code": "ItmCd", "value": "ItmVal", "value_kind": "ItmTyp",
        "unit": "ItmUnt", "as_of": "AsOfDt", "source": "Src", "consent_id": "AuthNo", "text": "AuthTxt", "digest": "Dgst",
        "signature": "Sgn", "signer": "Sgnr", "limit_fen": "LmtAmt", "rate_bp": "IntRt", "penalty_bp": "PnltRt", "words": "Rmk",
        "documents": "Doc", "answer_by": "AnsDt", "approved": "AprFlg", "reasons": "Rsn", "offer": "Offer", "offer_no": "OfrNo",
        "day_count": "DayCnt", "fees": "Fee", "title": "FeeNm", "payer": "FeePyr", "due": "FeeDue", "valid_until": "VldDt",
        "conditions": "Cond", "contract_no": "CtrNo", "signed_on": "SgnDt", "expires_on": "ExpDt", "draw_no": "DueNo",
        "value_date": "VluDt", "matures_on": "MatDt", "schedule": "Sched", "first_loan": "FstFlg", "no": "Seq", "due_on": "DueDt",
        "principal_fen": "PrnAmt", "interest_fen": "IntAmt", "penalty_fen": "PnltAmt", "expenses_fen": "ExpAmt",
        "payment_no": "PayNo", "paid_on": "PayDt", "state": "Sts", "reason": "Rsn", "body": "Cntt",
    }  # fmt: skip
    codes: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "kind": {
            "Received": "10", "DocumentsAsked": "20", "Decided": "30", "ContractSigned": "40", "Drawn": "50", "Repaid": "60",
            "Closed": "90",
        },
        "way": {"equal_instalments": "01", "equal_principal": "02", "interest_first": "03", "revolving": "04", "bullet": "05"},
        "day_count": {"30/360": "0", "act/360": "1", "act/365": "2"},
        "source": {"borrower": "1", "guarantor": "2", "recovery": "3"},
        "state": {"withdrawn": "W", "expired": "E"},
        "subject_type": {"enterprise": "1", "sole_trader": "2", "cooperative": "3"},
    }  # fmt: skip

    def money(self, fen: int) -> Any:
        return str(fen)

    def fen(self, leaf: Any) -> int:
        return int(match(r"(\d{1,15})", leaf)[0])

    def rate(self, bp: int) -> Any:
        return f"{bp // 100}.{bp % 100:02d}00"

    def bp(self, leaf: Any) -> int:
        whole, hundredths = match(r"(\d{1,3})\.(\d{2})00", leaf)
        return int(whole) * 100 + int(hundredths)

    def day(self, day: date) -> Any:
        return f"{day:%Y%m%d}"

    def read_day(self, leaf: Any) -> date:
        year, month, day = match(r"(\d{4})(\d{2})(\d{2})", leaf)
        return date(int(year), int(month), int(day))

    def flag(self, flag: bool) -> Any:
        return "Y" if flag else "N"

    def truth(self, leaf: Any) -> bool:
        return {"Y": True, "N": False}[leaf]


STYLE = _Style()


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message, opened. `ret` is empty in a request."""

    tran: str
    serial: str
    ret: str
    words: str
    body: dict[str, Any]


def write(tran: str, serial: str, body: Mapping[str, Any], *, ret: str = "", words: str = "") -> bytes:
    """The bytes of one message."""
    head = {"TranCode": tran, "SerialNo": serial} | ({"RetCode": ret, "RetMsg": words} if ret else {})
    text = _element("Msg", {"Head": head, "Body": dict(body)})
    return encoded('<?xml version="1.0" encoding="GB18030"?>' + text, "gb18030")


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if isinstance(value, Mapping):
        inner = "".join(_element(tag, each) for tag, each in value.items())
    else:
        inner = str(value)
        if _FORBIDDEN.search(inner):
            raise unsayable(f"{name} holds a character that XML cannot carry")
        inner = escape(inner, {"\r": "&#13;"})
    return f"<{name}>{inner}</{name}>"


def read(raw: bytes) -> Envelope:
    """One message from its bytes, or Garbled."""
    tree = _parse(_text_of(raw))
    head, body = tree.get("Head"), tree.get("Body")
    if not isinstance(head, dict) or not isinstance(body, dict | str):
        raise Garbled("no Head or no Body")
    tran, serial, ret, words = (head.get(name, "") for name in ("TranCode", "SerialNo", "RetCode", "RetMsg"))
    if not all(isinstance(value, str) for value in (tran, serial, ret, words)):
        raise Garbled("Head: a field is said twice")
    if isinstance(body, str) and body:
        raise Garbled("Body: loose text")
    return Envelope(tran, serial, ret, words, body if isinstance(body, dict) else {})


def _text_of(raw: bytes) -> str:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError as error:
        raise Garbled("not GB18030", code="encoding") from error
    if found := _DECLARATION.match(text):
        said = _ENCODING.search(found.group())
        if said and said.group(1).upper() != "GB18030":
            raise Garbled(f"the message says it is {said.group(1)}, not GB18030", code="encoding")
        text = text[found.end() :]
    if "<!" in text or "<?" in text:
        raise Garbled("a DTD, comment or instruction is not allowed here", code="dtd")
    return text


class _Tree:
    """Builds the tree as the parser goes; leaves keep their text, groups may hold only white space between their elements."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._open: list[tuple[str, dict[str, Any], list[str]]] = [("", self.root, [])]
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) > DEEPEST or self._count > MOST_ELEMENTS:
            raise Garbled("nested too deeply or too many elements", code="depth")
        if attributes:
            raise Garbled(f"{name}: this dialect has no attributes")
        self._open.append((name, {}, []))

    def text(self, data: str) -> None:
        self._open[-1][2].append(data)

    def end(self, name: str) -> None:
        _, children, said = self._open.pop()
        text = "".join(said)
        if children and text.strip():
            raise Garbled(f"{name}: text between elements")
        self._put(self._open[-1][1], name, children or text)

    @staticmethod
    def _put(group: dict[str, Any], name: str, value: Any) -> None:
        if name not in group:
            group[name] = value
        elif isinstance(group[name], list):
            group[name].append(value)
        else:
            group[name] = [group[name], value]


def _parse(text: str) -> dict[str, Any]:
    tree, parser = _Tree(), expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = tree.start, tree.end, tree.text
    try:
        parser.Parse(text.encode("utf-8"), True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise Garbled(f"not XML: {error}", code="xml") from error
    found = tree.root.get("Msg")
    if not isinstance(found, dict):
        raise Garbled("the outermost element is not Msg")
    return found


# ---------------------------------------------------------------- reports


def reports(messages: tuple[Message, ...]) -> dict[str, Any]:
    return {"Rpt": [message_tree(message, STYLE) for message in messages]}


def read_reports(body: Mapping[str, Any]) -> tuple[Message, ...]:
    found = body.get("Rpt", [])
    many = found if isinstance(found, list) else [found]
    return tuple(message_from(tree, STYLE, f"Rpt[{at}]") for at, tree in enumerate(many))
