"""What a consent says, and how it is signed.

Fields as in the guides of domain §3.5 [D]: subject, named recipients, listed items (never "all"), purpose, period of at most a
year, version of the notice. The signed document is the canonical text in both languages: one bit changed, and the signature does
not verify.

>>> port = SandboxSigner(bytes(32))
>>> signature = port.sign(b"text", Signer("张三", "legal_representative"))
>>> port.verify(b"text", signature), port.verify(b"texT", signature)
(True, False)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from backend.kit import crypto
from backend.kit.clock import SHANGHAI
from backend.kit.errors import Invalid
from backend.kit.policy import canonical
from backend.kit.words import Words

Kind = Literal["firm", "person", "bank_query", "imported"]
KINDS: dict[str, Words] = {
    "firm": Words("企业数据授权书", "consent to read the firm's data"),
    "person": Words("个人信息授权书", "a person's own consent"),
    "bank_query": Words("征信查询授权书", "a bank's bureau-query authorisation"),
    "imported": Words("导入台账的依据", "basis of an imported ledger"),
}
PURPOSES: dict[str, Words] = {
    "pre_loan": Words("贷前评估与申请", "assessment and application"),
    "in_loan": Words("贷款审批与发放", "decision and payout"),
    "post_loan": Words("贷后管理", "after the loan is paid out"),
    "compensation": Words("风险补偿", "risk compensation"),
}
NOTICE_VERSION = "2025-06"
LONGEST = timedelta(days=366)
PLATFORM = "platform"
PLATFORM_NAME = Words("信桥平台", "CreditBridge")
# A bank's bureau query is no item of ours: the paper is transported, we read nothing under it.
BUREAU_ITEM = "BUREAU"
BUREAU_TITLE = Words("征信查询", "bureau query")


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the legal representative, or an agent under a stored power of attorney."""

    name: str
    capacity: str
    power_id: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature over the document's bytes, hex, and the key it was made with, hex."""

    value: str
    public_key: str
    signer: str


class SigningPort(Protocol):
    """Whatever signs for a city: a CA seal, an SMS code, a face. Sandboxes use `SandboxSigner`."""

    def sign(self, document: bytes, signer: Signer) -> Signature: ...
    def verify(self, document: bytes, signature: Signature) -> bool: ...


class SandboxSigner:
    """Signs with one Ed25519 key for everybody: for trying out, never for production."""

    def __init__(self, private_key: bytes) -> None:
        self._private = private_key
        self._public = crypto.public_key(private_key)

    def sign(self, document: bytes, signer: Signer) -> Signature:
        bound = document + b"\n" + signer.name.encode()
        return Signature(crypto.sign(self._private, bound).hex(), self._public.hex(), signer.name)

    def verify(self, document: bytes, signature: Signature) -> bool:
        bound = document + b"\n" + signature.signer.encode()
        return crypto.verifies(self._public, bound, bytes.fromhex(signature.value))


def document(
    *,
    consent_id: str,
    kind: str,
    firm_name: str,
    uscc: str,
    items: Sequence[str],
    purpose: str,
    recipients: Sequence[str],
    valid_from: datetime,
    valid_to: datetime,
    subject_person: str | None,
    titles: Mapping[str, Words],
    names: Mapping[str, Words],
) -> str:
    """The text that is signed: canonical JSON whose `lines` are what the person reads first, in both languages.

    Codes stand beside `titles` of items and `names` of recipients, so that a person and a machine read the same paper.
    Papers of an earlier notice have no `lines`; they verify as they were signed.
    """
    since, until = (moment.astimezone(SHANGHAI).isoformat(timespec="seconds") for moment in (valid_from, valid_to))
    lines = paragraphs(
        kind=kind,
        who=subject_person or firm_name,
        firm_name=firm_name,
        uscc=uscc,
        items=[_named(code, titles) for code in sorted(items)],
        purpose=PURPOSES[purpose],
        recipients=[_named(code, names) for code in sorted(recipients)],
        since=f"{valid_from.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        until=f"{valid_to.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
    )
    body = {
        "notice": NOTICE_VERSION,
        "id": consent_id,
        "kind": kind,
        "subject": {"firm": firm_name, "uscc": uscc, "person": subject_person},
        "items": sorted(items),
        "item_titles": {code: titles[code].as_dict() for code in sorted(items) if code in titles},
        "purpose": purpose,
        "recipients": sorted(recipients),
        "recipient_names": {code: names[code].as_dict() for code in sorted(recipients) if code in names},
        "valid_from": since,
        "valid_to": until,
        "lines": [line.as_dict() for line in lines],
        "zh": "".join(line.zh for line in lines),
        "en": " ".join(line.en for line in lines),
    }
    return canonical(body).decode()


def paragraphs(
    *,
    kind: str,
    who: str,
    firm_name: str,
    uscc: str,
    items: Sequence[Words],
    purpose: Words,
    recipients: Sequence[Words],
    since: str,
    until: str,
) -> tuple[Words, ...]:
    """What the person reads: who, to whom, what, for what, how long, and that it can be withdrawn."""
    to, which = _joined(recipients), _joined(items)
    gives = {
        "bank_query": Words(
            f"授权 {to.zh} 向金融信用信息基础数据库查询本企业及法定代表人的征信报告；本书由平台原样转交银行。",
            f"{to.en} may query the credit bureau about the firm and its legal representative; the platform passes this paper on "
            "word for word.",
        ),
        "person": Words(
            f"本人单独同意 {to.zh} 读取下列个人记录：{which.zh}。",
            f"I separately agree that {to.en} may read these personal records: {which.en}.",
        ),
    }.get(kind, Words(f"授权 {to.zh} 读取下列企业记录：{which.zh}。", f"{to.en} may read these records of the firm: {which.en}."))
    return (
        Words(
            f"授权人：{who}（企业：{firm_name}，统一社会信用代码 {uscc}）。",
            f"Given by: {who} (firm: {firm_name}, credit code {uscc}).",
        ),
        gives,
        Words(f"用途：{purpose.zh}。不得用于其他用途，不得转给他人。", f"Purpose: {purpose.en}. No other use, no passing on."),
        Words(f"期限：{since} 起，至 {until} 止（北京时间）。", f"Period: from {since} until {until}, Beijing time."),
        Words(
            "可随时撤回；撤回后立即停止读取，已完成的合法使用不受影响。",
            "May be withdrawn at any time; reading stops at once, lawful use so far stays.",
        ),
    )


def lines_of(text: str) -> tuple[Words, ...]:
    """The signed paragraphs of a paper; of an earlier notice, its one sentence."""
    said = json.loads(text)
    return tuple(Words.of(line) for line in said.get("lines") or [{"zh": said["zh"], "en": said["en"]}])


def _named(code: str, known: Mapping[str, Words]) -> Words:
    found = known.get(code)
    return Words(f"{found.zh}({code})", f"{found.en} ({code})") if found else Words(code, code)


def _joined(many: Sequence[Words]) -> Words:
    return Words("、".join(each.zh for each in many), ", ".join(each.en for each in many))


def exist(items: Sequence[str], titles: Mapping[str, Words]) -> None:
    """Invalid where an item is named that nobody delivers."""
    unknown = sorted(set(items) - set(titles) - {BUREAU_ITEM})
    if unknown:
        named = "、".join(unknown[:5])
        raise Invalid("items", Words(f"没有这些信息项:{named}", f"there are no such items: {named}"), code="item_unknown")
