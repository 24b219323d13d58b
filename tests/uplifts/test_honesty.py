"""The monitor stays quiet where lifted loans are as good as others, however often one looks, and speaks where they are not."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from backend.audit.model import Actor
from backend.kit.clock import SHANGHAI
from backend.kit.database import Database
from backend.kit.errors import Conflict, Invalid, Refused
from backend.uplifts import decisions, views
from backend.uplifts.honesty import ALPHA, COEFFICIENTS, Finding, Loan, bands, e_value, findings, pairs

AT = datetime(2025, 12, 1, 9, tzinfo=SHANGHAI)
LINE = len(COEFFICIENTS) / ALPHA
ONE, TWO = Actor("person-1", "whitelist_issuer", None), Actor("person-2", "regulator", None)


def quarters(seed: int, *, odds: float, count: int = 12, lifted: int = 60, others: int = 240) -> Iterator[list[Loan]]:
    """A book that grows by a quarter at a time; grades differ in risk and in how often they are lifted."""
    dice = random.Random(f"honesty:{seed}:{odds}")
    book: list[Loan] = []
    for quarter in range(count):
        for n in range(lifted + others):
            up = n < lifted
            grade = dice.choices("ABC", (5, 3, 2) if up else (3, 3, 4))[0]
            base = {"A": 0.01, "B": 0.03, "C": 0.07}[grade]
            chance = base * odds / (1 - base + base * odds) if up else base
            book.append(
                Loan(
                    f"{quarter}-{n}", "p" if up else "", dice.choice((1200, 1800, 2400, 2900)) if up else 0,
                    dice.choice(("rights", "trades")) if up else "", grade, "<100", "x", f"Q{quarter}", dice.random() < chance,
                )
            )  # fmt: skip
        yield list(book)


def alarmed(seed: int, odds: float) -> bool:
    return any(finding.alert for book in quarters(seed, odds=odds) for finding in findings(book))


def test_honest_uplifts_raise_hardly_an_alarm_in_twelve_looks() -> None:
    assert sum(alarmed(seed, 1.0) for seed in range(25)) <= 2


def test_uplifts_that_treble_the_odds_are_found() -> None:
    assert sum(alarmed(seed, 3.0) for seed in range(8)) >= 7


def test_a_worse_mix_of_grades_alone_is_no_alarm() -> None:
    """Lifted firms are better graded here; without matching an uplift that doubles the odds would look harmless."""
    *_, book = quarters(5, odds=1.0)
    crude = sum(x.defaulted for x in book if x.lifted) / sum(x.lifted for x in book)
    plain = sum(x.defaulted for x in book if not x.lifted) / sum(not x.lifted for x in book)
    assert crude < plain
    assert e_value(book) < LINE


def test_bands_hold_every_lifted_loan_once_and_partners_are_of_the_same_stratum() -> None:
    *_, book = quarters(2, odds=1.0)
    matched = pairs(book)
    assert all(a.lifted and not b.lifted and a.stratum == b.stratum for a, b in matched)
    assert len({b.firm for _, b in matched}) == len(matched)
    rows = bands(book)
    assert sum(row.loans for row in rows) == len(book)
    for row in rows:
        assert row.rate_low <= row.defaults / row.loans <= row.rate_high
        if row.difference is not None:
            assert row.difference_low <= row.difference <= row.difference_high
        assert row.band == "0" or row.matched + row.left_out == row.loans


def test_the_order_of_loans_does_not_matter() -> None:
    *_, book = quarters(3, odds=2.0, count=3)
    assert bands(book) == bands(book[::-1])
    assert e_value(book) == pytest.approx(e_value(book[::-1]))


def a_finding(e_value: float = 90.0) -> Finding:
    return Finding("hubei_shuyidai", "d", "trades", e_value, 80.0, 100, 20, 400, 20)


def test_an_alert_is_raised_once_and_two_persons_answer_it_for_new_facilities(database: Database) -> None:
    day = AT.date()
    with database.writing() as session:
        assert decisions.note_findings(session, [a_finding(e_value=79.0)], at=AT) == []
        (alert,) = decisions.note_findings(session, [a_finding()], at=AT)
        assert decisions.note_findings(session, [a_finding(e_value=200.0)], at=AT) == []
        row = decisions.propose(
            session, ONE, programme="hubei_shuyidai", indicator="trades", coefficient_bp=4000,
            valid_from=day + timedelta(days=31), words="增信企业违约率显著偏高", at=AT, alert_id=alert.id,
        )  # fmt: skip
        assert views.programme(session, "hubei_shuyidai").on(date(2026, 2, 1)).trades.coefficient_bp == 10_000  # type: ignore[union-attr]
        with pytest.raises(Refused):
            decisions.decide(session, ONE, decision_id=row.id, approved=True, at=AT)
        decisions.decide(session, TWO, decision_id=row.id, approved=True, at=AT)
        with pytest.raises(Conflict):
            decisions.decide(session, TWO, decision_id=row.id, approved=False, at=AT)
        programme = views.programme(session, "hubei_shuyidai")
        first = day + timedelta(days=31)
        assert [programme.on(d).trades.coefficient_bp for d in (first - timedelta(days=1), first)] == [10_000, 4_000]  # type: ignore[union-attr]
        assert views.alerts(session, still_open=True) == []


def test_who_may_not_decide_and_what_may_not_be_proposed(database: Database) -> None:
    def propose(actor: Actor, **other: object) -> None:
        with database.writing() as session:
            usual = {"programme": "hubei_shuyidai", "indicator": "trades", "coefficient_bp": 4000, "valid_from": date(2026, 1, 1)}
            decisions.propose(session, actor, **(usual | {"words": "有依据的调整", "at": AT} | other))  # type: ignore[arg-type]  # as a test wants it

    with pytest.raises(Refused):
        propose(Actor("x", "firm_owner", None))
    for wrong in ({"indicator": "luck"}, {"coefficient_bp": 10_001}, {"valid_from": AT.date()}, {"words": " "}):
        with pytest.raises(Invalid):
            propose(ONE, **wrong)
