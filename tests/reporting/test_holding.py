"""What few firms stand behind is not published and does not follow from anything that is: random books, and all sums together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, cast

import numpy as np
import pytest
from sqlalchemy.orm import Session

from backend.kit.database import Database
from backend.reporting import holding
from backend.reporting.book import ADraw, Book
from backend.reporting.holding import Key, Sums
from backend.reporting.reckon import months
from backend.reporting.snapshot import figures, reckoned
from backend.reporting.suppression import Line, few
from tests.reporting.makers import BELL, DAY, HARBOUR, a_draw, a_firm, a_party
from tests.risk_compensation import pools as pool_makers

FIRST = date(2025, 1, 1)


def a_book(seed: int) -> Book:
    """Draws of few or many firms, bunched as chance will have it: some paid back, some late."""
    random = Random(seed)
    firms = [f"f{number}" for number in range(random.choice((4, 9, 20, 60)))]
    draws = []
    for number in range(random.choice((3, 12, 40, 120))):
        start = FIRST + timedelta(days=random.choice((random.randint(0, 60), random.randint(0, 400))))
        amount = random.randint(1, 900) * 10_000
        paid = [(start + timedelta(days=random.randint(20, 200)), amount // 4) for _ in range(random.choice((0, 0, 1, 3, 4)))]
        paid = sorted(each for each in paid if each[0] <= DAY)
        owed = amount - sum(fen for _, fen in paid)
        dpd = random.choice((0, 0, 0, 0, 20, 45, 100, 300)) if owed else 0
        since = DAY - timedelta(days=dpd)
        draws.append(
            ADraw(
                id=f"d{number}",
                firm=random.choice(firms),
                bank=random.choice((BELL, HARBOUR, HARBOUR, "orchard_bank")),
                product=random.choice(("p", "q", "r")),
                guaranteed=random.random() < 0.2,
                amount_fen=amount,
                value_date=start,
                rate_bp=random.choice((350, 380, 400, 460, 470)),
                all_in_bp=Decimal(400),
                first_loan=None,
                cls={0: "normal", 20: "watch", 45: "watch", 100: "substandard", 300: "loss"}[dpd],
                outstanding_fen=owed,
                dpd=dpd,
                repaid=paid,
                spans=[(max(start, since), DAY, since)] if dpd else [],
            )
        )
    if seed % 2:
        renewed_in(draws, random)
    return Book(DAY, {}, {}, [], [], draws, cast(Session, None))


def renewed_in(draws: Sequence[ADraw], random: Random) -> None:
    """Some draws renew an earlier one of their firm, each at most one."""
    free = sorted(draws, key=lambda each: each.value_date)
    for each in [draw for draw in free if random.random() < 0.4]:
        old = next((one for one in free if one.firm == each.firm and one.value_date < each.value_date), None)
        if old is not None:
            each.renews = old.id
            free.remove(old)


def sums_of(book: Book) -> Sums:
    sums = Sums()
    holding._drawn(sums, book)
    holding._owed(sums, book, months(min(each.value_date for each in book.draws), book.day))
    return sums


def betrayed(lines: Sequence[Line], unknown: Sequence[Key]) -> set[Key]:
    """The unknowns that follow from all sums together, another way than the platform's: by ranks."""
    matrix = np.array([[float(key in plus) - float(key in minus) for key in unknown] for plus, minus in lines])
    if not unknown:
        return set()
    rank = np.linalg.matrix_rank(matrix)
    units = np.eye(len(unknown))
    return {key for key, unit in zip(unknown, units, strict=True) if np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank}


def follows(lines: Sequence[Line], unknown: Sequence[Key], parts: Sequence[Key]) -> bool:
    """Whether the sum of these parts follows from all sums together."""
    matrix = np.array([[float(key in plus) - float(key in minus) for key in unknown] for plus, minus in lines])
    together = np.array([float(key in parts) for key in unknown])
    return bool(np.linalg.matrix_rank(np.vstack([matrix, together])) == np.linalg.matrix_rank(matrix))


