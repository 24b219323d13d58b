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

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from backend.kit import crypto
from backend.kit.clock import SHANGHAI
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
NOTICE_VERSION = "2025-01"
LONGEST = timedelta(days=366)
PLATFORM = "platform"
# A bank's bureau query is no item of ours: the paper is transported, we read nothing under it.
BUREAU_ITEM = "BUREAU"


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
) -> str:
    """The text that is signed: canonical JSON with a sentence in each language, so that it can be read and checked alike."""
    since, until = (moment.astimezone(SHANGHAI).isoformat(timespec="seconds") for moment in (valid_from, valid_to))
    who = subject_person or firm_name
    listed = "、".join(sorted(items))
    names = "、".join(sorted(recipients))
    body = {
        "notice": NOTICE_VERSION,
        "id": consent_id,
        "kind": kind,
        "subject": {"firm": firm_name, "uscc": uscc, "person": subject_person},
        "items": sorted(items),
        "purpose": purpose,
        "recipients": sorted(recipients),
        "valid_from": since,
        "valid_to": until,
        "zh": f"{who}授权 {names} 为“{PURPOSES[purpose].zh}”读取以下信息:{listed};"
        f"自 {since} 至 {until},可随时撤回,撤回后不再读取。",
        "en": f"{who} authorises {', '.join(sorted(recipients))} to read {', '.join(sorted(items))} for: {PURPOSES[purpose].en}; "
        f"from {since} to {until}; it may be withdrawn at any time, after which nothing more is read.",
    }
    return canonical(body).decode()
