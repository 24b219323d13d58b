"""Evidence comes from registry and exchange facts, each piece once."""

from datetime import date, timedelta
from typing import Any

from backend.uplifts.evidence import evidence_of
from tests.uplifts.makers import DAY, fact

US, RELATIVE = "913302990000000011", "913302990000000022"


def sale(n: int, **other: Any) -> dict[str, Any]:
    usual = {
        "trade_no": f"T{n}",
        "traded_on": "2025-06-01",
        "settled_on": "2025-06-09",
        "counterparty_uscc": f"buyer{n}",
        "amount_fen": 100,
        "product": "x",
        "status": "settled",
    }
    return usual | other


def test_certificates_trades_and_booked_items_become_pieces() -> None:
    facts = {
        "data_certificates": fact(
            "data_certificates",
            [{"certificate_no": "C1", "registered_on": "2025-01-01", "expires_on": "2028-01-01", "status": "valid"}],
        ),
        "data_trades": fact("data_trades", [sale(1)]),
        "data_booked_items": fact("data_booked_items", 2),
        "data_booked_cost_fen": fact("data_booked_cost_fen", 500),
    }
    found = evidence_of(facts, US, set(), DAY)
    assert [piece.evidence_id for piece in found] == [f"booked:{US}", "certificate:C1", "trade:T1"]
    assert found[0].quantity == 2
    assert found[1].ends_on == date(2028, 1, 1)


def test_what_a_firm_says_of_itself_is_no_evidence() -> None:
    assert evidence_of({"declared_data_products": fact("declared_data_products", 9)}, US, set(), DAY) == ()


def test_a_doubled_trade_is_one_piece() -> None:
    assert len(evidence_of({"data_trades": fact("data_trades", [sale(1), sale(1)])}, US, set(), DAY)) == 1


def test_relatives_and_oneself_are_related() -> None:
    rows = [sale(1, counterparty_uscc=RELATIVE), sale(2, counterparty_uscc=US), sale(3, counterparty_uscc=""), sale(4)]
    found = evidence_of({"data_trades": fact("data_trades", rows)}, US, {RELATIVE}, DAY)
    assert [piece.related for piece in found] == [True, True, True, False]


def test_who_sells_to_us_makes_a_reciprocal_pair_and_the_purchase_is_no_sale() -> None:
    rows = [sale(1, counterparty_uscc="friend"), sale(2, counterparty_uscc="friend", direction="bought"), sale(3)]
    found = evidence_of({"data_trades": fact("data_trades", rows)}, US, set(), DAY)
    assert {piece.evidence_id: piece.reciprocal for piece in found} == {"trade:T1": True, "trade:T3": False}
    told = evidence_of({"data_trades": fact("data_trades", [sale(3)])}, US, set(), DAY, reciprocal={"buyer3"})
    assert told[0].reciprocal


def test_what_happens_after_the_day_is_not_known_on_the_day() -> None:
    later = (DAY + timedelta(days=1)).isoformat()
    facts = {"data_trades": fact("data_trades", [sale(1, traded_on=later)])}
    assert evidence_of(facts, US, set(), DAY) == ()
