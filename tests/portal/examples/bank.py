"""The bank's desk: its cases, from the application to the drawn loan."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

from backend.kit.words import Words
from backend.portal.pages import bank_claims, desk
from backend.portal.pages import shared as s
from tests.portal.examples.shared import COSTS, FACTS, FIRM, HARBOUR, ORCHARD, TIMELINE, TODAY, Case

CASE = desk.Case(
    "application_1", FIRM, Words("开票贷", "Invoice loan"), 90_000_000, 12, "submitted", date(2025, 2, 24), date(2025, 3, 7)
)
BANK_OFFER = desk.OfferSaid(50_000_000, 480, Decimal("541.2"), 12, date(2025, 3, 16), "accepted", COSTS[1:])
WAITS = (ORCHARD, Words("补充材料", "bring papers"), date(2025, 3, 7))
SHARES = bank_claims.Sharing(
    (
        bank_claims.ShareLine(Words("基金承担", "The fund bears"), 18_600_000, 18_600_000),
        bank_claims.ShareLine(Words("银行承担", "The bank bears"), 43_400_000, 43_400_000),
    ),
    62_000_000,
    18_600_000,
    estimate=True,
)
CLASSED = bank_claims.TriggerLine(Words("五级分类为次级或更差", "classed substandard or worse"), "yes", date(2025, 2, 20))
CLAIM = bank_claims.BankClaim(
    "/desk/bank/application_2/pool",
    Words("深圳市贷款风险补偿资金池（30 %，知识产权 1：1）", "Shenzhen risk-compensation pool (30 %, IP pledges one to one)"),
    "claim",
    SHARES,
    (CLASSED,),
    starts_on=date(2025, 2, 20),
    ends_on=date(2025, 8, 22),
    today=TODAY,
)
PAPERS = (
    s.Choice("contract", Words("借款合同", "Loan contract")),
    s.Choice("other", Words("其他担保处置情况", "Realisation of other security"), Words("可不提供", "not required")),
)
PAID_SHARES = dataclasses.replace(
    SHARES,
    lines=(
        bank_claims.ShareLine(Words("基金承担", "The fund bears"), 18_600_000, 10_000_000, 2_000_000),
        bank_claims.ShareLine(Words("银行承担", "The bank bears"), 43_400_000, 52_000_000, 10_400_000),
    ),
    pool_fen=10_000_000,
    moved=((Words("银行", "bank"), 8_600_000),),
    payments=((date(2025, 2, 26), 10_000_000, "TG-2025-0226"),),
    estimate=False,
)
CLAIMS = {
    "not_late": dataclasses.replace(
        CLAIM, act="wait", late=False, triggers=(dataclasses.replace(CLASSED, held="unknown", on=None),), ends_on=None
    ),
    "too_early": dataclasses.replace(
        CLAIM,
        act="wait",
        triggers=(
            dataclasses.replace(CLASSED, held="no", on=date(2025, 4, 20)),
            bank_claims.TriggerLine(Words("法院已作出生效判决", "a court has given final judgment"), "unknown"),
        ),
        starts_on=date(2025, 4, 20),
        wait_days=90,
    ),
    "too_late": dataclasses.replace(CLAIM, act="wait", ends_on=date(2025, 2, 22), too_late=True),
    "may": CLAIM,
    "with_judgment": dataclasses.replace(
        CLAIM,
        papers=PAPERS,
        judgment=True,
        form=s.Form({"judgment_no": "1"}, Words("材料缺少：借款合同", "documents missing: loan contract")),
    ),
    "supply": dataclasses.replace(
        CLAIM,
        act="supply",
        triggers=(),
        state="supplement",
        waits_for=WAITS,
        asked="请补充催收记录。",
        papers=PAPERS,
        may_withdraw=True,
        timeline=TIMELINE[:1],
        withdraw_form=s.Form({}, Words("请写明理由", "please give the reason"), "withdraw_words"),
    ),
    "recover": dataclasses.replace(
        CLAIM, act="recover", triggers=(), state="recovering", sharing=PAID_SHARES, timeline=TIMELINE[:1]
    ),
}


def claiming(claim: bank_claims.BankClaim) -> desk.BankCase:
    """The page of a paid-out loan at a bank with a system of its own."""
    return desk.BankCase(
        dataclasses.replace(CASE, state="drawn", answer_by=None),
        "李文静",
        "湖北襄阳",
        "通用设备制造业",
        "interest_first",
        Words("采购原材料", "Buying materials"),
        (),
        TIMELINE,
        may_decide=False,
        own_system=True,
        claim=claim,
    )


CASES: dict[str, Case] = {
    **{
        f"bank_claim_{name}": ("desk/bank_case.html", "/desk/bank/application_2", claiming(claim), "bank_officer")
        for name, claim in CLAIMS.items()
    },
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
                desk.LateDraw("draw_7", FIRM, 62_000_000, 94, "substandard", None, False, "/desk/bank/application_2"),
            ),
            (
                bank_claims.BankClaimRow(
                    "/desk/bank/application_2", FIRM, 62_000_000, 18_600_000, 0, "supplement", date(2025, 2, 20), WAITS
                ),
                bank_claims.BankClaimRow(
                    "/desk/bank/application_3", FIRM, 62_000_000, 18_600_000, 0, "waits_for_money", date(2025, 2, 1)
                ),
                bank_claims.BankClaimRow(
                    "/desk/bank/application_4",
                    FIRM,
                    62_000_000,
                    18_600_000,
                    18_600_000,
                    "recovering",
                    date(2024, 12, 1),
                ),
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
