"""The pool: money is booked once, decided once, and never more of it than there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.concurrency import lending
from tests.concurrency.callers import Call, Told
from tests.concurrency.lending import BANK, FUND, GUARANTOR, PART, WAN, Lent
from tests.concurrency.play import Rule
from tests.concurrency.rules_offers import says
from tests.concurrency.stand import DAY, Stand

ABOUT = ("risk_compensation", "backend.loans", "pool_claims", "pool_journal", "pool_registrations", "guarantees")


def cash(stand: Stand, pool: str) -> int:
    """What the special account holds, by the balances; laid beside the journal."""
    kept = stand.one("SELECT cash_fen FROM pool_balances WHERE pool = :p", p=pool)
    moved = stand.one(
        "SELECT COALESCE(SUM(CASE WHEN debit = 'pool_cash' THEN amount_fen ELSE -amount_fen END), 0) FROM pool_entries"
        " WHERE pool = :p AND (debit = 'pool_cash' OR credit = 'pool_cash')",
        p=pool,
    )
    assert kept == moved, f"{pool}: the balance says {kept}, the journal {moved}"
    return int(kept)


class GuaranteeDecidedOnce(Rule):
    name = "a guarantee decided once"
    says = "A guarantor's yes and no at once are one decision; headroom is held by a yes and given back by a no."
    about = ABOUT
    only = {"grant": {200, 409}, "decline": {200, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Lent]:
        lending.a_pool(stand, 1_000 * WAN)
        return [lending.asked(stand) for _ in range(many)]

    def calls(self, stand: Stand, subject: Lent, chance: Random) -> list[list[Call]]:
        path = f"/api/guarantor/cases/{subject.guarantee}/decision"
        one, two = stand.town[f"{GUARANTOR}/officer"], stand.town[f"{GUARANTOR}/second"]
        grant = Call("grant", "POST", path, {"granted": True, "words": "同意担保"}, who=one)
        decline = Call("decline", "POST", path, {"granted": False, "words": "未能同意"}, who=two)
        return [[grant], [decline], [grant], [decline]]

    def found(self, stand: Stand, subject: Lent) -> Any:
        return {
            "state": stand.one("SELECT state FROM guarantees WHERE id = :g", g=subject.guarantee),
            "letters": stand.one(
                "SELECT count(*) FROM application_documents WHERE application_id = :a AND kind = 'guarantee'",
                a=subject.application,
            ),
            "events": [
                row[0]
                for row in stand.read(
                    "SELECT event FROM application_events WHERE application_id = :a AND event LIKE 'guarantee%'",
                    a=subject.application,
                )
            ],
        }

    def broken(self, subject: Lent, told: Sequence[Told], found: Any) -> Iterator[str]:
        granted = found["state"] == "granted"
        if found["letters"] != granted:
            yield f"not one decision: {found}"
        if set(found["events"]) != {f"guarantee_{found['state']}"} or len(found["events"]) != 1:
            yield f"not told once: {found}"
        if {each.what for each in told if each.yes} != {"grant" if granted else "decline"}:
            yield f"not as it was told: {found['state']}"


class OneRegistration(Rule):
    name = "one registration a loan"
    says = "The guarantor's yes and the bank's contract at once register the loan once; neither is lost."
    about = (*ABOUT, "facilities")
    only = {"grant": {200}, "ContractSigned": {201, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Lent]:
        lending.a_pool(stand, 1_000 * WAN)
        return [lending.asked(stand) for _ in range(many)]

    def calls(self, stand: Stand, subject: Lent, chance: Random) -> list[list[Call]]:
        path = f"/api/guarantor/cases/{subject.guarantee}/decision"
        officer = stand.town[f"{GUARANTOR}/officer"]
        grant = Call("grant", "POST", path, {"granted": True, "words": "同意担保"}, who=officer)
        signed = says(stand, BANK, "ContractSigned", subject.application, f"c-{subject.number}", **lending.contract(subject, DAY))
        return [[grant], [signed], [grant], [signed]]

    def found(self, stand: Stand, subject: Lent) -> Any:
        mine = subject.application
        return {
            "facilities": stand.one("SELECT count(*) FROM facilities WHERE application_id = :a", a=mine),
            "registrations": stand.one(
                "SELECT count(*) FROM pool_registrations r JOIN facilities f ON f.id = r.reference WHERE f.application_id = :a",
                a=mine,
            ),
            "certificates": stand.one(
                "SELECT count(*) FROM application_documents WHERE application_id = :a AND kind = 'pool_registration'", a=mine
            ),
            "state": stand.one("SELECT state FROM applications WHERE id = :a", a=mine),
        }

    def broken(self, subject: Lent, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found != {"facilities": 1, "registrations": 1, "certificates": 1, "state": "contracted"}:
            yield f"not once: {found}"
        if {each.what for each in told if each.yes} != {"grant", "ContractSigned"}:
            yield "not both: somebody was told no"


@dataclass(frozen=True)
class Claims:
    pool: str
    numbers: tuple[str, ...]


class LastMoney(Rule):
    name = "a pool's last money"
    says = "Of claims approved at once, as many are approved as the money reaches, and no fen more."
    about = ABOUT
    only = {"approve": {200, 403, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Claims]:
        found = []
        for _ in range(many):
            pool = lending.a_pool(stand, 2 * PART + WAN)
            found.append(Claims(pool, tuple(lending.a_claim(stand, pool) for _ in range(4))))
        return found

    def calls(self, stand: Stand, subject: Claims, chance: Random) -> list[list[Call]]:
        made = []
        for each in subject.numbers:
            for who in ("checker", "second"):
                path = f"/api/fund/claims/{each}/approve"
                made.append([Call("approve", "POST", path, {"words": "同意代偿"}, who=stand.town[f"{FUND}/{who}"], about=each)])
        chance.shuffle(made)
        return made

    def found(self, stand: Stand, subject: Claims) -> Any:
        rows = stand.read("SELECT claim_no, state FROM pool_claims WHERE pool = :p", p=subject.pool)
        booked = stand.one("SELECT approved_fen FROM pool_balances WHERE pool = :p", p=subject.pool)
        return {"states": {row[0]: row[1] for row in rows}, "approved": booked, "cash": cash(stand, subject.pool)}

    def broken(self, subject: Claims, told: Sequence[Told], found: Any) -> Iterator[str]:
        approved = {name for name, state in found["states"].items() if state == "approved"}
        if found["approved"] > found["cash"] or len(approved) != 2 or found["approved"] != 2 * PART:
            yield f"not as far as the money reaches: {found}"
        if {each.about for each in told if each.yes} != approved:
            yield f"not as it was told: {sorted(approved)}"


class PaidOnce(Rule):
    name = "a payment booked once"
    says = "However many receipts are entered at once, a claim is paid once, and the account moves once."
    about = ABOUT
    only = {"receipt": {200, 403, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Claims]:
        found = []
        for _ in range(many):
            pool = lending.a_pool(stand, 20 * PART)
            claim = lending.a_claim(stand, pool)
            checker = stand.town[f"{FUND}/checker"]
            stand.do("POST", f"/api/fund/claims/{claim}/approve", checker, {"words": "同意代偿"})
            stand.do("POST", f"/api/fund/claims/{claim}/instruct", checker)
            found.append(Claims(pool, (claim,)))
        return found

    def calls(self, stand: Stand, subject: Claims, chance: Random) -> list[list[Call]]:
        made = []
        for n, who in enumerate(("maker", "other", "maker", "other")):
            number = f"R-{subject.numbers[0]}-{n % 2}"
            body = {"receipt_no": number, "amount_fen": PART, "on": DAY.isoformat()}
            path = f"/api/fund/claims/{subject.numbers[0]}/receipt"
            made.append([Call("receipt", "POST", path, body, who=stand.town[f"{FUND}/{who}"], about=number)])
        return made

    def found(self, stand: Stand, subject: Claims) -> Any:
        row = stand.read("SELECT state, receipt_no FROM pool_claims WHERE claim_no = :c", c=subject.numbers[0])[0]
        return {"state": row[0], "receipt": row[1], "cash": cash(stand, subject.pool)}

    def broken(self, subject: Claims, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found["state"] != "paid" or found["cash"] != 19 * PART:
            yield f"not paid once: {found}"
        if {each.about for each in told if each.yes} != {found["receipt"]}:
            yield f"not as it was told: {found}"


class InstructedOnce(Rule):
    name = "a claim instructed once"
    says = "A claim that two checkers approve and instruct at once is promised once and instructed once."
    about = ABOUT
    only = {"instruct": {200, 403, 409}, "approve": {200, 403, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Claims]:
        pool = lending.a_pool(stand, 1_000 * PART)
        return [Claims(pool, (lending.a_claim(stand, pool),)) for _ in range(many)]

    def calls(self, stand: Stand, subject: Claims, chance: Random) -> list[list[Call]]:
        path = f"/api/fund/claims/{subject.numbers[0]}"
        one, two = stand.town[f"{FUND}/checker"], stand.town[f"{FUND}/second"]
        return [
            [
                Call("approve", "POST", f"{path}/approve", {"words": "同意代偿"}, who=who),
                Call("instruct", "POST", f"{path}/instruct", who=who),
            ]
            for who in (one, two, one, two)
        ]

    def found(self, stand: Stand, subject: Claims) -> Any:
        lines = stand.read("SELECT action FROM audit_lines WHERE object_id = :c ORDER BY seq", c=subject.numbers[0])
        entries = stand.one(
            "SELECT count(*) FROM pool_entries e JOIN pool_claims c ON c.loan = e.loan WHERE c.claim_no = :c"
            " AND e.credit = 'approved_claims'",
            c=subject.numbers[0],
        )
        state = stand.one("SELECT state FROM pool_claims WHERE claim_no = :c", c=subject.numbers[0])
        return {"state": state, "promised": entries, "log": [row[0] for row in lines]}

    def broken(self, subject: Claims, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found["promised"] != 1 or found["state"] != "instructed":
            yield f"not once: {found}"


RULES: tuple[Rule, ...] = (GuaranteeDecidedOnce(), OneRegistration(), LastMoney(), PaidOnce(), InstructedOnce())
