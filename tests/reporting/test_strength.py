"""The live book that a pool's stress looks at: what is over for the pool is not in it, and what has failed has failed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from backend.kit.clock import start_of
from backend.kit.database import Database
from backend.kit.errors import NotFound
from backend.reporting import strength
from backend.scoring.tables import Assessment
from risk_compensation import events, stress_terms
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
