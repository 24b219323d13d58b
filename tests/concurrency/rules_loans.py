"""Loans: a repayment is booked once, a claim is filed once, and the close of a day does not lock up with what banks report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from backend.loans import bank_reports
from backend.loans.day import close_day
from backend.loans.tables import Guarantee
from lender_adapters import port
from tests.concurrency import lending
from tests.concurrency.callers import Call, Told
from tests.concurrency.lending import GUARANTOR, LOSS, PAPERS, WAN, Lent
from tests.concurrency.people import BANKS
from tests.concurrency.play import Rule
from tests.concurrency.rules_offers import says
from tests.concurrency.stand import DAY, Stand

ABOUT = ("backend.loans", "backend.applications", "payments", "draws", "risk_compensation")
BANK, PLAIN = next(iter(BANKS.items()))


class RepaidOnce(Rule):
    name = "a repayment booked once"
    says = "The same repayment reported several times at once, also under another message number, is booked once."
    about = ABOUT
    heavy = 2
    only = {"Repaid": {201, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Lent]:
        return [lending.drawn(stand, bank=BANK, product=PLAIN, scheme=None) for _ in range(many)]

    def calls(self, stand: Stand, subject: Lent, chance: Random) -> list[list[Call]]:
        def repaid(message: str, payment: str, principal: int) -> Call:
            parts = {"expenses_fen": 0, "penalty_fen": 0, "interest_fen": 0, "principal_fen": principal}
            more = {"draw_no": f"JJ-{subject.number}", "payment_no": payment, "paid_on": DAY.isoformat(), "amount_fen": principal}
            return says(stand, BANK, "Repaid", subject.application, message, **more, **parts, source="borrower")

        one, two = f"HK-{subject.number}-1", f"HK-{subject.number}-2"
        made = [[repaid(f"m-{one}-{n // 2}", one, WAN)] for n in range(4)] + [[repaid(f"m-{two}", two, 2 * WAN)]] * 2
        chance.shuffle(made)
        return made

    def found(self, stand: Stand, subject: Lent) -> Any:
        paid = stand.read("SELECT payment_no, amount_fen FROM payments WHERE draw_id = :d ORDER BY payment_no", d=subject.draw)
        seqs = [row[0] for row in stand.read("SELECT seq FROM payments WHERE draw_id = :d ORDER BY seq", d=subject.draw)]
        left = stand.one("SELECT outstanding_fen FROM draws WHERE id = :d", d=subject.draw)
        return {"paid": [int(row[1]) for row in paid], "left": left, "seqs": seqs}

    def broken(self, subject: Lent, told: Sequence[Told], found: Any) -> Iterator[str]:
        if sorted(found["paid"]) != [WAN, 2 * WAN] or len(set(found["seqs"])) != 2:
            yield f"not once: {found}"
        if not {each.call.body["payment_no"] for each in told if each.yes} or found["left"] > LOSS:
            yield f"not as it was told: {found}"


def late(stand: Stand) -> None:
    """The day is closed on which all loans that were drawn and not repaid are late: once, for it looks at the whole book."""
    with stand.database.writing() as session:
        close_day(session, DAY - timedelta(days=20))


def paid_by_guarantor(stand: Stand, lent: Lent) -> Lent:
    """Of a loan that is late: the bank demanded, the guarantor paid, and the bank said so."""
    officer = stand.town[f"{GUARANTOR}/officer"]
    stand.do("POST", f"/api/desk/draws/{lent.draw}/demand", stand.town[f"{lending.BANK}/officer"])
    with stand.database.reading() as session:
        owed = session.scalars(select(Guarantee).where(Guarantee.id == lent.guarantee)).one().demanded_fen
    body = {"amount_fen": owed, "receipt_no": f"DC-{lent.number}", "on": DAY.isoformat()}
    stand.do("POST", f"/api/guarantor/cases/{lent.guarantee}/payout", officer, body)
    paid = port.Repaid(
        message_id=f"dc-{lent.number}", reference=lent.application, on=DAY, draw_no=f"JJ-{lent.number}",
        payment_no=f"DC-{lent.number}", paid_on=DAY, amount_fen=owed, expenses_fen=0, penalty_fen=0, interest_fen=0,
        principal_fen=owed, source="guarantor",
    )  # fmt: skip
    with stand.database.writing() as session:
        bank_reports.take_repayment(session, bank=lending.BANK, message=paid, at=lending.at(DAY))
    return lent


class ClaimFiledOnce(Rule):
    name = "a claim filed once"
    says = "Two officers who claim for the same loan at once, under two numbers, have filed one claim."
    about = (*ABOUT, "pool_claims")
    heavy = 2
    only = {"claim": {201, 403, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Lent]:
        lending.a_pool(stand, 1_000 * WAN)
        loans = [lending.drawn(stand) for _ in range(many)]
        late(stand)
        return [paid_by_guarantor(stand, each) for each in loans]

    def calls(self, stand: Stand, subject: Lent, chance: Random) -> list[list[Call]]:
        path, made = f"/api/guarantor/cases/{subject.guarantee}/claim", []
        for n, who in enumerate(("officer", "second", "officer", "second")):
            number = f"CL-{subject.number}-{n % 2}"
            body = {"claim_no": number, "judgment_no": "（2025）浙0203民初1号", "judged_on": DAY.isoformat(), "documents": PAPERS}
            made.append([Call("claim", "POST", path, body, who=stand.town[f"{GUARANTOR}/{who}"], about=number)])
        return made

    def found(self, stand: Stand, subject: Lent) -> Any:
        return [row[0] for row in stand.read("SELECT claim_no FROM pool_claims WHERE loan = :l", l=subject.facility)]

    def broken(self, subject: Lent, told: Sequence[Told], found: Any) -> Iterator[str]:
        if len(found) != 1 or {each.about for each in told if each.yes} != set(found):
            yield f"not one claim: {found}, yes to {sorted({each.about for each in told if each.yes})}"


@dataclass(frozen=True)
class Book:
    """Some loans of one bank, to be repaid in one order and closed in another."""

    loans: tuple[Lent, ...]


class CloseAgainstRepaid(Rule):
    name = "the close of a day against repayments"
    says = "Days are closed while banks report repayments of many loans in any order: no deadlock, and no payment lost."
    about = ABOUT
    heavy = 8  # every close looks at the whole book, which grows from try to try
    only = {"Repaid": {201}, "close the day": {200}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Book]:
        plain = {"bank": BANK, "product": PLAIN, "scheme": None}
        return [Book(tuple(lending.drawn(stand, **plain) for _ in range(3))) for _ in range(many)]

    def calls(self, stand: Stand, subject: Book, chance: Random) -> list[list[Call]]:
        def repaid(lent: Lent) -> Call:
            number = f"HK-{lent.number}"
            parts = {"expenses_fen": 0, "penalty_fen": 0, "interest_fen": 0, "principal_fen": WAN}
            more = {"draw_no": f"JJ-{lent.number}", "payment_no": number, "paid_on": DAY.isoformat(), "amount_fen": WAN}
            return says(stand, BANK, "Repaid", lent.application, f"m-{number}", **more, **parts, source="borrower")

        def close() -> None:
            with stand.database.writing() as session:
                close_day(session, DAY)

        there = [repaid(each) for each in subject.loans]
        closing = Call("close the day", "-", "-", deed=close)
        return [there, there[::-1], chance.sample(there, 3), [closing, closing], [closing]]

    def found(self, stand: Stand, subject: Book) -> Any:
        return [
            int(stand.one("SELECT COALESCE(SUM(amount_fen), 0) FROM payments WHERE draw_id = :d", d=each.draw))
            for each in subject.loans
        ]

    def broken(self, subject: Book, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found != [WAN] * 3:
            yield f"not once each: {found}"


RULES: tuple[Rule, ...] = (RepaidOnce(), ClaimFiledOnce(), CloseAgainstRepaid())