@pytest.mark.parametrize("seed", range(80))
def test_nothing_that_few_firms_stand_behind_follows_from_what_is_published(seed: int) -> None:
    sums = sums_of(a_book(seed))
    hidden = sums.hidden(())
    small = {key for key, firms in sums.behind.items() if few(firms)}
    assert small - sums.unpublished <= hidden
    unknown = sorted(key for key in hidden | sums.unpublished if sums.behind[key])
    told = betrayed(sums.lines, unknown) & small
    assert not told, f"seed {seed}: {sorted(told)[:5]}"
    for plus, _ in sums.lines:
        parts = [key for key in plus if key in small]
        if len(parts) > 1 and few({firm for key in parts for firm in sums.behind[key]}):
            assert not follows(sums.lines, unknown, parts), f"seed {seed}: the sum of {parts}"


def test_some_of_these_books_have_months_with_old_and_new_loans() -> None:
    found = [{key[0] for key in sums_of(a_book(seed)).behind} for seed in range(80)]
    assert sum("cohort" in kinds for kinds in found) > 20


def test_a_large_town_still_shows_its_figures() -> None:
    """Suppression that hides everything would be safe and useless."""
    random = Random(1)
    draws = [
        ADraw(f"d{n}", f"f{n}", random.choice((BELL, HARBOUR)), "p", False, 1_000_000, FIRST + timedelta(days=n % 360), 400, None,
              None, "normal", 1_000_000, 0)
        for n in range(600)
    ]  # fmt: skip
    sums = sums_of(Book(DAY, {}, {}, [], [], draws, cast(Session, None)))
    assert not sums.hidden(())


def _town(session: Session, firms: int) -> None:
    a_party(session, HARBOUR)
    a_party(session, BELL)
    for number in range(1, firms + 1):
        a_firm(session, f"g{number}")
        month = 1 if number <= firms - 1 else 2
        a_draw(session, f"j{number}", f"g{number}", BELL, number * 1_000_000, date(2026, month, 5), date(2026, 9, 1), 400)


def test_a_month_of_one_firm_takes_another_month_with_it_in_every_table(database: Database) -> None:
    with database.writing() as session:
        _town(session, 8)
    with database.reading() as session:
        found = figures(session, DAY)
        plain, _ = reckoned(session, DAY)
    assert [each["drawn_fen"] for each in plain["book_monthly"]] == [28_000_000, 8_000_000, 0]
    assert [each["drawn_fen"] for each in found["book_monthly"]] == [None, None, 0], "nothing drawn is no firm's secret"
    assert found["book_monthly"][2]["outstanding_fen"] == 36_000_000
    assert found["book_monthly"][0]["outstanding_fen"] is None, "January's end is what January drew"
    assert {each["drawn_fen"] for each in found["vintages"]} == {None}
    assert {each["amount_fen"] for each in found["rates"]} == {None}
    assert [each["drawn_fen"] for each in found["banks"] if each["bank"] == BELL] == [36_000_000]
    assert kpi(found, "drawn_fen") == 36_000_000
    assert [each["n"] for each in found["rates"]] == [7, 1], "counts stay"


def test_a_town_of_four_firms_shows_counts_alone(database: Database) -> None:
    with database.writing() as session:
        _town(session, 4)
        pool_makers.a_pool(session)
        pool_makers.a_default(session)
    with database.reading() as session:
        found = figures(session, DAY)
    assert kpi(found, "draws") == 4
    for code in ("drawn_fen", "outstanding_fen", "weighted_rate_bp", "credit_loan_bp"):
        assert kpi(found, code) is None, code
    assert kpi(found, "overdue90_bp") is None, "what is not late would be told by the share"
    amounts = [
        (table, name, each[name])
        for table in ("book_monthly", "banks", "products", "classes", "dpd_buckets", "rates", "rate_bands", "vintages", "cells")
        for each in found[table]
        for name in each
        if name.endswith("_fen") and each[name]
    ]
    assert amounts == []
    assert {each["registered_fen"] for each in found["pool_monthly"]} <= {None, 0}
    assert found["pools"][0]["cash_fen"] > 0, "a public fund's account stands in full"


def kpi(tables: dict[str, list[dict[str, Any]]], code: str) -> Any:
    return next(each["value"] for each in tables["kpis"] if each["code"] == code)
