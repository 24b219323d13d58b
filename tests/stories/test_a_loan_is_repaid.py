"""A small workshop authorises its records, applies once at two banks, takes the cheaper offer and repays to the last fen."""

from tests.stage import Stage
from tests.stories.books import assert_books_agree

USCC = "91420100000000000U"


def test_a_loan_is_repaid(stage: Stage) -> None:
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    stage.authorise(firm)
    file = stage.gather(firm)
    assert file["facts"]["sales_12m_fen"]["value"] > 500_000_000
    assert file["facts"]["tax_grade"]["value"] == "B"

    assessed = firm.do("POST", "/api/me/assessment")
    assert assessed["grade"] in "ABCDE"

    matches = {match["product"]: match for match in firm.do("POST", "/api/me/matches", {})}
    assert matches["invoice_credit_loan"]["answer"] == "yes", matches["invoice_credit_loan"]["reasons"]
    assert matches["tax_credit_loan"]["answer"] == "yes", matches["tax_credit_loan"]["reasons"]

    need = stage.apply(firm, ("invoice_credit_loan", "interest_first"), ("tax_credit_loan", "equal_instalments"))
    stage.days(6)
    need = stage.need(firm)
    assert {each["state"] for each in need["applications"]} == {"approved"}
    cheapest = need["offers"][0]
    assert float(cheapest["by_days_bp"]) <= float(need["offers"][1]["by_days_bp"])

    firm.do("POST", f"/api/me/offers/{cheapest['id']}/accept")
    stage.days(8)
    states = {each["id"]: each["state"] for each in stage.need(firm)["applications"]}
    assert states.pop(cheapest["application_id"]) == "drawn"
    assert set(states.values()) == {"withdrawn"}

    (view,) = firm.do("GET", "/api/me/loans")["draws"]
    draw = view["draw"]
    assert draw["outstanding_fen"] == cheapest["amount_fen"]
    stage.days(380)
    assert firm.do("GET", "/api/me/loans") == {"facilities": [], "draws": []}, "the limit is over and nothing is owed"
    (view,) = firm.do("GET", "/api/me/loans?over=true")["draws"]
    draw = view["draw"]
    assert (draw["outstanding_fen"], draw["state"]) == (0, "repaid")
    assert_books_agree(stage)
