"""What is decided of a claim stands: rejected, written off, recovered; and a guarantor that is stopped brings nothing new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any

from risk_compensation import live as events
from risk_compensation.live import proposals
from tests.concurrency import lending
from tests.concurrency.callers import Call, Told
from tests.concurrency.lending import BANK, FUND, LOSS, PART, SIGNED, WAN
from tests.concurrency.play import Rule
from tests.concurrency.rules_pool import Claims, cash
from tests.concurrency.stand import DAY, Stand

ABOUT = ("risk_compensation", "backend.loans.fund_acts", "pool_claims", "pool_journal")


def course(stand: Stand, claim: str) -> list[tuple[str, str, str]]:
    """Every move of the claim's loan, in their order: (move, was, became)."""
    rows = stand.read(
        "SELECT m.move, m.was, m.became FROM pool_loan_moves m JOIN pool_claims c ON c.loan = m.loan"
        " WHERE c.claim_no = :c ORDER BY m.id",
        c=claim,
    )
    return [(row[0], row[1], row[2]) for row in rows]


def torn(moves: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Moves that do not begin where the one before has ended."""
    for (_, _, became), (move, was, _) in pairwise(moves):
        if was != became:
            yield f"no order in which this can have happened: {move} from {was}, but it stood as {became}"


class ApproveAgainstReject(Rule):
    name = "approve against reject"
    says = "A claim that one checker approves while another rejects it is rejected, and no money is set aside for it."
    about = (*ABOUT, "risk_compensation.live.payments", "risk_compensation.live.claim_events")
    heavy = 2
    only = {"approve": {200, 409}, "reject": {200, 409}}

    def subjects(self, stand: Stand, many: int) -> Iterator[Claims]:
        for _ in range(many):
            pool = lending.a_pool(stand, 20 * PART)
            yield Claims(pool, (lending.a_claim(stand, pool),))

    def calls(self, stand: Stand, subject: Claims, chance: Random) -> list[list[Call]]:
        path, one, two = f"/api/fund/claims/{subject.numbers[0]}", stand.town[f"{FUND}/checker"], stand.town[f"{FUND}/second"]
        approve = Call("approve", "POST", f"{path}/approve", {"words": "同意代偿"}, who=one)
        reject = Call("reject", "POST", f"{path}/reject", {"reasons": ["misuse"], "words": "资金被挪用"}, who=two)
        return [[approve], [reject], [approve], [reject]]

    def found(self, stand: Stand, subject: Claims) -> Any:
        claim = subject.numbers[0]
        rows = stand.read(
            "SELECT c.state, c.aside_fen, l.state FROM pool_claims c JOIN pool_registrations l ON l.reference = c.loan"
            " WHERE c.claim_no = :c",
            c=claim,
        )
        promised = stand.one("SELECT approved_fen FROM pool_balances WHERE pool = :p", p=subject.pool)
        return {
            "claim": rows[0][0], "aside": int(rows[0][1]), "loan": rows[0][2], "promised": int(promised),
            "moves": course(stand, claim), "cash": cash(stand, subject.pool),
        }  # fmt: skip

    def broken(self, subject: Claims, told: Sequence[Told], found: Any) -> Iterator[str]:
        # A rejection is lawful before an approval and after it, and ends the claim: whatever the order, it is the last word.
        yes = {each.what for each in told if each.yes}
        rejected, approved = "reject" in yes, "approve" in yes
        stands = (found["claim"], found["loan"], found["aside"], found["promised"])
        if not yes or stands != (("rejected", "overdue", 0, 0) if rejected else ("approved", "approved", PART, PART)):
            yield f"not as it was decided: {sorted(yes)}, {stands}"
        yield from torn(found["moves"])
        moves = [move for move, _, _ in found["moves"]]
        if (moves.count("approve"), moves.count("reject")) != (approved, rejected):
            yield f"not as it was told: {sorted(yes)}, {moves}"


@dataclass(frozen=True)
class Lost:
    """A paid claim that its maker proposes to write off, while money that came back waits for its confirmation."""

    pool: str
    claim: str
    loan: str
    recoveries: tuple[str, ...]


class WriteOffAgainstRecovery(Rule):
    name = "write-off against recovery"
    says = "What is written off is what is still owed then: with money that comes back at once, nothing is owed twice or less."
    about = (*ABOUT, "risk_compensation.live.recovery", "risk_compensation.live.proposals", "backend.loans.pool_money")
    heavy = 2
    only = {"confirm": {200}, "write off": {200}}

    def subjects(self, stand: Stand, many: int) -> Iterator[Lost]:
        maker, checker = stand.town[f"{FUND}/maker"].user, stand.town[f"{FUND}/checker"].user
        for _ in range(many):
            pool = lending.a_pool(stand, 20 * PART)
            claim = lending.a_claim(stand, pool)
            loan = str(stand.one("SELECT loan FROM pool_claims WHERE claim_no = :c", c=claim))
            lending.one_by_one(
                stand,
                lambda s: events.approve(s, claim_no=claim, by=checker, on=DAY),  # noqa: B023  # done at once
                lambda s: events.instruct(s, claim_no=claim, by=checker, on=DAY),  # noqa: B023
                lambda s: events.pay(s, claim_no=claim, receipt_no=f"R-{claim}", amount_fen=PART, on=DAY),  # noqa: B023
            )
            body = {"words": "已无可供执行的财产"}
            stand.do("POST", f"/api/fund/claims/{claim}/propose-write-off", stand.town[f"{FUND}/maker"], body)
            told = []
            for n in (1, 2):
                said = {"loan": loan, "gross_fen": n * WAN, "costs_fen": 0, "receipt_no": f"ZC-{claim}-{n}", "on": DAY}
                with stand.database.writing() as session:
                    made, _ = proposals.propose(session, pool, kind="recovery", body=said, by=maker, party=FUND, on=DAY)
                    told.append(made.id)
            yield Lost(pool, claim, loan, tuple(told))

    def calls(self, stand: Stand, subject: Lost, chance: Random) -> list[list[Call]]:
        off = f"/api/fund/claims/{subject.claim}/write-off"
        made = [
            [
                Call(
                    "confirm",
                    "POST",
                    f"/api/fund/proposals/{each}/confirm",
                    {"words": "已核对"},
                    who=stand.town[f"{FUND}/checker"],
                )
            ]
            for each in subject.recoveries
        ]
        made += [[Call("write off", "POST", off, who=stand.town[f"{FUND}/{who}"])] for who in ("second", "checker")]
        chance.shuffle(made)
        return made

    def found(self, stand: Stand, subject: Lost) -> Any:
        def stands(account: str) -> int:
            asked = "SELECT COALESCE(SUM(CASE WHEN debit = :a THEN amount_fen ELSE -amount_fen END), 0) FROM pool_entries"
            return int(stand.one(f"{asked} WHERE loan = :l AND (debit = :a OR credit = :a)", a=account, l=subject.loan))

        return {
            "state": stand.one("SELECT state FROM pool_claims WHERE claim_no = :c", c=subject.claim),
            "receivable": stands("receivable"), "written off": stands("write_off"), "clearing": stands("recovery_clearing"),
            "cash": cash(stand, subject.pool), "moves": course(stand, subject.claim),
        }  # fmt: skip

    def broken(self, subject: Lost, told: Sequence[Told], found: Any) -> Iterator[str]:
        confirmed = {each.call.path for each in told if each.what == "confirm" and each.yes}
        gross = sum(n * WAN for n, each in enumerate(subject.recoveries, 1) if any(each in path for path in confirmed))
        off, left = any(each.yes for each in told if each.what == "write off"), PART - gross * PART // LOSS
        if (found["receivable"], found["written off"], found["clearing"]) != (0 if off else left, left if off else 0, 0):
            yield f"not what was still owed: {left}, written off: {off}, {found}"
        if found["state"] != ("written_off" if off else "write_off_applied"):
            yield f"not as it was told: {found['state']}"
        if [move for move, _, _ in found["moves"]].count("write_off") != off:
            yield f"not written off once: {found['moves']}"
        yield from torn(found["moves"])


@dataclass(frozen=True)
class Pools:
    """Two pools of one guarantor under one scheme; the guarantor is stopped by the one, loans come in through the other."""

    guarantor: str
    stopped: str
    other: str


class GuarantorStands(Rule):
    name = "a guarantor stopped in all its pools"
    says = "A guarantor that is stopped in one pool brings no loan into another pool of that scheme after the stop was answered."
    about = (
        "risk_compensation.live.stopping",
        "risk_compensation.live.breaker",
        "risk_compensation.live.admission",
        "backend.loans.fund_acts",
    )
    only = {"stop": {200, 409}, "register": {200, 409}}

    def subjects(self, stand: Stand, many: int) -> Iterator[Pools]:
        for _ in range(many):
            # A guarantor of its own, or the first stop would end all other plays.
            guarantor = f"guarantor_{stand.town.number()}"
            yield Pools(guarantor, *(lending.a_pool(stand, 1_000 * WAN, guarantor) for _ in range(2)))

    def calls(self, stand: Stand, subject: Pools, chance: Random) -> list[list[Call]]:
        def register(pool: str, name: str) -> None:
            checks = events.Checks(
                bank=BANK, guarantor=subject.guarantor, firm=f"firm_{name}", guarantee_no=f"DB-{name}", guaranteed_on=SIGNED,
                loan=events.Described(industry="C34"),
            )  # fmt: skip
            with stand.database.writing() as session:
                events.register(session, pool, reference=name, amount_fen=LOSS, on=DAY, checks=checks)

        def coming(pool: str, who: str, many: int) -> list[Call]:
            names = [f"gs_{pool}_{who}_{n}" for n in range(many)]
            return [Call("register", "-", "-", about=name, deed=partial(register, pool, name)) for name in names]

        body = {"paused": True, "words": "担保机构代偿率过高", "party": subject.guarantor}
        look = Call("look", "-", "-", deed=lambda: self._loans(stand, subject))
        stops = [
            # Loans are coming in by the time of the stop, which is said in either pool.
            [
                *coming(pool, who, 1),
                Call("stop", "POST", f"/api/fund/pools/{pool}/pause", body, who=stand.town[f"{FUND}/{who}"]),
                look,
            ]
            for pool, who in ((subject.stopped, "checker"), (subject.other, "second"))
        ]
        return [*(coming(subject.other, who, 3) for who in "ab"), *stops]

    @staticmethod
    def _loans(stand: Stand, subject: Pools) -> list[str]:
        rows = stand.read("SELECT reference FROM pool_registrations WHERE guarantor = :g", g=subject.guarantor)
        return sorted(row[0] for row in rows)

    def found(self, stand: Stand, subject: Pools) -> Any:
        moves = stand.read("SELECT state FROM pool_moves WHERE party = :g ORDER BY id", g=subject.guarantor)
        return {"moves": [row[0] for row in moves], "loans": self._loans(stand, subject)}

    def broken(self, subject: Pools, told: Sequence[Told], found: Any) -> Iterator[str]:
        stops = [each.ended for each in told if each.what == "stop" and each.yes]
        if not stops or found["moves"][-1:] != ["paused"] or found["moves"].count("paused") != 1:
            yield f"not stopped once: {found['moves']}"
        # Who looks right after the answer sees every loan that ever comes in.
        if any(each.body != found["loans"] for each in told if each.what == "look" and stops and each.began >= min(stops)):
            yield "a loan came in after the stop was answered: it was not there yet"
        came = [each for each in told if each.what == "register" and each.yes]
        if any(each.began >= min(stops) for each in came if stops):
            yield "a loan came in after the stop was answered"
        if sorted(each.about for each in came) != found["loans"]:
            yield f"not as it was told: {found['loans']}"


RULES: tuple[Rule, ...] = (ApproveAgainstReject(), WriteOffAgainstRecovery(), GuarantorStands())
