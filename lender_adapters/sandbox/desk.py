"""The bank's front desk: takes applications in, decides, signs. Every verb may be called twice; the second time changes nothing.

    received ──▶ asking ──▶ received ──▶ offered ──▶ accepted ──▶ signed ──▶ drawn
        │           │                       │            │
        └▶ declined └▶ expired              └▶ expired   └▶ withdrawn (also from received, asking, offered)

Days are calendar days: a decision 1–3 after taking in, the contract the day after acceptance, the draw 1–2 after that; which of
them is a hash of the firm, the product and how often it was asked for. A guaranteed product is drawn only when `guarantee` and
`pool_registration` have both arrived.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from sqlite3 import Row
from typing import Any

from backend.kit import clock
from backend.kit.crypto import mac
from backend.kit.errors import Refused
from backend.kit.policy import canonical, digest
from backend.kit.words import Words
from lender_adapters.port import (
    Closed,
    ContractSigned,
    Decided,
    Document,
    DocumentsAsked,
    FirmCard,
    Indication,
    IndicationRequest,
    OfferTerms,
    Receipt,
    Received,
    Submission,
    pack,
)
from lender_adapters.sandbox import decide
from lender_adapters.sandbox.book import Book, dumps
from lender_adapters.sandbox.decide import House, Terms
from lender_adapters.sandbox.interest import add_months
from lender_adapters.sandbox.loans import Loans

DRAW_PAPERS = frozenset({"guarantee", "pool_registration"})
DOCUMENTS_WANTED = ("近三个月银行流水", "购销合同")


class Desk:
    """`house` says which bank this is; `loans` is its back office."""

    def __init__(self, book: Book, house: House, loans: Loans) -> None:
        self.book = book
        self.house = house
        self.loans = loans

    @property
    def today(self) -> date:
        """The bank's day; before anyone has told one, today's date in Shanghai."""
        return self.book.day or clock.day_of(clock.now())

    # ------------------------------------------------------------ verbs

    def indicate(self, request: IndicationRequest) -> Indication:
        facts = {fact.code: fact.value for fact in request.facts}
        return decide.indication(self._terms(request.product), facts, request.amount_fen)

    def submit(self, submission: Submission) -> Receipt:
        with self.book.writing():
            terms, seal = self._terms(submission.product), digest(canonical(pack(submission)))
            row = self.book.one("SELECT * FROM applications WHERE reference = ?", submission.reference)
            if row is not None:
                if row["digest"] != seal:
                    raise no("reference_reused", "该申请编号已用于另一份申请")
                self.book.do("UPDATE applications SET arrivals = arrivals + 1 WHERE reference = ?", submission.reference)
                return Receipt(submission.reference, row["bank_reference"], "申请已受理")
            if submission.amount_fen < decide.GRAIN_FEN or not 1 <= submission.months <= 120:
                raise no("out_of_range", "申请金额或期限不在受理范围内")
            return self._take_in(submission, terms, seal)

    def _take_in(self, submission: Submission, terms: Terms, seal: str) -> Receipt:
        today = self.today
        number = f"{self.house.prefix}{today:%Y%m%d}{self.book.number('application'):06d}"
        self.book.do(
            "INSERT INTO applications (reference, bank_reference, uscc, product, submission, digest, received_on, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'received')",
            *(submission.reference, number, submission.firm.uscc, terms.code, dumps(pack(submission)), seal, today.isoformat()),
        )
        self.book.say(Received(self._message_id(), submission.reference, today, number))
        wait = 1 + decide.chance(self._subject(submission.reference), "decision", 3)
        self.book.plan_for(today + timedelta(days=wait), "decide", submission.reference)
        return Receipt(submission.reference, number, "申请已受理")

    def supplement(self, reference: str, documents: tuple[Document, ...]) -> Receipt:
        with self.book.writing():
            row, today = self._application(reference), self.today
            if row["state"] in ("declined", "expired", "withdrawn"):
                raise no("closed", "该申请已结束，不再接收补充材料")
            for each in documents:
                seal = mac(each.kind.encode() + b"\0" + each.name.encode(), each.body)
                values = (reference, seal, each.kind, each.name, each.body, today.isoformat())
                self.book.do("INSERT OR IGNORE INTO documents VALUES (?, ?, ?, ?, ?, ?)", *values)
            kinds = {*json.loads(row["kinds"]), *(each.kind for each in documents)}
            self._set(reference, kinds=json.dumps(sorted(kinds)))
            if row["state"] == "asking" and {each.kind for each in documents} - DRAW_PAPERS:
                self.book.forget("expire", reference)
                self._set(reference, state="received")
                self.book.plan_for(today + timedelta(days=1), "decide", reference)
            if row["state"] == "signed":
                self._plan_draw(reference, today)
            return Receipt(reference, row["bank_reference"], "补充材料已收到")

    def accept(self, reference: str, offer_no: str) -> Receipt:
        with self.book.writing():
            row, today = self._application(reference), self.today
            terms = json.loads(row["offer"]) if row["offer"] else None
            if terms is None or terms["offer_no"] != offer_no:
                raise no("unknown_offer", "该申请没有此编号的批复")
            if row["state"] in ("accepted", "signed", "drawn"):
                return Receipt(reference, row["bank_reference"], "批复已确认")
            if row["state"] != "offered" or today.isoformat() > terms["valid_until"]:
                raise no("offer_over", "批复已失效")
            self.book.forget("expire", reference)
            self._set(reference, state="accepted")
            self.book.plan_for(today + timedelta(days=1), "sign", reference)
            return Receipt(reference, row["bank_reference"], "批复已确认")

    def withdraw(self, reference: str, reason: str) -> Receipt:
        with self.book.writing():
            row = self._application(reference)
            if row["state"] in ("signed", "drawn"):
                raise no("too_late", "合同已签署，不能撤回申请")
            if row["state"] in ("declined", "expired"):
                raise no("closed", "该申请已结束，无需撤回")
            if row["state"] != "withdrawn":
                for kind in ("decide", "expire", "sign"):
                    self.book.forget(kind, reference)
                self._close(reference, "withdrawn", f"申请人撤回：{reason}", self.today)
            return Receipt(reference, row["bank_reference"], "申请已撤回")

    # ------------------------------------------------------------ what a day brings

    def decide(self, reference: str, day: date) -> None:
        row, submission = self._application(reference), self._submission(reference)
        plan, terms = self.loans.plan(row["uscc"]), self._terms(row["product"])
        if plan.decision == "documents" and not row["asked_documents"]:
            self._set(reference, state="asking", asked_documents=1)
            until = day + timedelta(days=decide.ANSWER_DAYS)
            words = "请补充以下材料，以便继续审批。"
            self.book.say(DocumentsAsked(self._message_id(), reference, day, DOCUMENTS_WANTED, words, until))
            self.book.plan_for(until + timedelta(days=1), "expire", reference)
            return
        facts = {fact["code"]: fact["value"] for fact in submission["facts"]}
        asked = _asked(submission)
        mind = decide.make_up(terms, plan, asked, facts)
        paper = None
        if mind.approved:
            offer_no = f"{self.house.prefix}O{self.book.number('offer'):06d}"
            paper = decide.offer(terms, mind, asked, facts, offer_no, day, self._subject(reference))
            self._set(reference, state="offered", offer=dumps(asdict(paper)))
            self.book.plan_for(paper.valid_until + timedelta(days=1), "expire", reference)
        else:
            self._set(reference, state="declined")
        self.book.say(Decided(self._message_id(), reference, day, mind.approved, mind.words, mind.reasons, paper))

    def expire(self, reference: str, day: date) -> None:
        asking = self._application(reference)["state"] == "asking"
        words = "未在期限内补充材料，申请自动终止。" if asking else "批复有效期届满未确认，自动失效。"
        self._close(reference, "expired", words, day)

    def sign(self, reference: str, day: date) -> None:
        paper = self.offer(reference)
        number = f"{self.house.prefix}C{day:%Y}{self.book.number('contract'):06d}"
        # Signed for the offered term, and long enough for a draw that waits for its papers.
        until = add_months(day, paper.months)
        values = (number, reference, paper.amount_fen, day.isoformat(), until.isoformat(), paper.rate_bp)
        self.book.do("INSERT INTO contracts VALUES (?, ?, ?, ?, ?, ?)", *values)
        self._set(reference, state="signed")
        self.book.say(ContractSigned(self._message_id(), reference, day, number, paper.amount_fen, day, until, paper.rate_bp))
        self._plan_draw(reference, day)

    def _plan_draw(self, reference: str, day: date) -> None:
        row = self._application(reference)
        if self._terms(row["product"]).guaranteed and not set(json.loads(row["kinds"])) >= DRAW_PAPERS:
            return
        if self.book.one("SELECT 1 FROM agenda WHERE kind = 'draw' AND key = ?", reference):
            return
        self.book.plan_for(day + timedelta(days=1 + decide.chance(self._subject(reference), "draw", 2)), "draw", reference)

    def draw(self, reference: str, day: date) -> None:
        contract = self.book.one("SELECT * FROM contracts WHERE reference = ?", reference)
        if contract is None or day.isoformat() > contract["expires_on"]:
            return
        if self.loans.draw(self._application(reference)["uscc"], contract, self.offer(reference), day):
            self._set(reference, state="drawn")

    # ------------------------------------------------------------ small things

    def offer(self, reference: str) -> OfferTerms:
        plain = json.loads(self._application(reference)["offer"])
        return OfferTerms(**(plain | {"valid_until": date.fromisoformat(plain["valid_until"])}))

    def _application(self, reference: str) -> Row:
        row = self.book.one("SELECT * FROM applications WHERE reference = ?", reference)
        if row is None:
            raise no("unknown_application", "没有此编号的申请")
        return row

    def _subject(self, reference: str) -> str:
        """Whom chance is about: the firm, the product, and how many applications of this kind came before. A reference is drawn
        anew in every play, and would give the same firm another answer."""
        row = self._application(reference)
        before = "SELECT count(*) AS n FROM applications WHERE uscc = ? AND product = ? AND bank_reference < ?"
        earlier = self.book.one(before, row["uscc"], row["product"], row["bank_reference"])
        return f"{row['uscc']}|{row['product']}|{earlier['n'] if earlier else 0}"

    def exists(self, reference: str) -> None:
        """Refused for a reference this bank has never seen."""
        self._application(reference)

    def _submission(self, reference: str) -> Mapping[str, Any]:
        plain: Mapping[str, Any] = json.loads(self._application(reference)["submission"])
        return plain

    def _set(self, reference: str, **columns: Any) -> None:
        names = ", ".join(f"{name} = ?" for name in columns)
        self.book.do(f"UPDATE applications SET {names} WHERE reference = ?", *columns.values(), reference)  # noqa: S608 our own names

    def _close(self, reference: str, state: Any, words: str, day: date) -> None:
        self._set(reference, state=state)
        self.book.say(Closed(self._message_id(), reference, day, state, words))

    def _message_id(self) -> str:
        return self.loans.message_id()

    def _terms(self, product: str) -> Terms:
        if product not in self.house.products:
            raise no("unknown_product", "本行没有此产品")
        return self.house.products[product]


def _asked(plain: Mapping[str, Any]) -> Submission:
    """What a decision needs of a kept submission."""
    names = ("reference", "product", "amount_fen", "months", "way", "purpose")
    return Submission(firm=FirmCard(**plain["firm"]), **{name: plain[name] for name in names})


def no(code: str, words: str) -> Refused:
    """The bank's lawful no, in the words it will send."""
    return Refused(Words(words, words), code=code)
