"""The guaranteed road, as far as a story needs it: a firm, a pool, a draw that is covered."""

from __future__ import annotations

from datetime import date
from typing import Any

from risk_compensation.scheme import terms_on
from tests.stage import Person, Stage

USCC = "91420100000000000U"
BANK = "orchard_bank"
PRODUCT = ("guaranteed_micro_loan", "interest_first")
PAPERS = {paper.code: f"{paper.code}.pdf" for paper in terms_on("ningbo_442", date(2025, 5, 1)).documents.papers}


def offered(
    stage: Stage, *, amount_fen: int, uscc: str = USCC, product: tuple[str, str] = PRODUCT, **fate: Any
) -> tuple[Person, dict[str, Any]]:
    """A firm applies for a guaranteed loan (or another of the bank's) and holds its offer."""
    stage.sound_firm(uscc)
    stage.fate(BANK, uscc, decision="approve", **fate)
    firm = stage.firm(uscc)
    stage.authorise(firm, (BANK,))
    stage.gather(firm)
    stage.apply(firm, product, amount_fen=amount_fen)
    stage.days(5)
    (offer,) = stage.need(firm)["offers"]
    return firm, offer


def case(stage: Stage, firm: Person) -> dict[str, Any]:
    """The firm's case before the guarantor."""
    cases = stage.people["guarantor"].do("GET", "/api/guarantor/cases")
    (found,) = [each for each in cases if each["firm_id"] == firm.about["id"]]
    return dict(found)


def guaranteed(stage: Stage, firm: Person, offer: dict[str, Any]) -> dict[str, Any]:
    """The firm accepts, the guarantor agrees; its case."""
    firm.do("POST", f"/api/me/offers/{offer['id']}/accept")
    word = {"granted": True, "words": "经审查同意担保"}
    stage.people["guarantor"].do("POST", f"/api/guarantor/cases/{case(stage, firm)['id']}/decision", word)
    return case(stage, firm)


def state(stage: Stage, firm: Person) -> str:
    """Where the firm's only application stands."""
    (application,) = stage.need(firm)["applications"]
    return str(application["state"])


def draw(firm: Person) -> dict[str, Any]:
    """The firm's only draw."""
    (view,) = firm.do("GET", "/api/me/loans")["draws"]
    return dict(view)


def guarantor_pays(stage: Stage, firm: Person) -> int:
    """The bank demands, the guarantor's money arrives at the bank, and the guarantor says so: how much (fen)."""
    unpaid = draw(firm)["draw"]
    stage.people["officer"].do("POST", f"/api/desk/draws/{unpaid['id']}/demand")
    guarantee = case(stage, firm)
    demanded = int(guarantee["demanded_fen"])
    money = {"draw_no": unpaid["draw_no"], "amount_fen": demanded, "paid_on": stage.today.isoformat()}
    stage.control(BANK, "POST", "guarantor-payment", money)
    said = {"amount_fen": demanded, "receipt_no": "daichang-1", "on": stage.today.isoformat()}
    stage.people["guarantor"].do("POST", f"/api/guarantor/cases/{guarantee['id']}/payout", said)
    return demanded


def claim(stage: Stage, guarantee: dict[str, Any], number: str = "claim-1") -> tuple[int, Any]:
    """The guarantor claims the fund's part, on a judgment of today: (status, answer)."""
    asked = {
        "claim_no": number,
        "judgment_no": "（2025）浙0203民初1号",
        "judged_on": stage.today.isoformat(),
        "documents": PAPERS,
    }
    return stage.people["guarantor"].ask("POST", f"/api/guarantor/cases/{guarantee['id']}/claim", asked)


def fund_decides(stage: Stage, number: str = "claim-1") -> None:
    """The maker advises, the checker approves and instructs the custody bank."""
    maker, checker = stage.people["maker"], stage.people["checker"]
    maker.do("POST", f"/api/fund/claims/{number}/review", {"opinion": "approve", "words": "材料齐全"})
    checker.do("POST", f"/api/fund/claims/{number}/approve", {"words": "同意代偿"})
    checker.do("POST", f"/api/fund/claims/{number}/instruct")


def claim_state(stage: Stage) -> str:
    """Where the only claim stands."""
    (row,) = stage.people["checker"].do("GET", "/api/fund/claims")
    return str(row["state"])
