"""钟楼银行 behind the port. How its answers are heard:

200, RetCode 0000      the dialect, if MAC, TranCode and SerialNo are those of this very request
200, RetCode B001      Unreachable: the bank's core is in its nightly run
200, RetCode E…        Refused, code E…'s name, RetMsg verbatim   (E9…: Garbled, it cannot read or trust us; a person looks)
any other status       Garbled
no answer, 408, 425, 429, 5xx   Unreachable (transport)
"""

from __future__ import annotations

import secrets as chance
from collections.abc import Mapping
from typing import Any

from backend.kit import crypto
from backend.kit.errors import Garbled, Unreachable
from lender_adapters.base import Adapter, about, receipt_for, refused
from lender_adapters.bell_tower_bank import wire
from lender_adapters.dialect import Acceptance, Question, Supplement, Withdrawal, from_tree, to_tree
from lender_adapters.manifest import Manifest
from lender_adapters.port import Document, Indication, IndicationRequest, Message, Receipt, Submission, Verb
from lender_adapters.style import checked
from lender_adapters.transport import Transport

REFUSALS = {
    "E101": "unknown_application",
    "E102": "unknown_product",
    "E103": "unknown_offer",
    "E104": "offer_over",
    "E105": "too_late",
    "E106": "closed",
    "E107": "reference_reused",
    "E108": "out_of_range",
}


class BellTowerBank(Adapter):
    def __init__(self, manifest: Manifest, transport: Transport, secrets: Mapping[str, bytes]) -> None:
        super().__init__(manifest, transport, secrets)
        self._key = secrets["mac_key"]

    def _ask(self, verb: Verb, reference: str, thing: Any) -> dict[str, Any]:
        """One exchange: the whole error mapping of this bank."""
        tran, serial = wire.TRANSACTIONS[verb], chance.token_hex(12)
        body = wire.write(tran, serial, to_tree(thing, wire.STYLE))
        headers = {"content-type": wire.CONTENT_TYPE, "x-msg-mac": crypto.mac(self._key, body)}
        answer = self.transport.exchange(verb, reference, "POST", "/gateway", headers=headers, body=body, expect=wire.MEDIA)
        if answer.status != 200:
            raise Garbled(f"the bank answered {verb} with {answer.status}", code="status")
        if not crypto.same(crypto.mac(self._key, answer.body), answer.headers.get("x-msg-mac", "")):
            raise Garbled("the answer's MAC does not fit", code="signature")
        told = wire.read(answer.body)
        if (told.tran, told.serial) != (tran, serial):
            raise Garbled("the bank answers another request", code="foreign")
        if told.ret == wire.BUSY:
            raise Unreachable(f"the bank is busy: {told.words}", code="busy")
        if told.ret in REFUSALS:
            raise refused(REFUSALS[told.ret], told.words)
        if told.ret != wire.DONE:
            raise Garbled(f"the bank answered {told.ret}: {told.words}", code="not_recognised")
        return told.body

    def _receipt(self, verb: Verb, reference: str, thing: Any) -> Receipt:
        return receipt_for(reference, from_tree(Receipt, self._ask(verb, reference, thing), wire.STYLE))

    def _reports(self, verb: Verb, reference: str) -> tuple[Message, ...]:
        return about(reference, wire.read_reports(self._ask(verb, reference, Question(checked(reference)))))

    # ------------------------------------------------------------ verbs

    def indicate(self, request: IndicationRequest) -> Indication:
        return from_tree(Indication, self._ask("indicate", "", request), wire.STYLE)

    def submit(self, submission: Submission) -> Receipt:
        return self._receipt("submit", checked(submission.reference), submission)

    def supplement(self, reference: str, documents: tuple[Document, ...]) -> Receipt:
        return self._receipt("supplement", checked(reference), Supplement(reference, documents))

    def accept(self, reference: str, offer_no: str) -> Receipt:
        return self._receipt("accept", checked(reference), Acceptance(reference, offer_no))

    def withdraw(self, reference: str, reason: str) -> Receipt:
        return self._receipt("withdraw", checked(reference), Withdrawal(reference, reason))

    def status(self, reference: str) -> tuple[Message, ...]:
        return self._reports("status", reference)

    def contract(self, reference: str) -> tuple[Message, ...]:
        return self._reports("contract", reference)

    def draws(self, reference: str) -> tuple[Message, ...]:
        return self._reports("draws", reference)

    def repayments(self, reference: str) -> tuple[Message, ...]:
        return self._reports("repayments", reference)
