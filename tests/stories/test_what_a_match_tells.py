"""A firm sees by what its matches are ranked, how fast and how likely banks answered before, and what its bank's group leaves."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from backend.applications.tables import Application, Need
from backend.kit import clock
from backend.kit.ids import new_id
from backend.loans.tables import Facility
from backend.parties.tables import Firm
from tests.stage import Person, Stage

USCC = "91420100000000000U"


def answered(stage: Stage, bank: str, product: str, *, approved: int, declined: int, days: int) -> None:
    """Answers of the past months, as the applications room keeps them."""
    decided = stage.today - timedelta(days=20)
    with stage.house.database.writing() as session:
        firm = session.scalars(select(Firm.id)).first()
        assert firm is not None
        for number in range(approved + declined):
            sent, at = decided - timedelta(days=days), clock.start_of(decided)
            need = Need(
                id=new_id("need"), firm_id=firm, amount_fen=10_000_000, months=12, purpose="working_capital", submitted_at=at,
                submitted_on=sent, idempotency_key=None,
            )  # fmt: skip
            session.add(need)
            session.flush()
            session.add(
                Application(
                    id=new_id("app"), need_id=need.id, firm_id=firm, bank=bank, product=product, amount_fen=10_000_000,
                    months=12, way="interest_first", state="withdrawn" if number < approved else "declined", submitted_at=at,
                    submitted_on=sent, decided_at=at, decided_on=decided, documents_asked=[], decision_reasons=[],
                )
            )  # fmt: skip


def matches(firm: Person, **body: Any) -> dict[str, dict[str, Any]]:
    return {match["product"]: match for match in firm.do("POST", "/api/me/matches", body)}


def test_matches_show_what_they_are_ranked_by_and_what_is_known_of_the_banks(stage: Stage) -> None:
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    stage.authorise(firm)
    stage.gather(firm)
    answered(stage, "harbour_bank", "invoice_credit_loan", approved=24, declined=6, days=4)
    answered(stage, "orchard_bank", "utility_credit_loan", approved=40, declined=0, days=2)

    published = firm.do("GET", "/api/me/ranking")
    assert sum(published["weights"].values()) == 10_000
    assert "付费" in published["words"]["zh"]
    found = firm.do("POST", "/api/me/matches", {})
    for match in found:
        if match.get("score") is not None:
            assert sum(part["points"] for part in match["score_parts"]) == match["score"]
            assert match["weights"] == published["weights"]
    yes = [match["score"] for match in found if match["answer"] == "yes"]
    assert yes == sorted(yes, reverse=True)

    of = {match["product"]: match for match in found}
    invoice = of["invoice_credit_loan"]
    assert invoice["chance"] == {"share_bp": 8000, "low_bp": 6269, "high_bp": 9050, "answers": 30}
    assert (invoice["decision_days"], invoice["decision_measured"]) == (4, True)
    assert [part["name"] for part in invoice["score_parts"]] == ["cost", "time", "chance"]
    assert invoice["monthly_fen"] > 0
    assert of["utility_credit_loan"]["chance"] is None
    assert "not agreed" in of["utility_credit_loan"]["chance_words"]["en"]
    assert (of["utility_credit_loan"]["decision_days"], of["utility_credit_loan"]["decision_measured"]) == (2, True)
    assert of["tax_credit_loan"]["decision_measured"] is False


def test_what_a_firm_has_at_a_bank_counts_against_the_limit_of_its_group(stage: Stage) -> None:
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    stage.authorise(firm)
    stage.gather(firm)
    free = matches(firm)["invoice_credit_loan"]
    assert free["capped_by"] != "bank_group"
    with stage.house.database.writing() as session:
        owner = session.scalars(select(Firm.id).where(Firm.uscc == USCC)).one()
        session.add(
            Facility(
                id=new_id("facility"), application_id="before the platform", firm_id=owner, bank="harbour_bank",
                product="data_easy_loan", contract_no="H-1", limit_fen=1_000_000_000 - 30_000_000, signed_on=stage.today,
                expires_on=date(2027, 1, 1), rate_bp=400,
            )
        )  # fmt: skip
    held = matches(firm)["invoice_credit_loan"]
    assert (held["answer"], held["limit_fen"], held["capped_by"]) == (free["answer"], 30_000_000, "bank_group")
    assert "授信总额度" in held["limit_words"]["zh"]
    other = matches(firm)["tax_credit_loan"]
    assert other["capped_by"] != "bank_group"
