"""What moves a pool's money is said by one person and booked on another's word; no day ahead, no size that nobody means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.kit.database import Database
from backend.kit.errors import Answer, Conflict, Invalid, NotFound, Refused
from backend.kit.plausible import MOST_FEN
from backend.kit.words import Words
from backend.loans import compensation, fund_acts, pool_money
from backend.loans.tables import Guarantee
from risk_compensation import ledger
from risk_compensation.live import statements
from risk_compensation.tables import Claim, Proposal
from tests.at_once import at_once
from tests.loans.makers import POOL, SAID, WAN, a_claim, a_paid_claim, a_paid_guarantee, at, people, the_guarantee

TODAY = date(2025, 9, 20)
Act = Callable[[Session, int, date], object]


def ready(database: Database, *, paid: bool) -> None:
    """A claim that is instructed, or paid."""
    with database.writing() as session:
        a_paid_guarantee(session)
    with database.writing() as session:
        if paid:
            a_paid_claim(session)
            return
        a_claim(session)
        who = people(session)
        fund_acts.review_claim(session, who["maker"], claim_no="C-1", opinion="approve", words=SAID, at=at(TODAY))
        fund_acts.approve_claim(session, who["checker"], claim_no="C-1", words=SAID, at=at(TODAY))
        fund_acts.instruct_payment(session, who["checker"], claim_no="C-1", at=at(TODAY))


def contribution(session: Session, amount_fen: int, on: date, receipt_no: str = "N-1") -> Proposal:
    who = people(session)["maker"]
    return pool_money.propose_contribution(
        session, who, pool=POOL, amount_fen=amount_fen, receipt_no=receipt_no, on=on, at=at(TODAY)
    )


def interest(session: Session, amount_fen: int, on: date) -> Proposal:
    who = people(session)["maker"]
    return pool_money.propose_interest(session, who, pool=POOL, amount_fen=amount_fen, receipt_no="N-2", on=on, at=at(TODAY))


def payment(session: Session, amount_fen: int, on: date) -> Proposal:
    who = people(session)["maker"]
    return pool_money.propose_payment(session, who, claim_no="C-1", amount_fen=amount_fen, receipt_no="N-3", on=on, at=at(TODAY))


def recovery(session: Session, amount_fen: int, on: date) -> Proposal:
    return compensation.propose_recovery(
        session,
        people(session)["guarantor"],
        guarantee_id=the_guarantee(session).id,
        gross_fen=amount_fen,
        costs_fen=0,
        receipt_no="N-4",
        on=on,
        at=at(TODAY),
    )


def excess(session: Session, amount_fen: int, on: date) -> Proposal:
    who = people(session)["maker"]
    return pool_money.propose_excess(
        session, who, pool=POOL, year=2025, amount_fen=amount_fen, receipt_no="N-5", on=on, at=at(TODAY)
    )


def payout(session: Session, amount_fen: int, on: date) -> Guarantee:
    return compensation.guarantor_paid(
        session,
        people(session)["guarantor"],
        guarantee_id=the_guarantee(session).id,
        amount_fen=amount_fen,
        receipt_no="N-6",
        paid_on=on,
        at=at(TODAY),
    )


# Each act that takes a day and an amount: what it is called where it is refused, and whether 0 may be meant.
ACTS: dict[str, tuple[Act, str, bool]] = {
    "contribution": (contribution, "amount_fen", False),
    "interest": (interest, "amount_fen", False),
    "payment": (payment, "amount_fen", True),
    "recovery": (recovery, "gross_fen", False),
    "excess": (excess, "amount_fen", True),
    "payout": (payout, "amount_fen", False),
}
TIMES = {
    "tomorrow": (TODAY + timedelta(days=1), "future_day"),
    "2030": (date(2030, 1, 1), "future_day"),
    "the end of time": (date.max, "future_day"),
    "before the pool": (date(2000, 1, 1), "too_early"),
    "the beginning of time": (date.min, "too_early"),
}
SIZES = {
    "too large": (MOST_FEN + 1, "amount"),
    "beyond 64 bits": (10**30, "amount"),
    "negative": (-1, "amount"),
    "nothing": (0, "amount"),
}


def books(session: Session) -> tuple[Any, ...]:
    return ledger.balances(session, POOL), len(statements.journal(session, POOL)), session.query(Proposal).count()


def test_no_act_takes_a_day_ahead_or_before_its_time_or_a_size_that_nobody_means(database: Database) -> None:
    ready(database, paid=False)
    tried = 0
    for name, (act, place, may_be_nothing) in ACTS.items():
        cases = [(f"{name} {when}", 40 * WAN, day, "on", code) for when, (day, code) in TIMES.items()]
        cases += [
            (f"{name} {size}", fen, TODAY, place, code)
            for size, (fen, code) in SIZES.items()
            if not (may_be_nothing and fen == 0)
        ]
        for said, fen, day, where, code in cases:
            with database.reading() as session:
                before = books(session)
            with pytest.raises(Invalid) as caught, database.writing() as session:
                act(session, fen, day)
            assert (caught.value.place, caught.value.code) == (where, code), said
            with database.reading() as session:
                assert books(session) == before, said
            tried += 1
    assert tried == 6 * 9 - 2


def test_a_year_that_is_none_of_the_pools_is_refused_and_a_receipt_has_a_number(database: Database) -> None:
    ready(database, paid=False)
    with database.reading() as session:
        maker = people(session)["maker"]
    for year in (0, -1, 1999, 2026, 99_999):
        with pytest.raises(Invalid) as caught, database.writing() as session:
            pool_money.propose_year(session, maker, pool=POOL, year=year, at=at(TODAY))
        assert (caught.value.place, caught.value.code) == ("year", "year"), year
    for receipt, code in (("", "missing"), ("  ", "missing"), ("a\x00b", "unprintable"), ("x" * 81, "too_long")):
        with pytest.raises(Invalid) as caught, database.writing() as session:
            contribution(session, WAN, TODAY, receipt)
        assert (caught.value.place, caught.value.code) == ("receipt_no", code), receipt


def test_nothing_is_booked_on_one_persons_word_and_no_headroom_opens(database: Database) -> None:
    ready(database, paid=True)
    with database.writing() as session:
        who, before = people(session), statements.headroom(session, POOL, TODAY)
        said = contribution(session, 5 * WAN, TODAY)
        assert statements.headroom(session, POOL, TODAY) == before
        assert contribution(session, 5 * WAN, TODAY) == said, "told again it is the same"
        name = said.id
    for role, code in (("maker", "not_found"), ("guarantor", "not_found"), ("other_maker", "not_found")):
        with pytest.raises(NotFound) as caught, database.writing() as session:
            pool_money.confirm(session, who[role], proposal=name, words=SAID, at=at(TODAY))
        assert caught.value.code == code
    with pytest.raises(Conflict) as other, database.writing() as session:
        contribution(session, 6 * WAN, TODAY)
    assert other.value.code == "reference_reused", "one receipt, one movement"
    for _ in range(2):
        with database.writing() as session:
            done = pool_money.confirm(session, who["checker"], proposal=name, words=SAID, at=at(TODAY))
            assert (done.state, done.decided_by) == ("confirmed", who["checker"].id)
            assert ledger.balances(session, POOL)["cash_fen"] == before.cash_fen + 5 * WAN
    with database.reading() as session:
        log = [line.action for line in audit.trail(session, object_id=POOL)]
        assert (log.count("pool.contribution_proposed"), log.count("pool.paid_in")) == (1, 1)
    for act in (pool_money.decline, pool_money.withdraw):
        with pytest.raises(Conflict) as over, database.writing() as session:
            act(session, who["checker" if act is pool_money.decline else "maker"], proposal=name, words=SAID, at=at(TODAY))
        assert over.value.code == "proposal_over"


def test_the_same_person_in_both_offices_decides_nothing(database: Database) -> None:
    ready(database, paid=True)
    with database.writing() as session:
        who = people(session)
        said = contribution(session, WAN, TODAY)
        name = said.id
        session.get_one(Proposal, name).proposed_by = who["checker"].id
    for act in (pool_money.confirm, pool_money.decline):
        with pytest.raises(Refused) as caught, database.writing() as session:
            act(session, who["checker"], proposal=name, words=SAID, at=at(TODAY))
        assert caught.value.code == "maker_is_checker"


def test_what_is_declined_or_taken_back_books_nothing_and_its_receipt_is_free_again(database: Database) -> None:
    ready(database, paid=True)
    with database.reading() as session:
        who, before = people(session), books(session)[:2]
    for act, role, state in ((pool_money.decline, "checker", "declined"), (pool_money.withdraw, "maker", "withdrawn")):
        with database.writing() as session:
            name = contribution(session, WAN, TODAY).id
        if state == "declined":
            with pytest.raises(Invalid) as caught, database.writing() as session:
                act(session, who[role], proposal=name, words=Words(" ", " "), at=at(TODAY))
            assert caught.value.place == "words"
        for _ in range(2):
            with database.writing() as session:
                assert act(session, who[role], proposal=name, words=SAID, at=at(TODAY)).state == state
        with pytest.raises(Conflict) as over, database.writing() as session:
            pool_money.confirm(session, who["checker"], proposal=name, words=SAID, at=at(TODAY))
        assert over.value.code == "proposal_over"
        with database.reading() as session:
            assert books(session)[:2] == before


def test_a_book_that_changed_meanwhile_refuses_the_confirmation_with_its_reason(database: Database) -> None:
    ready(database, paid=True)
    with database.writing() as session:
        who = people(session)
        asked = {"claim_no": "C-1", "receipt_no": "ZH-1", "words": SAID, "at": at(TODAY)}
        fraud = pool_money.propose_claw_back(session, who["maker"], **asked).id
        back = recovery(session, 10 * WAN, TODAY).id
    with database.writing() as session:
        pool_money.confirm(session, who["checker"], proposal=back, words=SAID, at=at(TODAY))
    with database.reading() as session:
        before = books(session)
    with pytest.raises(Conflict) as caught, database.writing() as session:
        pool_money.confirm(session, who["checker"], proposal=fraud, words=SAID, at=at(TODAY))
    assert caught.value.code == "book_changed", "less is left to claw back than was said"
    with database.writing() as session:
        assert books(session) == before
        pool_money.withdraw(session, who["maker"], proposal=fraud, words=SAID, at=at(TODAY))
    with database.writing() as session:
        again = pool_money.propose_claw_back(session, who["maker"], **asked)
        assert again.result == {"fen": {"returned": 36 * WAN}}
        pool_money.confirm(session, who["checker"], proposal=again.id, words=SAID, at=at(TODAY))
        assert statements.faults(session) == []


def test_whoever_reviewed_a_claim_does_not_confirm_that_it_was_fraud(database: Database) -> None:
    ready(database, paid=True)
    with database.writing() as session:
        who = people(session)
        said = pool_money.propose_claw_back(session, who["maker"], claim_no="C-1", receipt_no="Z", words=SAID, at=at(TODAY))
        name = said.id
        session.get_one(Proposal, name).proposed_by = "another_maker"
        session.get_one(Claim, "C-1").maker = who["checker"].id
    with pytest.raises(Answer) as caught, database.writing() as session:
        pool_money.confirm(session, who["checker"], proposal=name, words=SAID, at=at(TODAY))
    assert caught.value.code == "maker_is_checker"


def test_a_word_said_by_several_taps_at_once_is_one_line_in_the_log(database: Database) -> None:
    ready(database, paid=False)
    with database.writing() as session:
        made, checker = contribution(session, 10 * WAN, TODAY), people(session)["checker"]

    def confirm(session: Session) -> object:
        return pool_money.confirm(session, checker, proposal=made.id, words=SAID, at=at(TODAY))

    found = at_once(database, *[confirm] * 5)
    assert not [each for each in found if isinstance(each, Answer)], "the same word again is no fault"
    with database.reading() as session:
        assert [each.action for each in audit.trail(session, actions=["pool.paid_in"])].count("pool.paid_in") == 1
