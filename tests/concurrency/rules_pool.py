"""The pool: money is booked once, decided once, and never more of it than there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.concurrency import lending
from tests.concurrency.callers import Call, Told
from tests.concurrency.lending import FUND, PART, WAN
from tests.concurrency.play import Rule
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


@dataclass(frozen=True)
class Claims:
    pool: str
    numbers: tuple[str, ...]
    proposals: tuple[str, ...] = ()


class LastMoney(Rule):
    name = "a pool's last money"
    says = "Of claims approved at once, as many are approved as the money reaches, and no fen more."
    about = ABOUT
    heavy = 2
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
    says = "However many receipts of a payment are told and confirmed at once, a claim is paid once, and the account moves once."
    about = ABOUT
    heavy = 2
    only = {"tell": {202, 403, 409}, "confirm": {200, 403, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Claims]:
        found = []
        for _ in range(many):
            pool = lending.a_pool(stand, 20 * PART)
            claim = lending.a_claim(stand, pool)
            checker = stand.town[f"{FUND}/checker"]
            stand.do("POST", f"/api/fund/claims/{claim}/approve", checker, {"words": "同意代偿"})
            stand.do("POST", f"/api/fund/claims/{claim}/instruct", checker)
            told = [stand.ask(self._tell(stand, claim, n)) for n in range(2)]
            found.append(Claims(pool, (claim,), tuple(each.body["id"] for each in told if each.yes)))
        return found

    def _tell(self, stand: Stand, claim: str, n: int) -> Call:
        body = {"receipt_no": f"R-{claim}-{n}", "amount_fen": PART, "on": DAY.isoformat()}
        who = stand.town[f"{FUND}/{('maker', 'other')[n % 2]}"]
        return Call("tell", "POST", f"/api/fund/claims/{claim}/receipt", body, who=who)

    def calls(self, stand: Stand, subject: Claims, chance: Random) -> list[list[Call]]:
        made = [
            [Call("confirm", "POST", f"/api/fund/proposals/{each}/confirm", {"words": "已核对"}, who=stand.town[f"{FUND}/{who}"])]
            for each in subject.proposals
            for who in ("checker", "second")
        ]
        made += [[self._tell(stand, subject.numbers[0], n)] for n in (0, 1, 2)]
        chance.shuffle(made)
        return made

    def found(self, stand: Stand, subject: Claims) -> Any:
        state = stand.one("SELECT state FROM pool_claims WHERE claim_no = :c", c=subject.numbers[0])
        said = stand.read("SELECT state FROM pool_proposals WHERE pool = :p", p=subject.pool)
        return {"state": state, "cash": cash(stand, subject.pool), "confirmed": [row[0] for row in said].count("confirmed")}

    def broken(self, subject: Claims, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found != {"state": "paid", "cash": 19 * PART, "confirmed": 1}:
            yield f"not paid once: {found}"
        if not any(each.yes for each in told if each.what == "confirm"):
            yield "nobody was told yes: and it is paid"


class OneWordOnAProposal(Rule):
    name = "one word on a proposal"
    says = "Money that one person told is confirmed, declined or taken back: one of the three, and booked only if confirmed."
    about = (*ABOUT, "pool_proposals", "backend.loans.pool_money")
    heavy = 2
    only = {"confirmed": {200, 409}, "declined": {200, 409}, "withdrawn": {200, 409}, "told again": {202, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Claims]:
        found = []
        for _ in range(many):
            pool = lending.a_pool(stand, WAN)
            told = stand.ask(self._tell(stand, pool))
            assert told.yes, told.body
            found.append(Claims(pool, (), (told.body["id"],)))
        return found

    def _tell(self, stand: Stand, pool: str) -> Call:
        body = {"amount_fen": 5 * WAN, "receipt_no": f"more-{pool}", "on": DAY.isoformat()}
        who = stand.town[f"{FUND}/maker"]
        return Call("told again", "POST", f"/api/fund/pools/{pool}/contribution", body, who=who)

    def calls(self, stand: Stand, subject: Claims, chance: Random) -> list[list[Call]]:
        path = f"/api/fund/proposals/{subject.proposals[0]}"
        people = {"confirm": ("checker", "second"), "decline": ("second",), "withdraw": ("maker",)}
        past = {"confirm": "confirmed", "decline": "declined", "withdraw": "withdrawn"}
        made = [
            [Call(past[verb], "POST", f"{path}/{verb}", {"words": "账上如此"}, who=stand.town[f"{FUND}/{who}"])]
            for verb, names in people.items()
            for who in names
        ]
        chance.shuffle(made)
        return made

    def found(self, stand: Stand, subject: Claims) -> Any:
        state = stand.one("SELECT state FROM pool_proposals WHERE id = :p", p=subject.proposals[0])
        return {"state": state, "cash": cash(stand, subject.pool)}

    def broken(self, subject: Claims, told: Sequence[Told], found: Any) -> Iterator[str]:
        if {each.what for each in told if each.yes} != {found["state"]}:
            yield f"not one word: {sorted(each.what for each in told if each.yes)}, it stands as {found['state']}"
        if found["cash"] != (6 * WAN if found["state"] == "confirmed" else WAN):
            yield f"not as it was decided: {found}"


class ToldOnce(Rule):
    name = "a receipt told once"
    says = "The same receipt told by two makers at once, with two sums, stands in one proposal with one of them."
    about = (*ABOUT, "pool_proposals", "backend.loans.pool_money")
    heavy = 2
    only = {"tell": {202, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[str]:
        return [lending.a_pool(stand, WAN) for _ in range(many)]

    def calls(self, stand: Stand, subject: str, chance: Random) -> list[list[Call]]:
        made = []
        for n in range(6):
            body = {"amount_fen": (5 + n % 2) * WAN, "receipt_no": f"receipt-{subject}", "on": DAY.isoformat()}
            who = stand.town[f"{FUND}/{('maker', 'other')[n % 2]}"]
            made.append([Call("tell", "POST", f"/api/fund/pools/{subject}/contribution", body, who=who)])
        return made

    def found(self, stand: Stand, subject: str) -> Any:
        return [row[0] for row in stand.read("SELECT id FROM pool_proposals WHERE pool = :p", p=subject)]

    def broken(self, subject: str, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = [each for each in told if each.yes]
        if len(found) != 1 or {each.body["id"] for each in yes} != set(found):
            yield f"not one proposal: {found}, {len(yes)} told yes"
        if len({each.call.body["amount_fen"] for each in yes}) != 1:
            yield "not as it was told: yes to two sums"


class InstructedOnce(Rule):
    name = "a claim instructed once"
    says = "A claim that two checkers approve and instruct at once is promised once and instructed once."
    about = ABOUT
    heavy = 2
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


RULES: tuple[Rule, ...] = (
    LastMoney(),
    PaidOnce(),
    OneWordOnAProposal(),
    ToldOnce(),
    InstructedOnce(),
)
