"""The firm's applications, offers and loans."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from backend.kit.words import Words
from backend.portal.pages import firm, lending
from backend.portal.pages import shared as s
from tests.portal.examples.matches import REASONS_NO
from tests.portal.examples.shared import CALL, COSTS, HARBOUR, ORCHARD, TIMELINE, TOWER, WAIT, Case

SCHEDULE = tuple(
    s.DueRow(
        n,
        date(2025 + (2 + n) // 13, (2 + n - 1) % 12 + 1, 15),
        4_091_000,
        152_000,
        "paid" if n < 2 else "late" if n == 2 else "due" if n == 3 else "later",
        date(2025, 3, 15) if n < 2 else None,
    )
    for n in range(1, 7)
)
OFFER = lending.OfferCard(
    "offer_1",
    HARBOUR,
    Words("开票贷", "Invoice loan"),
    90_000_000,
    365,
    Decimal("388.1"),
    12,
    "equal_instalments",
    1_789_012,
    450_000,
    Words("每月 76,491.00 元", "76,491.00 元 each month"),
    7_649_100,
    COSTS,
    date(2025, 3, 15),
    CALL,
    ("放款前开立结算账户",),
    True,
    True,
    ("cheapest", "largest"),
)
OFFER_2 = lending.OfferCard(
    "offer_2",
    TOWER,
    Words("税易贷", "Tax loan"),
    60_000_000,
    420,
    Decimal("428.2"),
    12,
    "interest_first",
    2_520_000,
    0,
    Words(
        "每月利息最多 2,170.00 元，到期还 602,100.00 元", "at most 2,170.00 元 of interest each month, 602,100.00 元 at maturity"
    ),
    217_000,
    COSTS[:1],
    date(2025, 3, 12),
    CALL,
    first_in=("least_monthly",),
)
DRAW = lending.DrawCard(
    "draw_1",
    date(2025, 1, 15),
    date(2026, 1, 15),
    50_000_000,
    45_909_000,
    365,
    "equal_instalments",
    "late",
    "normal",
    3,
    date(2025, 3, 15),
    4_243_000,
    "registered",
)
FACILITY = lending.FacilityCard(
    "facility_1", HARBOUR, Words("开票贷", "Invoice loan"), 90_000_000, 40_000_000, date(2026, 1, 10), (DRAW,), CALL
)
ROWS = (
    lending.ApplicationRow("application_1", HARBOUR, Words("开票贷", "Invoice loan"), 90_000_000, "documents_asked", WAIT),
    lending.ApplicationRow("application_2", TOWER, Words("税易贷", "Tax loan"), 60_000_000, "approved"),
    lending.ApplicationRow("application_3", ORCHARD, Words("稳岗贷", "Payroll loan"), 50_000_000, "declined"),
)

CASES: dict[str, Case] = {
    "apply": (
        "firm/apply.html",
        "/apply",
        firm.Apply(
            (
                firm.ProductChoice(
                    "a",
                    Words("开票贷", "Invoice loan"),
                    HARBOUR,
                    "yes",
                    96_800_000,
                    Decimal("388.1"),
                    ("firm", "owner"),
                    ("interest_first", "revolving"),
                    10_000_000,
                    100_000_000,
                    3,
                ),
                firm.ProductChoice(
                    "b",
                    Words("税易贷", "Tax loan"),
                    TOWER,
                    "yes",
                    60_000_000,
                    Decimal("428.2"),
                    ("firm",),
                    ("equal_instalments",),
                    10_000_000,
                    80_000_000,
                    5,
                    (
                        (
                            Words("给钟楼银行的征信查询授权书", "bureau query document for Bell Tower Bank"),
                            "/authorise/new/bank_query",
                        ),
                    ),
                ),
                firm.ProductChoice(
                    "c", Words("稳岗贷", "Payroll loan"), ORCHARD, "unknown", None, None, (), ("bullet",), 5_000_000, 50_000_000
                ),
            ),
            (
                s.Choice("working_capital", Words("采购原材料", "Buying materials")),
                s.Choice("equipment", Words("购置设备", "Equipment")),
            ),
            form=s.Form({"amount": "abc", "months": "12"}, Words("“abc”不是金额", "“abc” is not an amount of money"), "amount"),
        ),
        "firm_owner",
    ),
    "apply_empty": ("firm/apply.html", "/apply", firm.Apply((), ()), "firm_owner"),
    "applications": (
        "firm/applications.html",
        "/applications",
        lending.Applications(
            (lending.NeedCard("need_1", 90_000_000, 12, Words("采购原材料", "Buying materials"), date(2025, 2, 24), ROWS, True),)
        ),
        "firm_owner",
    ),
    "applications_empty": ("firm/applications.html", "/applications", lending.Applications(), "firm_owner"),
    "application": (
        "firm/application.html",
        "/applications/application_1",
        lending.ApplicationPage(
            ROWS[0],
            12,
            Words("采购原材料", "Buying materials"),
            TIMELINE,
            CALL,
            ("2024 年购销合同", "近三月对账单"),
            "请补充 2024 年最大三笔购销合同，用于核实贷款用途。",
            date(2025, 3, 5),
            (),
            True,
        ),
        "firm_owner",
    ),
    "application_declined": (
        "firm/application.html",
        "/applications/application_3",
        lending.ApplicationPage(
            ROWS[2],
            12,
            Words("采购原材料", "Buying materials"),
            TIMELINE[:2],
            CALL,
            reasons=REASONS_NO,
            refused_by="bank",
            refusal="本次未能批准，抱歉。",
        ),
        "firm_owner",
    ),
    "offers": ("firm/offers.html", "/offers", lending.Offers(90_000_000, 12, (OFFER, OFFER_2), (WAIT,)), "firm_owner"),
    "offers_empty": ("firm/offers.html", "/offers", lending.Offers(pending=(WAIT,)), "firm_owner"),
    "accept": ("firm/accept.html", "/offers/offer_1", lending.Accept(OFFER, (TOWER, ORCHARD)), "firm_owner"),
    "loans": ("firm/loans.html", "/loans", lending.Loans((FACILITY,)), "firm_owner"),
    "loans_empty": ("firm/loans.html", "/loans", lending.Loans(), "firm_owner"),
    "loan": (
        "firm/loan.html",
        "/loans/draw_1",
        lending.LoanPage(
            FACILITY,
            DRAW,
            SCHEDULE,
            (lending.PaymentRow(date(2025, 3, 15), 4_243_000, 4_091_000, 152_000, 0, 0, "borrower"),),
            1_234,
        ),
        "firm_owner",
    ),
}
