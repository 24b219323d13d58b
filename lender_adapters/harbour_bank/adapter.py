"""港湾银行 behind the port. How its answers are heard:

200                                   the dialect, under the bank's signature for this very request
404, 409, 422 with a signed refusal   Refused, the bank's words verbatim
its clock and ours are apart          Unreachable, code `clock`: a 401 that says stale, or is dated otherwise; an answer signed so
anything unsigned or not its dialect  Garbled   (401 otherwise: the bank does not know our key; a person looks)
no answer, 408, 425, 429, 5xx, a page Unreachable (transport)
a callback not signed by the bank     Refused, code `signature`
"""

from __future__ import annotations

import secrets as chance
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from backend.kit import clock
from backend.kit.errors import Garbled, Refused, Unreachable
from backend.kit.words import Words
from lender_adapters.base import Adapter, about, receipt_for, refused
from lender_adapters.dialect import Acceptance, Refusal, Supplement, Withdrawal, from_tree, to_tree
from lender_adapters.harbour_bank import wire
from lender_adapters.maintenance import clock_differs
from lender_adapters.manifest import Manifest
from lender_adapters.port import Document, Indication, IndicationRequest, Message, Receipt, Submission, Verb
from lender_adapters.style import checked
from lender_adapters.transport import Answer, Transport

T = TypeVar("T")


class HarbourBank(Adapter):
    def __init__(self, manifest: Manifest, transport: Transport, secrets: Mapping[str, bytes]) -> None:
        super().__init__(manifest, transport, secrets)
        self._private, self._bank = secrets["signing_key"], secrets["bank_public_key"]

    def _ask(self, verb: Verb, reference: str, method: str, path: str, thing: Any = None) -> bytes:
        """One signed exchange: the whole error mapping of this bank."""
        body = b"" if thing is None else wire.dumps(to_tree(thing, wire.STYLE))
        nonce, created = chance.token_urlsafe(16), int(clock.now().timestamp())
        headers = wire.signed_headers(self._private, method, path, body, created, nonce, wire.PLATFORM_KEY)
        answer = self.transport.exchange(verb, reference, method, path, headers=headers, body=body, expect=wire.MEDIA)
        now, status = clock.now(), str(answer.status)
        signed = (self._bank, answer.headers, "ANSWER", status, answer.body)
        why = wire.why_not_signed(*signed, key=wire.BANK_KEY, now=now.timestamp(), nonce=nonce)
        if why == "stale" or (answer.status == 401 and self._refuses_our_time(answer, why, now)):
            raise Unreachable("the bank's clock and ours are more than a minute apart", code="clock")
        if answer.status == 401:
            raise Garbled("the bank does not recognise our signature: check the key", code="not_recognised")
        if why:
            raise Garbled(f"the answer is not the bank's: {why}", code="signature")
        if answer.status in (404, 409, 422):
            no = from_tree(Refusal, wire.loads(answer.body), wire.STYLE)
            raise refused(no.code, no.words)
        if answer.status != 200:
            raise Garbled(f"the bank answered {verb} with {answer.status}", code="status")
        return answer.body

    @staticmethod
    def _refuses_our_time(answer: Answer, why: str, now: datetime) -> bool:
        """Whether a 401 is about time: the bank says so under its signature, or its answer is dated otherwise than ours."""
        if clock_differs(answer.headers, now):
            return True
        return not why and from_tree(Refusal, wire.loads(answer.body), wire.STYLE).words == "stale"

    def _receipt(self, verb: Verb, reference: str, path: str, thing: Any) -> Receipt:
        body = self._ask(verb, reference, "POST", path, thing)
        return receipt_for(reference, from_tree(Receipt, wire.loads(body), wire.STYLE))

    def _reports(self, verb: Verb, reference: str, more: str = "") -> tuple[Message, ...]:
        body = self._ask(verb, reference, "GET", f"/v1/applications/{checked(reference)}{more}")
        return about(reference, wire.read_reports(body))

    # ------------------------------------------------------------ verbs

    def indicate(self, request: IndicationRequest) -> Indication:
        body = self._ask("indicate", "", "POST", "/v1/indications", request)
        return from_tree(Indication, wire.loads(body), wire.STYLE)

    def submit(self, submission: Submission) -> Receipt:
        return self._receipt("submit", checked(submission.reference), "/v1/applications", submission)

    def supplement(self, reference: str, documents: tuple[Document, ...]) -> Receipt:
        path = f"/v1/applications/{checked(reference)}/documents"
        return self._receipt("supplement", reference, path, Supplement(reference, documents))

    def accept(self, reference: str, offer_no: str) -> Receipt:
        path = f"/v1/applications/{checked(reference)}/acceptance"
        return self._receipt("accept", reference, path, Acceptance(reference, offer_no))

    def withdraw(self, reference: str, reason: str) -> Receipt:
        path = f"/v1/applications/{checked(reference)}/withdrawal"
        return self._receipt("withdraw", reference, path, Withdrawal(reference, reason))

    def status(self, reference: str) -> tuple[Message, ...]:
        return self._reports("status", reference)

    def contract(self, reference: str) -> tuple[Message, ...]:
        return self._reports("contract", reference, "/contract")

    def draws(self, reference: str) -> tuple[Message, ...]:
        return self._reports("draws", reference, "/draws")

    def repayments(self, reference: str) -> tuple[Message, ...]:
        return self._reports("repayments", reference, "/repayments")

    def callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Message, ...]:
        """Verify and read what the bank pushed. It may push a report again: the same message_id is the same report."""
        if len(body) > self.manifest.largest_answer_bytes:
            raise Garbled("the callback is too long", code="too_large")
        now = clock.now().timestamp()
        code = self.manifest.code
        why = wire.why_not_signed(self._bank, headers, "CALLBACK", code, body, key=wire.BANK_KEY, now=now)
        if why:
            words = Words("回调签名未通过验证", f"the callback is not the bank's: {why}")
            raise Refused(words, code="stale" if why == "stale" else "signature")
        return wire.read_reports(body)
