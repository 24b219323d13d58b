"""The bank's desk: its cases, from the application to the drawn loan."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

from backend.kit.words import Words
from backend.portal.pages import desk
from backend.portal.pages import shared as s
from tests.portal.examples.shared import COSTS, FACTS, FIRM, HARBOUR, TIMELINE, TODAY, Case

CASE = desk.Case(
    "application_1", FIRM, Words("开票贷", "Invoice loan"), 90_000_000, 12, "submitted", date(2025, 2, 24), date(2025, 3, 7)
)
BANK_OFFER = desk.OfferSaid(50_000_000, 480, Decimal("541.2"), 12, date(2025, 3, 16), "accepted", COSTS[1:])

CASES: dict[str, Case] = {
    "bank": (
        "desk/bank.html",
        "/desk/bank",
        desk.BankDesk(
            HARBOUR,
            (
                CASE,
                desk.Case(
                    "a2",
                    "武汉江城食品有限公司",
                    Words("开票贷", "Invoice loan"),
                    30_000_000,
                    6,
                    "documents_asked",
                    date(2025, 2, 1),
                    date(2025, 2, 28),
                    True,
                ),
            ),
            (),
            (
                desk.LateDraw("draw_9", FIRM, 62_000_000, 94, "substandard"),
                desk.LateDraw("draw_8", FIRM, 62_000_000, 94, "substandard", date(2025, 2, 1)),
            ),
        ),
        "bank_officer",
    ),
    "bank_empty": ("desk/bank.html", "/desk/bank", desk.BankDesk(HARBOUR), "bank_officer"),
    "bank_case": (
        "desk/bank_case.html",
        "/desk/bank/application_1",
        desk.BankCase(
            CASE,
            "李文静",
            "湖北襄阳",
            "通用设备制造业",
            "equal_instalments",
            Words("采购原材料", "Buying materials"),
            FACTS[:1],
            TIMELINE,
            (Words("企业征信", "firm's bureau record"),),
            (("2024 年购销合同", "/desk/bank/application_1/documents/1"),),
            (Words("专精特新白名单", "Specialised firm whitelist"), "A"),
            loan=desk.BankLoan(),
            forms={
                "decide": s.Form({"outcome": "approve", "fee_title_0": "担保费"}, Words("请填写金额", "Give an amount"), "amount")
            },
        ),
        "bank_officer",
    ),
    "bank_case_contract": (
        "desk/bank_case.html",
        "/desk/bank/application_2",
        desk.BankCase(
            dataclasses.replace(CASE, state="accepted", answer_by=None),
            "李文静",
            "湖北襄阳",
            "通用设备制造业",
            "equal_instalments",
            Words("采购原材料", "Buying materials"),
            (),
            TIMELINE,
            may_decide=False,
            loan=desk.BankLoan(BANK_OFFER, may_contract=True, may_close=True, today=TODAY),
        ),
        "bank_officer",
    ),
    "bank_case_drawn": (
        "desk/bank_case.html",
        "/desk/bank/application_2",
        desk.BankCase(
            dataclasses.replace(CASE, state="drawn", answer_by=None),
            "李文静",
            "湖北襄阳",
            "通用设备制造业",
            "equal_instalments",
            Words("采购原材料", "Buying materials"),
            (),
            TIMELINE,
            may_decide=False,
            loan=desk.BankLoan(
                BANK_OFFER,
                desk.ContractSaid("HT-2025-017", 50_000_000, date(2025, 2, 20), date(2026, 2, 20), 480, 30_000_000),
                (
                    desk.DrawSaid(
                        "JJ-2025-017-1",
                        30_000_000,
                        27_500_000,
                        date(2025, 2, 21),
                        date(2026, 2, 21),
                        3,
                        "late",
                        ((date(2025, 2, 28), 2_620_000, "borrower"),),
                    ),
                ),
                "waiting",
                may_draw=True,
                may_repay=True,
                sources=(s.Choice("borrower", Words("企业", "The firm")),),
                today=TODAY,
            ),
            forms={"repaid": s.Form({"principal": "100"}, Words("各项合计不符", "The parts do not add up"), "principal")},
        ),
        "bank_officer",
    ),
    "bank_case_declined": (
        "desk/bank_case.html",
        "/desk/bank/application_2",
        desk.BankCase(
            dataclasses.replace(CASE, state="declined", answer_by=None),
            "李文静",
            "湖北襄阳",
            "通用设备制造业",
            "equal_instalments",
            Words("采购原材料", "Buying materials"),
            (),
            TIMELINE,
            may_decide=False,
            loan=desk.BankLoan(),
            refusal=("本次未能批准，抱歉。", ("成立以来流水不连续",)),
        ),
        "bank_officer",
    ),
}
