"""Stop rules of the live book: a pool, a bank, a guarantor is warned, stopped, and taken again by two people's decision."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from backend.kit.database import Database
from backend.kit.errors import NotFound, Refused
from risk_compensation import ledger
from risk_compensation import live as events
from risk_compensation.live import State, breaker, statements, stopping
from tests.risk_compensation.pools import (
    BANK,
    DAY,
    GUARANTOR,
    POOL,
    WAN,
    a_default,
    a_loan,
    a_pool,
    checks,
    file,
    paid,
    said,
)

LATER, A_YEAR_ON = date(2025, 7, 30), date(2026, 7, 30)
OTHER_BANK, SECOND = "bell_tower_bank", "second"


def _losses(session: Session, paid_out: int, *, entered: int = 20, others: int = 0) -> None:
    """`entered` loans of 100 万 of one bank, of which `paid_out` cost the pool 40 万 each; `others` of another bank."""
    for number in range(entered):
        a_default(session, reference=f"loan_{number}", firm=f"firm_{number}")
    for number in range(others):
        a_loan(session, reference=f"good_{number}", firm=f"good_{number}", bank=OTHER_BANK)
    for number in range(paid_out):
        file(session, reference=f"loan_{number}", claim_no=f"C{number}")
        paid(session, f"C{number}")


def _refused(database: Database, code: str, **loan: object) -> Refused:
    """The loan is refused for that reason; what the rule found is kept although the loan was refused."""
    with pytest.raises(Refused) as caught, database.writing() as session:
        a_loan(session, reference="wanted", firm="wanted", on=LATER, **loan)  # type: ignore[arg-type]
    assert caught.value.code == code
    return caught.value


def _second_pool(session: Session, loans: int) -> None:
    a_pool(session, code=SECOND)
    for number in range(loans):
        events.register(session, SECOND, reference=f"s_{number}", amount_fen=100 * WAN, on=DAY, checks=checks(firm=f"s_{number}"))


def test_a_bank_is_warned_then_stopped_alone_and_its_old_claims_are_still_paid(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        _losses(session, 2, others=60)
        a_loan(session, reference="warned", firm="warned", on=LATER)
        assert stopping.stopped(session, POOL)[BANK].state == "warn", "80 of 2,000 is 4 %"
        file(session, reference="loan_2", claim_no="C2")
        paid(session, "C2")
        file(session, reference="loan_3", claim_no="C3")
    no = _refused(database, "bank_paused")
    assert "5.71" in no.words.zh, "120 of 2,100"
    with database.writing() as session:
        a_loan(session, reference="of another bank", firm="x", on=LATER, bank=OTHER_BANK)
        assert paid(session, "C3").state == State.PAID, "old claims are still paid"
        assert [each.state for each in statements.party_history(session, POOL, BANK)] == ["warn", "paused"]
        assert [each.state for each in statements.pool_history(session, POOL)] == ["open"], "the pool itself stays open"
        assert statements.faults(session) == []


def test_a_stopped_bank_may_not_reserve_either(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        _losses(session, 3, others=60)
    _refused(database, "bank_paused")
    common = {"guarantor": GUARANTOR, "firm": "f", "amount_fen": WAN, "expires_on": LATER, "on": LATER}
    with database.writing() as session:
        with pytest.raises(Refused) as caught:
            events.reserve(session, POOL, reference="app_1", bank=BANK, **common)  # type: ignore[arg-type]
        assert caught.value.code == "bank_paused"
        events.reserve(session, POOL, reference="app_2", bank=OTHER_BANK, **common)  # type: ignore[arg-type]


def test_a_guarantor_is_stopped_in_all_its_pools_when_its_losses_together_are_too_large(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        _second_pool(session, 20)
        _losses(session, 4)
        wanted = {"amount_fen": 100 * WAN, "on": LATER}
        events.register(session, SECOND, reference="warned", checks=checks(firm="w"), **wanted)  # type: ignore[arg-type]
        assert stopping.stopped(session, SECOND)[GUARANTOR].state == "warn", "160 of 4,000 is 4 %, and none of it in this pool"
        for number in (4, 5):
            file(session, reference=f"loan_{number}", claim_no=f"C{number}")
            paid(session, f"C{number}")
    with pytest.raises(Refused) as caught, database.writing() as session:
        events.register(session, SECOND, reference="x", checks=checks(firm="x"), **wanted)  # type: ignore[arg-type]
    assert caught.value.code == "guarantor_paused"
    with database.writing() as session:
        assert statements.headroom(session, SECOND, LATER).state == "open", "the pool itself has paid nothing"
        assert statements.breaker(session, SECOND, LATER, guarantor=GUARANTOR).part_fen == 240 * WAN
        a_pool(session, code="third", guarantor="another_guarantor")
        other = checks(firm="x", guarantor="another_guarantor")
        events.register(session, "third", reference="x", checks=other, **wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("whom", [None, BANK, GUARANTOR])
def test_what_a_rule_stopped_is_taken_again_by_a_makers_proposal_and_another_persons_decision(
    database: Database, whom: str | None
) -> None:
    pool = SECOND if whom == GUARANTOR else POOL
    with database.writing() as session:
        a_pool(session)
        _second_pool(session, 20 if whom == GUARANTOR else 0)
        _losses(session, {None: 3, BANK: 3, GUARANTOR: 6}[whom], others=60 if whom == BANK else 0)
    with pytest.raises(Refused), database.writing() as session:
        events.register(session, pool, reference="no", amount_fen=WAN, on=LATER, checks=checks(firm="no"))
    act = {"party": whom, "words": said("已补充资金")}

    def told(verb: str, by: str, on: date) -> str:
        with pytest.raises(Refused) as caught, database.writing() as session:
            getattr(events, verb)(session, pool, by=by, on=on, **act)
        return caught.value.code

    assert told("reopen", "checker", LATER) == "ratio_not_cured"
    assert told("reopen", "checker", A_YEAR_ON) == "reopening_not_proposed"
    with database.writing() as session:
        events.propose_reopening(session, pool, by="maker", on=A_YEAR_ON, **act)  # type: ignore[arg-type]
        events.propose_reopening(session, pool, by="somebody", on=A_YEAR_ON, **act)  # type: ignore[arg-type]
    with pytest.raises(Refused), database.writing() as session:
        events.register(session, pool, reference="no", amount_fen=WAN, on=A_YEAR_ON, checks=checks(firm="no"))
    assert told("reopen", "maker", A_YEAR_ON) == "maker_is_checker"
    with database.writing() as session:
        events.reopen(session, pool, by="checker", on=A_YEAR_ON, **act)  # type: ignore[arg-type]
        events.reopen(session, pool, by="checker", on=A_YEAR_ON, **act)  # type: ignore[arg-type]
        events.register(session, pool, reference="yes", amount_fen=WAN, on=A_YEAR_ON, checks=checks(firm="yes"))
        history = statements.party_history(session, pool, whom) if whom else statements.pool_history(session, pool)
        assert [(each.state, each.by) for each in history][-3:] == [
            ("paused", "breaker"),
            ("reopening", "maker"),
            ("open", "checker"),
        ]
        assert stopping.stopped(session, pool) == {}


def test_a_bank_stopped_by_one_person_is_taken_again_by_two(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        with pytest.raises(NotFound):
            events.pause(session, POOL, by="checker", words=said(), on=LATER, party="nobody")
        a_loan(session)
        events.propose_reopening(session, POOL, by="maker", words=said(), on=LATER, party=BANK)  # nothing is stopped yet
        for _ in range(2):
            events.pause(session, POOL, by="checker", words=said("贷后管理不到位"), on=LATER, party=BANK)
        assert statements.headroom(session, POOL, LATER).state == "open"
    assert "贷后管理不到位" in _refused(database, "bank_paused").words.zh
    with database.writing() as session:
        a_loan(session, reference="of another bank", firm="x", on=LATER, bank=OTHER_BANK)
        with pytest.raises(Refused) as alone:
            events.reopen(session, POOL, by="checker", words=said(), on=LATER, party=BANK)
        assert alone.value.code == "reopening_not_proposed"
        events.propose_reopening(session, POOL, by="maker", words=said(), on=LATER, party=BANK)
        with pytest.raises(Refused) as same:
            events.reopen(session, POOL, by="maker", words=said(), on=LATER, party=BANK)
        assert same.value.code == "maker_is_checker"
        events.reopen(session, POOL, by="checker", words=said(), on=LATER, party=BANK)
        assert a_loan(session, reference="wanted", firm="wanted", on=LATER).state == State.REGISTERED
        history = statements.party_history(session, POOL, BANK)
        assert [(each.state, each.by) for each in history] == [
            ("paused", "checker"),
            ("reopening", "maker"),
            ("open", "checker"),
        ]


@pytest.mark.parametrize("whom", [None, BANK, GUARANTOR])
def test_whoever_stopped_it_may_not_open_it_alone(database: Database, whom: str | None) -> None:
    """Neither the one who stopped it nor another: without a proposal nobody decides, and what is stopped stays stopped."""
    with database.writing() as session:
        a_pool(session)
        a_loan(session)
        events.pause(session, POOL, by="checker", words=said(), on=LATER, party=whom)
    for by in ("checker", "another_checker"):
        with pytest.raises(Refused) as caught, database.writing() as session:
            events.reopen(session, POOL, by=by, words=said(), on=LATER, party=whom)
        assert caught.value.code == "reopening_not_proposed"
    _refused(database, {None: "pool_paused", BANK: "bank_paused", GUARANTOR: "guarantor_paused"}[whom])
    with database.writing() as session:
        events.propose_reopening(session, POOL, by="maker", words=said(), on=LATER, party=whom)
        events.reopen(session, POOL, by="another_checker", words=said(), on=LATER, party=whom)
        a_loan(session, reference="wanted", firm="wanted", on=LATER)
        events.pause(session, POOL, by="checker", words=said(), on=LATER, party=whom)
        with pytest.raises(Refused) as again:
            events.reopen(session, POOL, by="checker", words=said(), on=LATER, party=whom)
        assert again.value.code == "reopening_not_proposed", "an old proposal opens no new stop"


@pytest.mark.parametrize(
    ("loss_fen", "paid_fen", "loans", "state"),
    [
        (60 * WAN - 3, 24 * WAN - 1, 20, "open"),
        (60 * WAN, 24 * WAN, 20, "warn"),
        (100 * WAN - 3, 40 * WAN - 1, 20, "warn"),
        (100 * WAN, 40 * WAN, 20, "paused"),
        (100 * WAN, 40 * WAN, 19, "open"),
    ],
)
def test_each_line_holds_to_the_fen_and_only_from_twenty_loans_on(
    database: Database, loss_fen: int, paid_fen: int, loans: int, state: str
) -> None:
    """800 万 entered: 3 % of it, the fund's part of a loss of 60 万, warns; 5 %, its part of 100 万, stops."""
    with database.writing() as session:
        a_pool(session)
        a_default(session, reference="loan_0", firm="firm_0")
        for number in range(1, loans - 1):
            a_loan(session, reference=f"loan_{number}", firm=f"firm_{number}", amount_fen=36 * WAN)
        rest = (700 - 36 * (loans - 2)) * WAN
        a_loan(session, reference="rest", firm="rest", amount_fen=rest)
        file(session, reference="loan_0", loss_fen=loss_fen)
        paid(session)
        found = statements.breaker(session, POOL, LATER)
        assert (found.whole_fen, found.loans, found.part_fen) == (800 * WAN, loans, paid_fen)
    if state == "paused":
        _refused(database, "pool_paused")
    with database.writing() as session:
        if state != "paused":
            a_loan(session, reference="wanted", firm="wanted", on=LATER)
        assert statements.headroom(session, POOL, LATER).state == state


def test_a_guarantors_stop_is_known_from_any_of_its_pools(database: Database) -> None:
    """Stopped through one pool, proposed at another: the rule's word stands behind the proposal, and the checker may decide."""
    with database.writing() as session:
        a_pool(session)
        _second_pool(session, 0)
        row = ledger.pool_of(session, POOL)
        breaker.hold_state(session, row, GUARANTOR)
        breaker.move_pool(session, row, "paused", on=DAY, by=breaker.RULE, words=said("净代偿率过高"), party=GUARANTOR)
        events.propose_reopening(session, SECOND, by="maker", words=said("已整改"), on=LATER, party=GUARANTOR)
    with database.reading() as session:
        for pool in (POOL, SECOND):
            last = stopping.standing(session, pool)[GUARANTOR]
            assert (last.state, last.by) == (breaker.REOPENING, "maker")
            cause = stopping.stopped_by(session, pool, GUARANTOR, last)
            assert (cause.state, cause.by) == ("paused", breaker.RULE)
    with database.writing() as session:
        events.reopen(session, POOL, by="checker", words=said("同意"), on=LATER, party=GUARANTOR)
        assert stopping.stopped(session, SECOND) == {}
