"""A firm applies, thinks again and revokes before anything was sent: nothing leaves, and the next reading finds a shut door."""

from typing import Any

from tests.stage import ITEMS, Person, Stage

USCC = "91420100000000000U"
PRODUCT = ("invoice_credit_loan", "interest_first")


def applied(stage: Stage) -> tuple[Person, dict[str, str], dict[str, Any]]:
    """A firm whose application is written down but not yet sent; its consents by whom they name."""
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    signed = {
        "platform": stage.consent(firm, ["platform"]),
        "bank": stage.consent(firm, ["harbour_bank"]),
        "bureau": stage.consent(firm, ["harbour_bank"], items=["BUREAU"], kind="bank_query"),
    }
    stage.gather(firm)
    return firm, signed, stage.apply(firm, PRODUCT)


def stopped(stage: Stage, firm: Person) -> dict[str, Any]:
    """The application as the firm sees it, after the submit step had its turn and found that it may not send."""
    stage.settle()
    assert stage.book("harbour_bank")["applications"] == [], "nothing left the platform"
    (application,) = stage.need(firm)["applications"]
    seen = firm.do("GET", f"/api/me/applications/{application['id']}")
    assert seen["state"] == "stopped"
    assert "授权" in seen["state_words"]["zh"]
    assert "consent" in seen["state_words"]["en"]
    last = seen["timeline"][-1]
    assert last["event"] == "consent_gone"
    assert last["words"]["zh"]
    assert last["words"]["en"]
    stage.take_part("regulator", "finance_office", "金融办", {"regulator": "regulator"})
    log = stage.people["regulator"].do("GET", f"/api/regulator/audit/{application['id']}?purpose=supervision")
    assert "application.consent_gone" in {line["action"] for line in log}, "the refusal is in the log"
    return dict(application)


def test_a_consent_is_withdrawn_midway(stage: Stage) -> None:
    firm, signed, _ = applied(stage)
    firm.do("DELETE", f"/api/me/consents/{signed['bank']}")
    stopped(stage, firm)
    assert "facts.read" in {line["action"] for line in firm.do("GET", "/api/me/readers")}
    stage.days(4)
    assert stage.book("harbour_bank")["applications"] == []

    withheld = set(firm.do("GET", "/api/me/credit-file")["withheld"].values())
    assert withheld & set(ITEMS) == set(), "what the platform may read is another paper"
    firm.do("DELETE", f"/api/me/consents/{signed['platform']}")
    file = firm.do("GET", "/api/me/credit-file")
    assert "sales_12m_fen" not in file["facts"]
    assert file["withheld"]["sales_12m_fen"] == "TAX04"
    assert firm.do("POST", "/api/me/assessment")["grade"] is None
    matches = {match["product"]: match for match in firm.do("POST", "/api/me/matches", {})}
    match = matches["invoice_credit_loan"]
    assert match["answer"] == "unknown"
    missing = [reason for reason in match["reasons"] if reason["answer"] == "unknown" and reason["knows"] == "platform"]
    assert missing
    assert all(reason["way"] for reason in missing), "each unknown names what to authorise"
    assert any("TAX04" in str(reason["way"]) or "发票" in str(reason["way"]) for reason in missing), missing

    status, refusal = firm.ask(
        "POST",
        "/api/me/needs",
        {
            "amount_fen": 30_000_000,
            "months": 12,
            "purpose": "stock",
            "choices": [{"product": PRODUCT[0], "way": PRODUCT[1]}],
        },
    )
    assert (status, refusal["type"].rsplit(":", 1)[1]) == (403, "consent_missing")
    assert "consent.missing" in {line["action"] for line in firm.do("GET", "/api/me/readers")}


def test_a_bureau_query_that_is_no_longer_allowed_stops_the_application_too(stage: Stage) -> None:
    firm, signed, _ = applied(stage)
    firm.do("DELETE", f"/api/me/consents/{signed['bureau']}")
    stopped(stage, firm)
