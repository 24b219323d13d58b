"""The live book that a pool's stress looks at: what is over for the pool is not in it, and what has failed has failed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.kit.clock import start_of
from backend.kit.database import Database
from backend.kit.errors import NotFound
from backend.reporting import strength
from backend.reporting.snapshot import figures
from backend.scoring.tables import Assessment
from risk_compensation import live as events
from risk_compensation.play import stress_terms
from risk_compensation.tables import Registration
from tests.reporting.makers import a_firm, add
from tests.risk_compensation.pools import DAY, POOL, WAN, a_default, a_loan, a_pool, file, paid

LATER = date(2025, 7, 31)


def an_assessment(session: Session, firm: str, pd: str | None, on: date) -> None:
    said = {"card": "general", "policy_digest": "", "facts_digest": "", "result_digest": "", "reasons": [], "capacity_words": {}}
    add(
        session,
        Assessment(
            id=f"as_{firm}_{on}", firm_id=firm, at=start_of(on), facts_on=on, pd=None if pd is None else Decimal(pd), **said
        ),
    )


def of(session: Session, day: date = LATER) -> strength.Asked:
    found = strength.live(session, POOL, day)
    assert found is not None
    return found


def test_a_firms_chance_is_that_of_its_newest_assessment_by_that_day_or_the_assumed_one(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        for firm in ("f1", "f2", "f3"):
            a_firm(session, firm)
            a_loan(session, reference=f"loan_{firm}", firm=firm, guarantee_no=f"G-{firm}")
        an_assessment(session, "f1", "0.200000", date(2025, 2, 1))
        an_assessment(session, "f1", "0.080000", date(2025, 5, 1))
        an_assessment(session, "f1", "0.900000", LATER + timedelta(days=1))
        an_assessment(session, "f2", "0.050000", date(2025, 2, 1))
        an_assessment(session, "f2", None, date(2025, 5, 1))
        found = of(session)
    assumed = float(stress_terms.on(LATER).pd)
    assert list(found.book.pd) == [0.08, assumed, assumed]
    assert (found.assessed, found.failed) == (1, 0)
    assert set(found.book.share_bp) == {4000}, "4 : 4 : 2"
    assert (found.cash_fen, found.entered_fen) == (7_000 * WAN, 300 * WAN)


def test_a_loan_under_claim_has_failed_one_overdue_is_doubtful_and_one_paid_is_over(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        for name in ("late", "claimed", "over"):
            a_default(session, reference=name, firm=name, guarantee_no=f"G-{name}")
        a_loan(session, reference="sound", firm="sound", guarantee_no="G-sound")
        a_loan(session, reference="repaid", firm="sound", guarantee_no="G-repaid")
        events.release(session, reference="repaid", on=date(2025, 2, 3))
        file(session, reference="claimed", claim_no="C1")
        file(session, reference="over", claim_no="C2")
        paid(session, "C2")
        found = of(session)
    terms = stress_terms.on(LATER)
    chances = dict(zip(("claimed", "late", "sound"), found.book.pd, strict=True))
    assert chances == {"claimed": 1.0, "late": float(terms.pd_overdue), "sound": float(terms.pd)}
    assert found.failed == 1


def test_a_pool_without_a_live_loan_has_no_strength_to_ask_for(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        assert strength.live(session, POOL, DAY) is None
        with pytest.raises(NotFound):
            strength.live(session, "no_such_pool", DAY)


def test_what_fewer_than_five_firms_have_of_their_own_is_not_in_a_published_figure(database: Database) -> None:
    """Four assessed firms of eight: their chances would follow from the expected payment, so the assumed one stands for all."""
    with database.writing() as session:
        a_pool(session)
        for number in range(8):
            a_firm(session, f"f{number}")
            a_loan(session, reference=f"loan_{number}", firm=f"f{number}", guarantee_no=f"G-{number}")
        for number in range(4):
            an_assessment(session, f"f{number}", "0.200000", date(2025, 2, 1))
        session.get_one(Registration, "loan_7").state = "overdue"
        session.flush()
        four = strength.live(session, POOL, LATER, fewest=5)
        an_assessment(session, "f4", "0.200000", date(2025, 2, 1))
        five = strength.live(session, POOL, LATER, fewest=5)
        own = of(session)
    terms = stress_terms.on(LATER)
    assert four is not None
    assert five is not None
    assert set(four.book.pd) == {float(terms.pd)}
    assert sorted(five.book.pd) == [float(terms.pd)] * 3 + [0.2] * 5
    assert sorted(own.book.pd) == [float(terms.pd)] * 2 + [0.2] * 5 + [float(terms.pd_overdue)]
    assert (four.assessed, five.assessed) == (0, 5)


def tables_with(session: Session, firms: int) -> dict[str, list[dict[str, Any]]]:
    a_pool(session)
    for number in range(firms):
        a_loan(session, reference=f"loan_{number}", firm=f"f{number}", guarantee_no=f"G-{number}", amount_fen=(50 + number) * WAN)
    return figures(session, LATER)


def test_the_snapshot_shows_a_pools_strength_from_five_firms_on(database: Database) -> None:
    with database.writing() as session:
        tables = tables_with(session, 5)
    (row,) = tables["stress"]
    assert (row["loans"], row["firms"], row["hidden"], row["cash_fen"]) == (5, 5, 0, 7_000 * WAN)
    assert row["expected_fen"] == 1_900_000, "260 at 3 %, 60 % lost, two fifths ours: 1.872, to two digits"
    assert row["need95_fen"] <= row["need999_fen"] <= row["before999_fen"]
    assert len(str(row["need999_fen"]).rstrip("0")) <= 2
    assert sum(each["cases"] for each in tables["stress_bars"]) <= row["draws"]
    assert len(tables["stress_worlds"]) == 9
    assert {each["pool"] for each in tables["stress_worlds"]} == {POOL}


def test_of_a_pool_with_four_firms_only_its_money_is_said(database: Database) -> None:
    with database.writing() as session:
        tables = tables_with(session, 4)
    (row,) = tables["stress"]
    assert (row["loans"], row["hidden"], row["cash_fen"]) == (4, 1, 7_000 * WAN)
    assert {row[name] for name in ("expected_fen", "need95_fen", "need999_fen", "cover_months", "assessed")} == {None}
    assert tables["stress_bars"] == tables["stress_worlds"] == []


def test_two_snapshots_of_the_same_book_have_the_same_strength(database: Database) -> None:
    with database.writing() as session:
        first = tables_with(session, 6)
        assert first["stress_bars"] == figures(session, LATER)["stress_bars"]
