"""The fund's desk: its claims in every act, and a pool."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

from backend.kit.words import Words
from backend.portal.pages import bank_claims, claims, desk, money
from backend.portal.pages import shared as s
from tests.portal.examples.shared import HARBOUR, ORCHARD, TIMELINE, TODAY, Case

CLAIM = desk.ClaimRow(
    "claim_1",
    "宁波海星渔具有限公司",
    HARBOUR,
    Words("信达担保", "Xinda Guarantee"),
    Words("信达担保", "Xinda Guarantee"),
    100_000_000,
    40_000_000,
    "claim_submitted",
    date(2025, 2, 20),
    date(2025, 3, 6),
)
POOL = desk.PoolCard(
    "pool_1",
    Words("宁波融资担保代偿基金", "Ningbo guarantee compensation fund"),
    "open",
    5_000_000_000,
    12_000_000_000,
    300_000_000,
    37_700_000_000,
    40_000_000,
    11_200_000,
)
SHARING = bank_claims.Sharing(
    (
        bank_claims.ShareLine(Words("担保机构承担", "The guarantor bears"), 40_000_000, 40_000_000),
        bank_claims.ShareLine(Words("基金承担", "The fund bears"), 40_000_000, 40_000_000),
        bank_claims.ShareLine(Words("银行承担", "The bank bears"), 20_000_000, 20_000_000),
    ),
    100_000_000,
    40_000_000,
)
OF_A_BANK = dataclasses.replace(
    CLAIM, id="claim_2", bank=ORCHARD, claimant=ORCHARD, guarantor=None, share_fen=50_000_000, state="waits_for_money", until=None
)
WAITS = money.ProposalRow(
    "prop_1",
    Words("代偿付款回单", "Receipt of a payment"),
    "宁波海星渔具有限公司",
    40_000_000,
    "TG-2025-0301",
    date(2025, 3, 1),
    "沈宁",
    date(2025, 3, 1),
    "proposed",
)
PROPOSALS = {
    act: money.ProposalPage(
        dataclasses.replace(WAITS, state=state),
        POOL.title,
        ((Words("本笔申请累计已付", "Paid so far on this claim"), 40_000_000),),
        act,
        decision=decision,
    )
    for act, state, decision in (
        ("decide", "proposed", None),
        ("withdraw", "proposed", None),
        ("nothing", "declined", ("许静", date(2025, 3, 1), "流水中没有这笔")),
    )
}
CUT = bank_claims.Sharing(
    (
        bank_claims.ShareLine(Words("基金承担", "The fund bears"), 70_000_000, 50_000_000),
        bank_claims.ShareLine(Words("银行承担", "The bank bears"), 30_000_000, 50_000_000),
    ),
    100_000_000,
    50_000_000,
    ((Words("银行", "bank"), 20_000_000),),
    ((date(2025, 1, 20), 10_000_000, "TG-2025-0120"),),
    40_000_000,
)
INSURED = bank_claims.Sharing(
    (
        bank_claims.ShareLine(Words("保险公司承担", "The insurer bears"), 80_000_000, 80_000_000),
        bank_claims.ShareLine(Words("银行承担", "The bank bears"), 20_000_000, 20_000_000),
    ),
    100_000_000,
)
PUT_OFF = (
    date(2026, 1, 1),
    Words("当年净代偿率达到 5.00 %，下一年度再付", "the year’s ratio has reached 5.00 %; paid next year"),
)
PAYABLE = {"act": "instruct", "later": ("reject",), "due_fen": 50_000_000, "state": "approved"}
OF_BANK: dict[str, dict[str, Any]] = {
    "waits": {"sharing": CUT},
    "deferred": {"sharing": dataclasses.replace(CUT, payments=(), waits_fen=0, deferred=PUT_OFF), "state": "deferred"},
    "instruct": {**PAYABLE, "sharing": dataclasses.replace(CUT, payments=(), waits_fen=0)},
    "insured": {"sharing": INSURED, "act": "instruct", "state": "approved"},
    "insured_receipt": {"sharing": INSURED, "act": "pay", "state": "instructed"},
    "came_back": {
        "sharing": dataclasses.replace(
            CUT, lines=tuple(dataclasses.replace(each, back_fen=6_000_000) for each in CUT.lines), waits_fen=0
        ),
        "state": "part_recovered",
        "later": ("propose", "claw_back"),
    },
}


def of_bank(state: str = "waits_for_money", act: str = "nothing", **its: Any) -> claims.ClaimPage:
    """The claim of a bank, where there is neither guarantor nor judgment nor a published list of papers."""
    return claims.ClaimPage(
        claim=dataclasses.replace(OF_A_BANK, state=state),
        act=act,
        judgment="",
        judged_on=None,
        checks=(desk.Check(Words("五级分类须为次级及以下", "the loan must be classed substandard or worse"), True),),
        today=(desk.Check(Words("没有资金挪用记录", "no misuse is on record"), True),),
        papers=(),
        evidence=(),
        clock=None,
        signed=claims.SignedList((), None, "", False),
        reasons=(s.Choice("misuse", Words("贷款资金被挪用", "the money was used for something else")),),
        timeline=TIMELINE[:1],
        **its,
    )


YEARS = {
    "settle": desk.YearEnd("settle", 2024, 90_000_000, Words("担保机构", "guarantor"), 60_000_000, 3, may=True),
    "settle_whole": desk.YearEnd("settle", 2024, 90_000_000, Words("担保机构", "guarantor"), 90_000_000, 3),
    "settle_none": desk.YearEnd("settle", 2024, 0, Words("担保机构", "guarantor"), may=True),
    "excess": desk.YearEnd("excess", 2024, 25_000_000, Words("保险公司", "insurer"), may=True),
    "excess_waits": desk.YearEnd("excess", 2024, 25_000_000, Words("保险公司", "insurer")),
    "excess_none": desk.YearEnd("excess", 2024, 0, Words("保险公司", "insurer"), may=True),
    "excess_done": desk.YearEnd("excess", 2024, 0, Words("保险公司", "insurer"), done=True, may=True),
}

CASES: dict[str, Case] = {
    "fund_maker": ("desk/fund.html", "/desk/fund", desk.FundDesk("maker", (POOL,), (CLAIM,), (CLAIM,)), "fund_maker"),
    "fund_checker": ("desk/fund.html", "/desk/fund", desk.FundDesk("checker", (POOL,), money=(WAITS,)), "fund_checker"),
    **{
        f"claim_{act}": (
            "desk/claim.html",
            "/desk/fund/claims/claim_1",
            claims.ClaimPage(
                dataclasses.replace(CLAIM, late_days=3 if act == "review" else 0),
                act,
                "（2025）浙0203民初812号",
                date(2025, 2, 10),
                (
                    desk.Check(Words("放款前已登记", "registered before the draw"), True),
                    desk.Check(Words("六个月内提交", "filed within six months"), True),
                    desk.Check(Words("缺少催收记录", "collection records are missing"), False),
                ),
                (desk.Check(Words("没有资金挪用记录", "no misuse is on record"), True),),
                SHARING,
                (
                    claims.PaperLine(Words("生效判决书", "court judgment"), True, True),
                    claims.PaperLine(Words("三次以上催收记录", "three or more collection records"), True, False),
                    claims.PaperLine(Words("其他担保处置情况", "realisation of other security"), False, False),
                ),
                (
                    claims.EvidenceDraw(
                        "JJ-1", 100_000_000, date(2024, 6, 1), 188, "substandard", ((date(2024, 7, 20), 300_000, "borrower"),)
                    ),
                ),
                claims.ClockLine(Words("代偿基金", "The fund"), Words("初审", "review"), date(2025, 2, 20)),
                claims.SignedList(
                    (Words("放款前已入库", "the loan entered before its draw"),),
                    date(2024, 5, 28) if act != "pay" else None,
                    "代偿基金",
                    act != "instruct",
                ),
                (s.Choice("misuse", Words("贷款资金被挪用", "the money was used for something else")),),
                TIMELINE[:1],
                later={"nothing": ("propose", "claw_back"), "write_off": ("claw_back",), "instruct": ("reject",)}.get(act, ()),
                money=(WAITS,) if act == "instruct" else (),
                due_fen=40_000_000,
            ),
            "fund_maker",
        )
        for act in ("review", "approve", "instruct", "pay", "write_off", "nothing")
    },
    **{
        f"claim_of_bank_{name}": ("desk/claim.html", "/desk/fund/claims/claim_2", of_bank(**its), "fund_checker")
        for name, its in OF_BANK.items()
    },
    **{
        f"pool_year_{name}": (
            "desk/pool.html",
            "/desk/fund/pool/pool_1",
            desk.PoolPage(POOL, TODAY, (), year=year),
            "fund_checker",
        )
        for name, year in YEARS.items()
    },
    **{
        f"proposal_{act}": ("desk/proposal.html", "/desk/fund/proposals/prop_1", page, "fund_checker")
        for act, page in PROPOSALS.items()
    },
    "pool_pay_in": (
        "desk/pool.html",
        "/desk/fund/pool/pool_1",
        desk.PoolPage(POOL, TODAY, (), may_pay_in=True, money=(WAITS,)),
        "fund_maker",
    ),
    "pool": (
        "desk/pool.html",
        "/desk/fund/pool",
        desk.PoolPage(
            POOL,
            TODAY,
            (
                desk.BookLine(
                    date(2025, 2, 28),
                    Words("宁波海星渔具：代偿支付", "Haixing: compensation paid"),
                    Words("应收追偿", "Receivable from recovery"),
                    Words("专户现金", "Cash"),
                    40_000_000,
                ),
            ),
            ((Words("市财政局", "City treasury"), 5_000_000_000),),
            (s.Choice("", Words("整个资金池", "The whole pool")), s.Choice("harbour", HARBOUR)),
            (
                desk.PoolStop(
                    Words("信达担保", "Xinda Guarantee"),
                    "xinda",
                    "paused",
                    date(2025, 2, 28),
                    Words("净代偿率 6.00% 达到 5.00%", "the ratio of 6.00% reached 5.00%"),
                    Words("已追偿三笔，建议恢复", "Three recovered; let it go on"),
                    "reopen",
                ),
                desk.PoolStop(ORCHARD, "orchard", "warn", date(2025, 2, 28), Words("净代偿率 3.20%", "the ratio is 3.20%")),
            ),
        ),
        "fund_checker",
    ),
}
