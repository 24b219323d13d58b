"""What is checked of a claim, to the day and the fen, and in which words the fund sees it."""

from __future__ import annotations

from datetime import date

import pytest

from backend.kit.database import Database
from backend.kit.errors import Conflict, Refused
from risk_compensation import live as events
from risk_compensation.live import Move, State, statements
from risk_compensation.live.claims import after
from tests.risk_compensation.pools import PAPERS, WAN, a_default, a_loan, a_pool, file


def test_the_first_and_the_last_day_and_fen_that_are_allowed_are_allowed(database: Database) -> None:
    """Registered on the very day that was missed, judged on the day of the claim, filed on the last day, all of the cap lost."""
    missed, last_day = date(2025, 3, 20), date(2025, 12, 31)
    with database.writing() as session:
        a_pool(session)
        for name, amount in (("cap", 500 * WAN), ("fen", 1 * WAN)):
            a_loan(session, reference=name, firm=name, amount_fen=amount, on=missed)
            events.activate(session, reference=name, on=missed)
            events.overdue(session, reference=name, since=missed, on=date(2025, 3, 21))
        file(session, reference="cap", loss_fen=500 * WAN, judged_on=date(2025, 7, 1), on=last_day)
        same_day = {"judged_on": date(2025, 7, 10), "on": date(2025, 7, 10)}
        assert file(session, reference="fen", claim_no="C2", loss_fen=1, guarantor_paid_fen=1, **same_day).payout_fen == 0
        assert statements.faults(session) == []


def test_the_fund_sees_every_check_of_a_claim_with_its_sentence(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        assert [(each["code"], each["passed"], each["words"]["zh"], each["words"]["en"]) for each in file(session).checks] == [
            (
                "registered_before_default",
                True,
                "贷款须在逾期前已入库",
                "the loan must have been registered before it fell overdue",
            ),
            ("not_claimed_twice", True, "同一笔贷款不得重复申请代偿", "a loan is claimed only once"),
            (
                "within_caps",
                True,
                "未还本金须大于零、不超过入库本金，单笔不超过 500.00 万元",
                "unpaid principal is positive, within what is registered, at most 500.00 万元",
            ),
            (
                "judged_after_default",
                True,
                "须有逾期之后作出的生效判决",
                "a court must have judged, after the default and not in the future",
            ),
            (
                "guarantor_paid",
                True,
                "担保机构须先向银行代偿 80.00 万元（除银行自担部分外的全部）",
                "the guarantor must first have paid the bank 80.00 万元, all but the bank’s own part",
            ),
            (
                "in_time",
                True,
                "应在具备申请条件后 183 天内提出（2025-12-31 前）",
                "to be filed within 183 days of when it could be, by 2025-12-31",
            ),
            ("documents", True, "材料齐全", "documents complete"),
        ]


def test_each_missing_paper_is_named_and_a_claim_for_nothing_fails_by_that_alone(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        with pytest.raises(Refused) as caught:
            file(session, documents={k: v for k, v in PAPERS.items() if k not in ("judgment", "contract")})
        assert caught.value.words.zh == "材料缺少：借款合同、借据与放款凭证、生效判决书"
        assert caught.value.words.en == "documents missing: contract, IOU and disbursement proof, court judgment"
        with pytest.raises(Refused) as nothing:
            file(session, unpaid_principal_fen=0, guarantor_paid_fen=0)
        assert nothing.value.words.en.count(";") == 0


def test_a_move_that_the_table_does_not_have_says_where_the_claim_stands() -> None:
    with pytest.raises(Conflict) as caught:
        after(State.UNDER_REVIEW, Move.PAY)
    assert caught.value.code == "unlawful_move"
    assert caught.value.words.zh == "当前状态“under review”不能进行“pay”"
    assert caught.value.words.en == "“pay” is not possible while under review"
