"""A recognised data firm on the stage: certificates, sales on the exchange, a loan whose limit its data assets lift."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.stage import Person, Stage

USCC = "91420100000000000U"
FRIEND = "913302990000000022"
DAY = date(2025, 5, 6)


def sale(stage: Stage, n: int, *, uscc: str = USCC, age: int | None = None, **other: Any) -> None:
    on = DAY - timedelta(days=100 + 25 * n if age is None else age)
    fields = {
        "trade_no": f"T{n}", "traded_on": on.isoformat(), "settled_on": (on + timedelta(days=9)).isoformat(),
        "counterparty": f"9133029900000010{n:02d}", "amount": "50000", "product": "物流轨迹数据集", "status": "已结算",
        "direction": "卖出",
    }  # fmt: skip
    stage.delivered(uscc, "data_exchange", "trade", fields | other, DAY - timedelta(days=1))


def certificate(stage: Stage, n: int, *, uscc: str = USCC, on: date | None = None, **other: Any) -> None:
    fields = {
        "certificate_no": f"C{n}", "category": "持有", "product": f"数据集{n}", "registered_on": "2024-06-01",
        "expires_on": "2027-06-01", "status": "有效", "content": f"digest-{n}",
    }  # fmt: skip
    stage.delivered(uscc, "data_registry", "certificate", fields | other, on or DAY - timedelta(days=1))


def data_firm(stage: Stage, uscc: str = USCC, *, certificates: int = 3, sales: int = 5, **more: Any) -> Person:
    """Signed up, recognised, everything authorised and gathered; also for looking again after the loan is paid out."""
    stage.sound_firm(uscc)
    for n in range(certificates):
        certificate(stage, n, uscc=uscc)
    for n in range(sales):
        sale(stage, n, uscc=uscc)
    firm = stage.firm(uscc, **more)
    stage.authorise(firm)
    watch(stage, firm)
    if "bureau" not in stage.people:
        stage.take_part("issuer", "data_bureau", "数据局", {"bureau": "whitelist_issuer"})
    batch = {
        "programme": "data_enterprises", "batch": f"b-{uscc[-4:]}", "issued_on": DAY.isoformat(), "expires_on": "2027-04-30",
        "members": [{"uscc": uscc, "grade": "A"}],
    }  # fmt: skip
    stage.people["bureau"].do("POST", "/api/issuer/batches", batch)
    stage.gather(firm)
    return firm


def watch(stage: Stage, firm: Person) -> None:
    """The firm lets the platform look at its data assets after the loan is paid out."""
    body = {
        "kind": "firm", "items": ["DAT01", "DAT02", "DAT03"], "purpose": "post_loan", "recipients": ["platform"],
        "valid_from": stage.now.isoformat(), "valid_to": (stage.now + timedelta(days=360)).isoformat(),
    }  # fmt: skip
    paper = firm.do("POST", "/api/me/consents", body)
    firm.do("POST", f"/api/me/consents/{paper['id']}/sign", {"name": firm.about["legal_rep"]})


def matched(firm: Person) -> dict[str, Any]:
    """The firm's newest match with the data loan."""
    return next(each for each in firm.do("POST", "/api/me/matches", {}) if each["product"] == "data_easy_loan")


def borrow(stage: Stage, firm: Person, uscc: str, amount_fen: int, draw_share_bp: int) -> dict[str, Any]:
    """Apply for the whole limit, accept, draw a share of it; the facility."""
    stage.fate("harbour_bank", uscc, decision="approve", draw_share_bp=draw_share_bp)
    stage.apply(firm, ("data_easy_loan", "interest_first"), amount_fen=amount_fen)
    stage.days(6)
    need = stage.need(firm)
    firm.do("POST", f"/api/me/offers/{need['offers'][0]['id']}/accept")
    stage.days(8)
    return dict(firm.do("GET", "/api/me/loans")["facilities"][0])
