"""What needs hands: a colleague joins once, a pool stops once, a claim's number names one claim, a review is decided once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from backend.audit.model import Actor
from backend.kit import clock
from backend.kit.ids import new_id
from backend.uplifts import decisions, evaluation
from backend.uplifts.tables import UpliftReview
from tests.concurrency import lending
from tests.concurrency.callers import Call, Login, Told
from tests.concurrency.lending import FUND, GUARANTOR, PAPERS, WAN, Lent
from tests.concurrency.people import PASSWORD
from tests.concurrency.play import Rule
from tests.concurrency.rules_loans import late, paid_by_guarantor
from tests.concurrency.stand import DAY, Stand

ISSUER = "data_bureau"


@dataclass(frozen=True)
class Invited:
    invitation: str
    login: str
    first: str


class JoinsOnce(Rule):
    name = "a colleague joins once"
    says = "An invitation is confirmed or refused, once, and whoever comes in by it several times at once comes in once."
    about = ("backend.parties.colleagues", "invitations", "users")
    only = {"confirm": {200, 403, 404, 409}, "refuse": {200, 404, 409}, "join": {201, 404, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Invited]:
        found = []
        for _ in range(many):
            login = f"colleague-{stand.town.number()}"
            body = {"login": login, "name": "陈一", "role": "whitelist_issuer"}
            made = stand.do("POST", "/api/colleagues", stand.town[f"{ISSUER}/officer"], body)
            word = stand.do("POST", f"/api/colleagues/{made['id']}/confirm", stand.town[f"{ISSUER}/second"])["word"]
            found.append(Invited(made["id"], login, f"{made['word']} {word}"))
        return found

    def calls(self, stand: Stand, subject: Invited, chance: Random) -> list[list[Call]]:
        first, second = subject.first.split()
        path = f"/api/colleagues/{subject.invitation}"

        def join(no: int) -> Call:
            body = {"first": first, "second": second, "password": f"{PASSWORD} {no}"}
            return Call("join", "POST", f"{path}/join", body, about=no)

        return [[join(no)] for no in range(4)]

    def found(self, stand: Stand, subject: Invited) -> Any:
        users = stand.one("SELECT count(*) FROM users WHERE login = :l", l=subject.login)
        lines = stand.read("SELECT action FROM audit_lines WHERE object_id = :i ORDER BY seq", i=subject.invitation)
        return {"users": users, "log": [row[0] for row in lines]}

    def broken(self, subject: Invited, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = sum(each.yes for each in told)
        if (found["users"], yes) != (1, 1):
            yield f"not once: {found}, {yes} told yes"


class ConfirmedOnce(Rule):
    name = "an invitation settled once"
    says = "An invitation that one confirms while another refuses it is one of the two."
    about = ("backend.parties.colleagues", "invitations")
    only = {"confirmed": {200, 403, 404, 409}, "refused": {200, 404, 409}}

    def subjects(self, stand: Stand, many: int) -> Iterator[str]:
        # One by one, each settled before the next is made: a party has at most twenty that wait.
        for _ in range(many):
            body = {"login": f"colleague-{stand.town.number()}", "name": "陈一", "role": "whitelist_issuer"}
            yield str(stand.do("POST", "/api/colleagues", stand.town[f"{ISSUER}/officer"], body)["id"])

    def calls(self, stand: Stand, subject: str, chance: Random) -> list[list[Call]]:
        path, one, two = f"/api/colleagues/{subject}", stand.town[f"{ISSUER}/officer"], stand.town[f"{ISSUER}/second"]
        confirm, refuse = (
            Call("confirmed", "POST", f"{path}/confirm", who=two),
            Call("refused", "POST", f"{path}/refuse", who=one),
        )
        return [[confirm], [refuse], [confirm], [refuse]]

    def found(self, stand: Stand, subject: str) -> Any:
        lines = stand.read("SELECT action FROM audit_lines WHERE object_id = :i ORDER BY seq", i=subject)
        return {
            "state": stand.one("SELECT state FROM invitations WHERE id = :i", i=subject),
            "log": [row[0] for row in lines if row[0] in ("colleague.confirmed", "colleague.refused")],
        }

    def broken(self, subject: str, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = [each.what for each in told if each.yes]
        if yes != [found["state"]] or found["log"] not in ([], [f"colleague.{found['state']}"]):
            yield f"not one of the two: yes to {yes}, {found}"


class StoppedOnce(Rule):
    name = "a pool stopped once"
    says = "A pool that several stop at once is stopped once in its book."
    about = ("risk_compensation.live.stopping", "backend.loans.fund_acts", "pool_moves")
    only = {"pause": {200, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[str]:
        return [lending.a_pool(stand, WAN) for _ in range(many)]

    def calls(self, stand: Stand, subject: str, chance: Random) -> list[list[Call]]:
        body = {"paused": True, "words": "暂停新增入库"}
        people = [stand.town[f"{FUND}/{who}"] for who in ("checker", "second", "checker", "second")]
        return [[Call("pause", "POST", f"/api/fund/pools/{subject}/pause", body, who=who)] for who in people]

    def found(self, stand: Stand, subject: str) -> Any:
        moves = stand.read("SELECT state FROM pool_moves WHERE pool = :p ORDER BY id", p=subject)
        return {"state": stand.one("SELECT state FROM pools WHERE code = :p", p=subject), "moves": [row[0] for row in moves]}

    def broken(self, subject: str, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found["state"] != "paused" or found["moves"].count("paused") != 1:
            yield f"not once: {found}"
        if not any(each.yes for each in told):
            yield "nobody was told yes: and it is stopped"


class NumberOnce(Rule):
    name = "a claim's number names one claim"
    says = "The same number for claims on two loans in two pools, at once: one claim, the other is refused."
    about = ("risk_compensation", "pool_claims", "backend.loans.claiming")
    heavy = 2
    only = {"claim": {201, 403, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[tuple[Lent, Lent]]:
        loans = []
        for _ in range(2 * many):
            # A loan goes into the pool with most room: the newest is always larger than all before it.
            lending.a_pool(stand, (2_000 + stand.town.number()) * WAN)
            loans.append(lending.drawn(stand))
        late(stand)
        paid = [paid_by_guarantor(stand, each) for each in loans]
        return list(zip(paid[::2], paid[1::2], strict=True))

    def calls(self, stand: Stand, subject: tuple[Lent, Lent], chance: Random) -> list[list[Call]]:
        number = f"CN-{subject[0].number}"
        body = {"claim_no": number, "judgment_no": "（2025）浙0203民初1号", "judged_on": DAY.isoformat(), "documents": PAPERS}
        return [
            [
                Call("claim", "POST", f"/api/guarantor/cases/{lent.guarantee}/claim", body, who=stand.town[f"{GUARANTOR}/{who}"],
                     about=lent.facility)
            ]
            for lent in subject
            for who in ("officer", "second")
        ]  # fmt: skip

    def found(self, stand: Stand, subject: tuple[Lent, Lent]) -> Any:
        return [row[0] for row in stand.read("SELECT loan FROM pool_claims WHERE claim_no = :n", n=f"CN-{subject[0].number}")]

    def broken(self, subject: Any, told: Sequence[Told], found: Any) -> Iterator[str]:
        if len(found) != 1 or {each.about for each in told if each.yes} != set(found):
            yield f"not one claim: {found}, yes for {sorted({each.about for each in told if each.yes})}"


class ReviewedOnce(Rule):
    name = "evidence reviewed once"
    says = "A piece of evidence that two look at at once is decided once (the command's act, beside the doors)."
    about = ("backend.uplifts", "uplift_reviews")
    only = {"cleared": {200, 409}, "confirmed": {200, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[str]:
        found = []
        with stand.database.writing() as session:
            for _ in range(many):
                owner = stand.town.firm(session)
                row = UpliftReview(
                    id=new_id("review"), firm_id=owner.firm, evidence_id=f"piece-{owner.login}", programme="data_asset",
                    reasons=[], opened_on=DAY - timedelta(days=3), state="open", decided_by=None, decided_on=None, words="",
                )  # fmt: skip
                session.add(row)
                session.flush()
                found.append(row.id)
        return found

    def calls(self, stand: Stand, subject: str, chance: Random) -> list[list[Call]]:
        def decide(who: Login, counts: bool) -> None:
            actor = Actor(who.user, "whitelist_issuer", who.party)
            with stand.database.writing() as session:
                at = clock.business_now(session)
                evaluation.decide_review(session, actor, review_id=subject, counts=counts, words="已经核实", at=at)

        one, two = stand.town[f"{ISSUER}/officer"], stand.town[f"{ISSUER}/second"]
        yes = Call("cleared", "-", "-", deed=lambda: decide(one, True))
        no = Call("confirmed", "-", "-", deed=lambda: decide(two, False))
        return [[yes], [no], [yes], [no]]

    def found(self, stand: Stand, subject: str) -> Any:
        lines = stand.one("SELECT count(*) FROM audit_lines WHERE object_id = :r AND action = 'uplift.reviewed'", r=subject)
        return {"state": stand.one("SELECT state FROM uplift_reviews WHERE id = :r", r=subject), "log": lines}

    def broken(self, subject: str, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = [each.what for each in told if each.yes]
        if yes != [found["state"]] or found["log"] != 1:
            yield f"not once: yes to {yes}, {found}"


class CoefficientDecidedOnce(Rule):
    name = "a coefficient decided once"
    says = "A coefficient that one second person approves while another rejects it is one of the two (the act, beside the doors)."
    about = ("backend.uplifts.decisions", "uplift_decisions")
    only = {"approved": {200, 409}, "rejected": {200, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[str]:
        first, found = stand.town["city_finance/officer"], []
        with stand.database.writing() as session:
            for _ in range(many):
                made = decisions.propose(
                    session, Actor(first.user, "regulator", first.party), programme="data_asset_booked", indicator="booked",
                    coefficient_bp=6_000, valid_from=DAY + timedelta(days=60), words="依据年度评估",
                    at=clock.business_now(session),
                )  # fmt: skip
                found.append(made.id)
        return found

    def calls(self, stand: Stand, subject: str, chance: Random) -> list[list[Call]]:
        def decide(who: Login, approved: bool) -> None:
            actor = Actor(who.user, "whitelist_issuer", who.party)
            with stand.database.writing() as session:
                decisions.decide(session, actor, decision_id=subject, approved=approved, at=clock.business_now(session))

        one, two = stand.town[f"{ISSUER}/officer"], stand.town[f"{ISSUER}/second"]
        yes = Call("approved", "-", "-", deed=lambda: decide(one, True))
        no = Call("rejected", "-", "-", deed=lambda: decide(two, False))
        return [[yes], [no], [yes], [no]]

    def found(self, stand: Stand, subject: str) -> Any:
        lines = stand.one("SELECT count(*) FROM audit_lines WHERE object_id = :d AND action = 'uplift.decided'", d=subject)
        return {"state": stand.one("SELECT state FROM uplift_decisions WHERE id = :d", d=subject), "log": lines}

    def broken(self, subject: str, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = [each.what for each in told if each.yes]
        if yes != [found["state"]] or found["log"] != 1:
            yield f"not once: yes to {yes}, {found}"


RULES: tuple[Rule, ...] = (
    JoinsOnce(),
    ConfirmedOnce(),
    StoppedOnce(),
    NumberOnce(),
    ReviewedOnce(),
    CoefficientDecidedOnce(),
)
