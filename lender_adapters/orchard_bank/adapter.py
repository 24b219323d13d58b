"""果园农商银行 behind the port. How its answers are heard:

    200                    a file under the bank's MAC, named for this very request: a receipt, or the reports of the day
    409 with a refusal     Refused, the bank's words verbatim (another file of this name, an offer that is over, …)
    404 for a day's file   NotYet: the bank has not closed that day; try again later
    any other status, a truncated file, a trailer that does not fit     Garbled, as a whole
    no answer, 408, 425, 429, 5xx                                       Unreachable (transport)

Collect every calendar day: a day on which the bank had nothing to say has an empty file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.kit.errors import Garbled, NotYet
from backend.kit.policy import digest
from lender_adapters.base import Adapter, receipt_for, refused
from lender_adapters.dialect import Acceptance, Refusal, Supplement, Withdrawal
from lender_adapters.manifest import Manifest
from lender_adapters.orchard_bank import wire
from lender_adapters.port import Document, Message, Receipt, Submission, Verb
from lender_adapters.style import checked
from lender_adapters.transport import Transport


class OrchardBank(Adapter):
    def __init__(self, manifest: Manifest, transport: Transport, secrets: Mapping[str, bytes]) -> None:
        super().__init__(manifest, transport, secrets)
        self._key = secrets["file_key"]

    def _exchange(self, verb: Verb, reference: str, method: str, path: str, name: str, body: bytes = b"") -> tuple[Any, ...]:
        """One exchange: the whole error mapping of this bank. `name` is the file that must come back."""
        headers = {"content-type": wire.CONTENT_TYPE, "x-orchard-mac": wire.sm3_mac(self._key, f"{method} {path}".encode())}
        answer = self.transport.exchange(verb, reference, method, path, headers=headers, body=body, expect=wire.MEDIA)
        if answer.status not in (200, 404, 409):
            raise Garbled(f"the bank answered {verb} with {answer.status}", code="status")
        records = wire.read(answer.body, name, self._key)
        if answer.status == 200:
            return records
        no = records[0] if len(records) == 1 else None
        if not isinstance(no, Refusal):
            raise Garbled("a refusal was expected", code="status")
        if answer.status == 404:
            raise NotYet(f"the bank has no such file yet: {no.words}", code="not_yet")
        raise refused(no.code, no.words)

    def _put(self, verb: Verb, reference: str, name: str, thing: Any) -> Receipt:
        body = wire.write(name, [thing], self._key)
        records = self._exchange(verb, reference, "PUT", f"/in/{name}", f"ANSWER_{name}", body)
        if len(records) != 1 or not isinstance(records[0], Receipt):
            raise Garbled("one receipt was expected", code="status")
        return receipt_for(reference, records[0])

    # ------------------------------------------------------------ verbs

    def submit(self, submission: Submission) -> Receipt:
        return self._put("submit", submission.reference, f"SUBMIT_{checked(submission.reference)}.txt", submission)

    def supplement(self, reference: str, documents: tuple[Document, ...]) -> Receipt:
        thing = Supplement(reference, documents)
        name = f"SUPPLEMENT_{checked(reference)}_{self._mark(thing)}.txt"
        return self._put("supplement", reference, name, thing)

    def accept(self, reference: str, offer_no: str) -> Receipt:
        return self._put(
            "accept", reference, f"ACCEPT_{checked(reference)}_{checked(offer_no)}.txt", Acceptance(reference, offer_no)
        )

    def withdraw(self, reference: str, reason: str) -> Receipt:
        thing = Withdrawal(reference, reason)
        return self._put("withdraw", reference, f"WITHDRAW_{checked(reference)}_{self._mark(thing)}.txt", thing)

    def _mark(self, thing: Any) -> str:
        """The same content gives the same name, other content another."""
        return digest(wire.write("", [thing], b""))[:16]

    def collect(self, day: date) -> tuple[Message, ...]:
        name = f"{day:%Y%m%d}.txt"
        records = self._exchange("collect", "", "GET", f"/out/{name}", name)
        if not all(isinstance(record, Message) for record in records):
            raise Garbled("the file of the day holds more than reports", code="foreign")
        return records
