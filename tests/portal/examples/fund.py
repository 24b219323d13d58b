"""The fund's desk: its claims in every act, and a pool."""

from __future__ import annotations

import dataclasses
from datetime import date

from backend.kit.words import Words
from backend.portal.pages import claims, desk
from backend.portal.pages import shared as s
from tests.portal.examples.shared import HARBOUR, ORCHARD, TIMELINE, TODAY, Case

CLAIM = desk.ClaimRow(
    "claim_1",
    "宁波海星渔具有限公司",
    HARBOUR,
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

CASES: dict[str, Case] = {
    "fund_maker": ("desk/fund.html", "/desk/fund", desk.FundDesk("maker", (POOL,), (CLAIM,), (CLAIM,)), "fund_maker"),
    "fund_checker": ("desk/fund.html", "/desk/fund", desk.FundDesk("checker", (POOL,)), "fund_checker"),
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
                (
                    (Words("担保机构 40%", "Guarantor 40 %"), 40_000_000),
                    (Words("基金 40%", "Fund 40 %"), 40_000_000),
                    (Words("银行 20%", "Bank 20 %"), 20_000_000),
                ),
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
                later={"nothing": "propose", "write_off": "claw_back"}.get(act, ""),
            ),
            "fund_maker",
        )
        for act in ("review", "approve", "instruct", "pay", "write_off", "nothing")
    },
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
