"""Looking behind a cell: five firms at least, a purpose, a line in the log, and no name."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from backend.audit import views as audit
from backend.audit.model import Actor
from backend.kit.database import Database
from backend.kit.errors import Invalid, Refused
from backend.reporting import drilldown
from backend.reporting.snapshot import figures
from tests.reporting.makers import AT, BELL, DAY, HARBOUR, a_draw, a_firm, a_need, a_party, an_application, the_book

REGULATOR = Actor("user_regulator", "regulator", "party_finance_office")


def look(database: Database, figure: str, cell: dict[str, Any], purpose: str = "复核批准率") -> dict[str, Any]:
    with database.writing() as session:
        return drilldown.rows(session, REGULATOR, figure=figure, cell=cell, purpose=purpose, at=AT)


def lines(database: Database) -> list[tuple[str, str, dict[str, Any]]]:
    with database.reading() as session:
        found = audit.trail(session, actions=["regulator.drilldown", "regulator.drilldown_refused"])
        return [(each.action, each.object_id, each.details) for each in found]


@pytest.fixture
def book(database: Database) -> Database:
    with database.writing() as session:
        the_book(session)
        for number in range(1, 7):
            a_firm(session, f"g{number}", region="440300", founded_on=None)
            a_need(session, f"m{number}", f"g{number}", date(2025, 5, 5))
            an_application(session, f"b{number}", f"m{number}", HARBOUR, "declined", days=1)
            if number < 5:
                a_draw(session, f"e{number}", f"g{number}", BELL, 1_000_000, date(2025, 6, 1), date(2026, 6, 1), 400)
        for number in range(1, 8):
            a_firm(session, f"h{number}")
            back: dict[str, Any] = {"outstanding_fen": 0, "unpaid_since": None, "state": "repaid"} if number < 5 else {}
            a_draw(session, f"i{number}", f"h{number}", HARBOUR, 1_000_000, date(2025, 7, 1), date(2026, 7, 1), 400, **back)
            if number < 6:
                a_need(session, f"k{number}", f"h{number}", date(2025, 6, 5))
                an_application(session, f"c{number}", f"k{number}", HARBOUR, "declined", days=1)
    return database


def test_the_rows_lead_an_auditor_on_and_name_no_firm(book: Database) -> None:
    found = look(book, "applications", {"bank": HARBOUR, "month": "2025-05", "state": "declined"})
    assert [row["application"] for row in found["rows"]] == [f"b{number}" for number in range(1, 7)]
    assert list(found["rows"][0]) == found["columns"]
    body = json.dumps(found, ensure_ascii=False)
    assert not any(text in body for text in ("甲乙丙", "张三丰", "91330200", '"g1"'))
    action, figure, details = lines(book)[0]
    assert (action, figure, details["purpose"], details["rows"]) == ("regulator.drilldown", "applications", "复核批准率", 6)


def test_fewer_than_five_firms_are_refused_and_the_try_is_logged(book: Database) -> None:
    with pytest.raises(Refused) as refused:
        look(book, "draws", {"bank": BELL, "month": "2025-06"})
    assert refused.value.code == "small_cell"
    assert lines(book)[0][0] == "regulator.drilldown_refused"


def test_many_rows_of_few_firms_are_still_few_firms(book: Database) -> None:
    with book.writing() as session:
        for number in range(9):
            a_draw(session, f"x{number}", "g1", HARBOUR, 1_000_000, date(2024, 6, 1), date(2026, 6, 1), 400)
    with pytest.raises(Refused):
        look(book, "draws", {"month": "2024-06"})


def test_a_bucket_is_what_the_figure_counts_and_a_repaid_draw_is_not_in_it(book: Database) -> None:
    found = look(book, "draws", {"bucket": "0"})
    assert {row["draw"] for row in found["rows"]} == {"d3", "e1", "e2", "e3", "e4", "i5", "i6", "i7"}
    assert sum(row["outstanding_fen"] for row in found["rows"]) == 11_000_000


def test_a_cell_gives_only_the_figures_that_enough_firms_stand_behind(book: Database) -> None:
    found = look(book, "cells", {"dimension": "region", "cell": "440300"})
    assert {row["kind"] for row in found["rows"]} == {"application"}, "four firms drew: too few"
    with pytest.raises(Refused):
        look(book, "cells", {"dimension": "industry", "cell": "F"})


def test_what_a_cell_leaves_of_a_wider_one_is_protected_as_well(book: Database) -> None:
    """In June five firms heard no; that leaves one in January, so the smaller of the two large months is kept back with it."""
    assert look(book, "applications", {"month": "2025-05", "state": "declined"})["rows"]
    with pytest.raises(Refused) as betrays:
        look(book, "applications", {"month": "2025-06", "state": "declined"})
    with pytest.raises(Refused) as small:
        look(book, "applications", {"month": "2025-01", "state": "declined"})
    assert betrays.value.words == small.value.words, "the answer does not tell which of the two it is"
    with pytest.raises(Refused):
        look(book, "draws", {"bucket": "repaid"})


def test_a_group_that_the_snapshot_holds_back_is_not_opened_either(database: Database) -> None:
    """Regions of nine, six and three firms: the three would follow by subtraction from the six."""
    with database.writing() as session:
        a_party(session, HARBOUR)
        for region, firms in (("330101", 9), ("330102", 6), ("330103", 3)):
            for number in range(firms):
                firm = f"{region}{number}"
                a_firm(session, firm, region=region)
                a_need(session, f"n{firm}", firm, date(2025, 5, 5))
                an_application(session, f"a{firm}", f"n{firm}", HARBOUR, "declined", days=1)
    with database.reading() as session:
        shown = {each["cell"]: each["hidden"] for each in figures(session, DAY)["cells"] if each["dimension"] == "region"}
    assert shown == {"330101": 0, "330102": 1, "330103": 1}
    assert len(look(database, "cells", {"dimension": "region", "cell": "330101"})["rows"]) == 9
    said = set()
    for region in ("330102", "330103", "999999"):
        with pytest.raises(Refused) as refused:
            look(database, "cells", {"dimension": "region", "cell": region})
        said.add(refused.value.words)
    assert len(said) == 1, "small, held back and missing are answered alike"


def test_no_claims_is_too_few_claims(book: Database) -> None:
    with pytest.raises(Refused):
        look(book, "claims", {"pool": "ningbo"})


@pytest.mark.parametrize(
    ("figure", "cell", "purpose", "place"),
    [
        ("salaries", {}, "复核批准率", "figure"),
        ("draws", {"firm": "g1"}, "复核批准率", "cell.firm"),
        ("draws", {"bank": ["x"]}, "复核批准率", "cell.bank"),
        ("cells", {"dimension": "name", "cell": "x"}, "复核批准率", "cell.dimension"),
        ("draws", {}, " 看 ", "purpose"),
    ],
)
def test_what_cannot_be_asked_says_where(database: Database, figure: str, cell: dict[str, Any], purpose: str, place: str) -> None:
    with pytest.raises(Invalid) as wrong:
        look(database, figure, cell, purpose)
    assert wrong.value.place == place
