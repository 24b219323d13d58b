"""The figures of domain §9 over a book small enough to reckon by hand, on both makes of database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.consents.tables import ConsentItem, ConsentRecipient
from backend.kit.clock import SHANGHAI
from backend.kit.database import Database
from backend.parties import actions as parties
from backend.reporting.model import DEFINITIONS
from backend.reporting.snapshot import figures, reckoned
from risk_compensation import live as events
from risk_compensation.ledger import reverse
from risk_compensation.scheme.stops import RATIO_WORDS
from risk_compensation.tables import Entry
from tests.reporting.makers import (
    BELL,
    DAY,
    HARBOUR,
    a_consent,
    a_draw,
    a_firm,
    a_need,
    a_party,
    add,
    an_application,
    an_offer,
    the_book,
)
from tests.risk_compensation import pools as pool_makers

Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture
def tables(database: Database) -> Iterator[Tables]:
    with database.writing() as session:
        the_book(session)
    with database.reading() as session:
        yield reckoned(session, DAY)[0]


def kpi(tables: Tables, code: str) -> tuple[Any, int]:
    return next((each["value"], each["n"]) for each in tables["kpis"] if each["code"] == code)


def row(tables: Tables, table: str, **wanted: Any) -> dict[str, Any]:
    return next(each for each in tables[table] if all(each[key] == value for key, value in wanted.items()))


def test_a_need_is_met_by_one_approval_and_a_bank_is_asked_by_the_application(tables: Tables) -> None:
    assert kpi(tables, "need_approval_bp") == (4000, 5), "n1 and n4 of five"
    assert kpi(tables, "bank_approval_bp") == (7500, 4), "a1, a2, a5 yes; a3 no; the rest apart"


def test_an_approval_counts_whatever_became_of_it_and_the_outcomes_add_up(tables: Tables) -> None:
    names = ("approved", "declined", "withdrawn", "expired", "pending")
    for each in tables["applications_monthly"] + tables["banks"] + tables["needs_monthly"]:
        assert sum(each[name] for name in names) == each["submitted"]
    bell = row(tables, "banks", bank=BELL)
    assert (bell["approved"], bell["withdrawn"], bell["expired"], bell["pending"]) == (2, 0, 0, 1)
    february = row(tables, "needs_monthly", month="2025-02")
    assert (february["approved"], february["withdrawn"], february["pending"]) == (1, 1, 1)


def test_decision_times_are_days_that_really_occurred(tables: Tables) -> None:
    assert kpi(tables, "decision_p50_days") == (4, 4)
    assert kpi(tables, "decision_p90_days") == (8, 4)


def test_rates_are_weighted_by_what_was_drawn_and_limits_are_not_looked_at(tables: Tables) -> None:
    assert kpi(tables, "drawn_fen") == (10_000_000, 3)
    assert kpi(tables, "outstanding_fen") == (7_000_000, 2)
    assert kpi(tables, "weighted_rate_bp") == (370.0, 3), "(400×1 + 500×3 + 300×6) / 10"
    assert kpi(tables, "weighted_all_in_bp") == (450.0, 1), "only d1's offer is known"
    assert [(each["from_bp"], each["draws"]) for each in tables["rate_bands"]] == [
        (300, 1),
        (350, 0),
        (400, 1),
        (450, 0),
        (500, 1),
    ]


def test_a_first_loan_that_nobody_told_of_stays_unknown(tables: Tables) -> None:
    assert kpi(tables, "first_loan_bp") == (5000, 2)


def test_overdue_is_counted_from_the_first_unpaid_due_day_over_what_is_owed(tables: Tables) -> None:
    assert kpi(tables, "overdue30_bp") == (4286, 2), "3 of 7 million"
    assert kpi(tables, "overdue90_bp") == (0, 2)
    assert kpi(tables, "credit_loan_bp") == (5714, 2), "4 of 7 million carry no guarantee"
    assert row(tables, "dpd_buckets", bucket="31-60") == {"bucket": "31-60", "draws": 1, "outstanding_fen": 3_000_000}
    assert row(tables, "classes", cls="watch")["outstanding_fen"] == 3_000_000


def test_default_is_ever_ninety_days_within_a_year_of_draws_a_year_old(tables: Tables) -> None:
    assert kpi(tables, "default12_bp") == (2500, 2), "d1 of d1 and d2, by original principal, though it was paid since"


def test_a_vintage_is_over_original_principal_and_shows_only_ages_that_all_have_reached(database: Database) -> None:
    with database.writing() as session:
        the_book(session)
        for number in range(1, 6):
            a_firm(session, f"g{number}")
            a_draw(session, f"j{number}", f"g{number}", BELL, 1_000_000, date(2025, 1, 5), date(2026, 9, 1), 400)
            a_draw(session, f"k{number}", f"g{number}", BELL, 1_000_000, date(2025, 3, 5), date(2026, 9, 1), 400)
    with database.reading() as session:
        tables, _ = reckoned(session, DAY)
    january = [each for each in tables["vintages"] if each["cohort"] == "2025-01"]
    assert [each["mob"] for each in january] == list(range(15)), "the end of January is fourteen months past"
    assert next(each["mob"] for each in january if each["ever30_fen"]) == 7, "31 days late on 10 August"
    assert next(each["mob"] for each in january if each["ever90_fen"]) == 9, "91 days late on 9 October"
    assert {each["drawn_fen"] for each in january} == {6_000_000}
    assert {each["mature"] for each in january} == {1}
    assert {each["mature"] for each in tables["vintages"] if each["cohort"] == "2025-09"} == {0}
    others = {(each["cohort"], each["draws"], each["drawn_fen"], each["ever90_fen"]) for each in tables["vintages"]}
    assert others >= {("2025-02", 1, None, None), ("2025-09", 1, None, None)}, "one firm each: counted, no amounts"
    assert ("2025-03", 5, None, None) in others, "five firms, but the total would betray the two cohorts of one firm"


def test_what_few_firms_stand_behind_has_a_count_and_no_amount_rate_or_time(database: Database) -> None:
    with database.writing() as session:
        the_book(session)
    with database.reading() as session:
        tables = figures(session, DAY)
    assert [each["n"] for each in tables["rates"]] == [1, 1, 1]
    names = ("amount_fen", "weighted_rate_bp", "weighted_all_in_bp", "all_in_fen", "lpr_bp")
    assert {each[name] for each in tables["rates"] for name in names} == {None}
    assert {each["amount_fen"] for each in tables["rate_bands"] if each["draws"]} == {None}
    for each in tables["applications_monthly"] + tables["banks"]:
        assert each["submitted"]
        assert (each["p50_days"], each["p90_days"]) == (None, None)


def test_a_banks_month_of_five_firms_is_priced_and_the_offers_that_are_known_are_weighed_by_themselves(
    database: Database,
) -> None:
    with database.writing() as session:
        a_party(session, HARBOUR)
        for number in range(1, 12):
            a_firm(session, f"g{number}")
            a_need(session, f"m{number}", f"g{number}", date(2025, 5, 5))
            an_application(session, f"b{number}", f"m{number}", HARBOUR, "drawn", days=number)
            if number > 5:
                an_offer(session, f"b{number}")
            name, amount = f"e{number}", number * 1_000_000
            a_draw(
                session, name, f"g{number}", HARBOUR, amount, date(2025, 6, 1), date(2026, 6, 1), 400, application=f"b{number}"
            )
    with database.reading() as session:
        found = figures(session, DAY)
    assert [(each["n"], each["amount_fen"], each["all_in_fen"]) for each in found["rates"]] == [(11, 66_000_000, 51_000_000)]
    assert (found["rates"][0]["weighted_rate_bp"], found["rates"][0]["weighted_all_in_bp"]) == (400.0, 450.0)
    assert [(each["p50_days"], each["p90_days"]) for each in found["applications_monthly"]] == [(6, 10)]


def test_the_book_by_month_adds_up_and_knows_who_was_late_then(tables: Tables) -> None:
    before = 0
    for each in tables["book_monthly"]:
        assert each["outstanding_fen"] == before + each["drawn_fen"] - each["repaid_fen"]
        before = each["outstanding_fen"]
    assert before == 7_000_000
    overdue = {each["month"]: each["overdue_fen"] for each in tables["book_monthly"]}
    assert (overdue["2025-06"], overdue["2025-07"], overdue["2025-09"], overdue["2025-10"]) == (0, 1_000_000, 1_000_000, 0)
    assert (overdue["2026-01"], overdue["2026-02"], overdue["2026-03"]) == (0, 3_000_000, 3_000_000)


def test_a_share_of_nothing_is_no_number(database: Database) -> None:
    with database.reading() as session:
        empty = figures(session, DAY)
    assert kpi(empty, "need_approval_bp") == (None, 0)
    assert kpi(empty, "weighted_rate_bp") == (None, 0)
    assert empty["book_monthly"] == empty["vintages"] == empty["cells"] == []


def test_what_lies_after_the_day_is_not_looked_at(database: Database) -> None:
    with database.writing() as session:
        the_book(session)
        a_need(session, "n9", "f6", DAY + timedelta(days=1))
        an_application(session, "a9", "n9", HARBOUR, "submitted")
        a_draw(session, "d9", "f6", HARBOUR, 1_000_000, DAY + timedelta(days=1), DAY + timedelta(days=90), 400)
    with database.reading() as session:
        found, _ = reckoned(session, DAY)
    assert kpi(found, "needs") == (5, 5)
    assert kpi(found, "draws") == (3, 3)


def test_a_banks_reason_is_shown_once_five_firms_heard_it(database: Database) -> None:
    with database.writing() as session:
        for number in range(1, 7):
            a_firm(session, f"g{number}")
            a_need(session, f"m{number}", f"g{number}", date(2025, 5, 5))
            reasons = ["收入证明不足"] if number < 6 else ["只有一家"]
            an_application(session, f"b{number}", f"m{number}", HARBOUR, "declined", days=1, decision_reasons=reasons)
    with database.reading() as session:
        found = figures(session, DAY)["declines"]
    assert found == [{"reason": "收入证明不足", "n": 5}, {"reason": "other", "n": 1}]


def test_cells_of_fewer_than_five_firms_are_held_back(tables: Tables) -> None:
    trade = row(tables, "cells", dimension="industry", cell="F")
    assert trade["hidden"] == 1
    assert {trade[name] for name in ("firms", "needs", "draws", "drawn_fen", "outstanding_fen", "weighted_rate_bp")} == {None}
    region = row(tables, "cells", dimension="region", cell="330299")
    assert (region["firms"], region["needs"], region["need_approval_bp"]) == (8, 5, 4000)
    assert region["drawn_fen"] is None, "three firms drew: too few"


def test_a_single_cell_held_back_takes_the_next_smallest_with_it(database: Database) -> None:
    with database.writing() as session:
        for number in range(1, 15):
            industry = "C34" if number < 6 else "F51" if number < 12 else "E47"
            a_firm(session, f"g{number}", industry=industry)
    with database.reading() as session:
        found = {each["cell"]: each["firms"] for each in figures(session, DAY)["cells"] if each["dimension"] == "industry"}
    assert found == {"C": None, "E": None, "F": 6}


def test_the_pools_months_and_ratios_follow_from_its_own_entries(database: Database) -> None:
    wan = pool_makers.WAN
    with database.writing() as session:
        pool_makers.a_pool(session)
        pool_makers.a_default(session)
        pool_makers.file(session)
        pool_makers.paid(session)
        events.recover(session, reference="loan_1", gross_fen=30 * wan, costs_fen=2 * wan, receipt_no="Z1", on=date(2025, 9, 1))
        events.contribute(session, pool_makers.POOL, pool_makers.FUND, 5 * wan, "wrong", date(2025, 9, 2))
        reverse_last_contribution(session, date(2025, 10, 9))
    with database.reading() as session:
        found, _ = reckoned(session, DAY)
    months = {each["month"]: each for each in found["pool_monthly"]}
    assert months["2025-01"]["registered_fen"] > 0
    assert (months["2025-07"]["paid_fen"], months["2025-09"]["recovered_fen"]) == (40 * wan, 11 * wan + wan // 5)
    assert (months["2025-09"]["paid_in_fen"], months["2025-10"]["paid_in_fen"]) == (5 * wan, -5 * wan), "a reversal counts back"
    assert found["pool_monthly"][-1]["cash_end_fen"] == found["pools"][0]["cash_fen"]
    ratios = {each["code"]: each["value_bp"] for each in found["pool_ratios"]}
    assert ratios["recovered_over_paid"] == 2800
    assert ratios["paid_over_released"] == 10_000
    pool = found["pools"][0]
    assert (pool["loans"], pool["commitments_fen"]) == (0, 0), "the claim was paid: no commitment stands any more"
    claim = found["claims"][0]
    assert (claim["month"], claim["filed"], claim["approved"], claim["paid"], claim["payout_fen"], claim["p50_days"]) == (
        ("2025-07", 1, 1, 1, 40 * wan, 12)
    )


def test_a_pool_shows_the_ratio_that_its_own_scheme_looks_at_and_who_bears_what(database: Database) -> None:
    with database.writing() as session:
        parties.add_party(session, kind="fund", code="city_fund", name="市级基金", name_en="City Fund")
        for scheme, guarantor in (("shenzhen_pool", ""), ("anhui_4321", pool_makers.GUARANTOR)):
            others = {"parties": {"re_guarantor": "province"}} if guarantor else {}
            events.open_pool(
                session,
                code=f"of_{scheme}",
                scheme=scheme,
                guarantor=guarantor,
                fund="city_fund",
                custodian=pool_makers.CUSTODIAN,
                on=date(2025, 1, 6),
                **others,
            )
    with database.reading() as session:
        found, _ = reckoned(session, DAY)
    pools = {each["scheme"]: each for each in found["pools"]}
    assert pools["shenzhen_pool"]["parties_zh"] == "补偿基金（市级基金）30 %、银行 70 %；由银行申请代偿"
    assert pools["shenzhen_pool"]["parties_en"] == "compensation fund (City Fund) 30 %, bank 70 %; the bank claims"
    assert pools["anhui_4321"]["parties_en"].endswith("the guarantor claims")
    assert pools["anhui_4321"]["ratio"] == "compensated_over_entered"
    codes = {each["code"] for each in found["pool_ratios"] if each["pool"] == "of_anhui_4321"}
    assert codes == {"compensated_over_entered", "paid_over_released", "recovered_over_paid"}
    assert set(RATIO_WORDS) <= {each.code for each in DEFINITIONS}


def reverse_last_contribution(session: Session, on: date) -> None:
    reference = session.scalars(select(Entry.reference).where(Entry.reason == "contribution").order_by(Entry.id.desc())).first()
    assert reference is not None
    assert reverse(session, reference=reference, on=on, words=pool_makers.said())


def test_a_reading_that_no_cited_consent_covered_is_counted(database: Database) -> None:
    signed, over = datetime(2025, 3, 1, 9, tzinfo=SHANGHAI), datetime(2025, 4, 1, 9, tzinfo=SHANGHAI)
    with database.writing() as session:
        a_firm(session, "g1")
        paper = a_consent("g1", signed, id="c1", state="revoked", revoked_at=over)
        add(session, paper, ConsentItem(consent_id="c1", item="TAX04"), ConsentRecipient(consent_id="c1", recipient="platform"))
        for at, items in ((over - timedelta(1), ["TAX04"]), (over + timedelta(1), ["TAX04"]), (over + timedelta(1), ["REG01"])):
            details = {"purpose": "pre_loan", "recipient": "platform", "items": items, "consents": ["c1"]}
            who = {"actor": Actor("u", "firm_owner"), "action": "facts.read", "object_kind": "firm", "object_id": "g1"}
            audit.record(session, at=at, firm_id="g1", details=details, **who)
    with database.reading() as session:
        found = figures(session, DAY)
    assert kpi(found, "unauthorised_reads") == (1, 3), "after the revocation; a public item needs none"
    march, april = (row(found, "consents_monthly", month=month) for month in ("2025-03", "2025-04"))
    assert (march["signed"], march["readings"], april["revoked"], april["readings"]) == (1, 1, 1, 2)
    assert kpi(found, "consents_live") == (0, 0)
