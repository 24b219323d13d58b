"""Honesty, warnings and cards as the snapshot tells them: in words, and never of too few firms."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from sqlalchemy.orm import Session

from backend.kit.database import Database
from backend.loans import honesty
from backend.reporting import figures_watch as watch
from backend.reporting.book import Book
from backend.reporting.columns import COLUMNS
from backend.reporting.snapshot import FIGURES, figures
from backend.scoring.monitoring.tables import MonitorResult
from backend.scoring.warnings.tables import WarningSweep
from backend.uplifts.honesty import Loan
from tests.reporting.makers import AT, DAY, add


def a_book(**kept: Any) -> Book:
    return Book(DAY, {}, {}, [], [], [], cast(Session, None), kept)


def loans(count: int, uplift_bp: int, *, bad: int = 0, first: int = 0, indicator: str = "rights") -> list[Loan]:
    programme = "hubei_shuyidai" if uplift_bp else ""
    return [
        Loan(f"F{first + n}", programme, uplift_bp, indicator if uplift_bp else "", "B", "<50", "x", "2024Q4", n < bad, "d")
        for n in range(count)
    ]


def told(some: list[Loan]) -> dict[str, list[dict[str, Any]]]:
    return honesty.told(some, [])


def test_a_band_of_four_firms_is_held_back_and_the_next_smallest_with_it() -> None:
    some = [*loans(40, 0, bad=4), *loans(4, 1200, bad=2, first=100), *loans(9, 1700, first=200), *loans(20, 2200, first=300)]
    rows = {row["band"]: row for row in watch.honesty_bands(a_book(honesty=told(some)))}
    assert [(band, row["hidden"]) for band, row in rows.items()] == [("0", 0), ("10–15%", 1), ("15–20%", 1), ("20–25%", 0)]
    assert (rows["10–15%"]["loans"], rows["10–15%"]["firms"]) == (4, 4), "counts stay"
    assert {rows["10–15%"][name] for name in ("defaults", "rate_bp", "low_bp", "matched", "difference_bp")} == {None}
    assert (rows["0"]["rate_bp"], rows["20–25%"]["rate_bp"]) == (1000, 0)
    assert rows["20–25%"]["difference_bp"] is not None


def test_a_difference_to_partners_of_few_firms_is_not_said() -> None:
    some = [*loans(3, 0, bad=1), *loans(20, 2200, bad=1, first=300)]
    rows = {row["band"]: row for row in watch.honesty_bands(a_book(honesty=told(some)))}
    assert rows["20–25%"]["difference_bp"] is None


def test_a_finding_says_its_programme_in_words_and_hides_a_coefficient_of_few_firms() -> None:
    some = [*loans(60, 0, bad=3), *loans(30, 1500, bad=3, first=100), *loans(3, 1500, bad=3, first=200, indicator="trades")]
    some += loans(12, 1500, first=300, indicator="booked")
    found = told(some)
    found["alerts"] = [{"programme": "hubei_shuyidai", "coefficient": "all", "found_on": "2026-03-01"}]
    rows = {row["coefficient"]: row for row in watch.honesty_findings(a_book(honesty=found))}
    assert {code: row["hidden"] for code, row in rows.items()} == {"all": 0, "rights": 0, "trades": 1, "booked": 1}
    assert rows["trades"]["e_value"] is None
    assert rows["all"]["open_since"] == "2026-03-01"
    assert rows["all"]["title_zh"] != "hubei_shuyidai"
    assert rows["rights"]["lifted_defaults"] == 3


def test_no_firm_is_named_in_what_is_published_of_uplifts() -> None:
    book = a_book(honesty=told([*loans(40, 0, bad=4), *loans(20, 2200, first=300)]))
    assert "F3" not in str([watch.honesty_bands(book), watch.honesty_findings(book)])


def a_month(**figures: Any) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(("auc", "ks", "brier", "slope", "intercept", "expected", "observed"))
    psi = {"n": 0, "value": 0.21, "noise": 0.1}
    return empty | {"assessed": 40, "firms": 40, "outcomes": 0, "bad": 0, "psi": psi, "by_month": [], "groups": {}} | figures


def test_a_cards_months_groups_and_alerts_are_rows_in_words(database: Database) -> None:
    ratio = {"value": 0.6, "low": 0.4, "high": 0.75}
    group = {
        "group": "C",
        "n": 12,
        "psi": {"value": 0.1},
        "favoured": 0.5,
        "drew": 0.25,
        "favoured_ratio": ratio,
        "drew_ratio": None,
    }
    alert = {"what": "favoured industry C", "colour": "watch", "value": 0.6, "validated": "≥0.80"}
    auc = {"value": 0.8, "low": 0.7, "high": 0.9}
    with database.writing() as session:
        for month, said, alarms in (
            (date(2025, 1, 1), a_month(firms=4), []),
            (date(2025, 2, 1), a_month(auc=auc, expected=0.05, groups={"industry": [group]}), [alert]),
        ):
            add(session, MonitorResult(card="general", month=month, at=AT, policy_digest="", figures=said, alerts=alarms))
        tables = figures(session, DAY)
    first, second = tables["card_months"]
    assert (first["month"], first["psi"], first["hidden"]) == ("2025-01", None, 1), "the mix of four firms is theirs"
    assert (second["psi"], second["auc_low"], second["expected_bp"]) == (0.21, 0.7, 500)
    assert second["title_zh"] == "通用评分卡"
    (row,) = tables["card_groups"]
    assert (row["label_zh"], row["favoured_ratio_high"], row["drew_bp"], row["drew_ratio"]) == ("制造业", 0.75, 2500, None)
    assert [each["what_en"] for each in tables["card_alerts"]] == ["share of grades A to C, manufacturing"]


def test_sweeps_are_told_by_their_colours(database: Database) -> None:
    counts = dict.fromkeys(("opened", "worsened", "improved", "closed", "ended", "tasks", "stars", "nothing_opened"), 0)
    colours = {"GREEN": 30, "YELLOW": 4, "RED": 2}
    with database.writing() as session:
        add(
            session, WarningSweep(day=DAY, at=AT, policy_digest="", firms=36, counts=counts | {"colours": colours, "circles": []})
        )
        (row,) = figures(session, DAY)["warning_sweeps"]
    assert (row["green"], row["yellow"], row["red"], row["firms"]) == (30, 4, 2, 36)


def test_every_table_has_its_columns_and_no_other(database: Database) -> None:
    with database.reading() as session:
        tables = figures(session, DAY)
    assert set(tables) == set(COLUMNS)
    for name in FIGURES:
        assert all(set(row) <= set(COLUMNS[name]) for row in tables[name]), name
