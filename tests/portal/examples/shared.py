"""What several desks' examples show: the day, three banks, one firm, its facts and costs, and who looks at a page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from backend.kit.clock import SHANGHAI
from backend.kit.words import Words
from backend.portal.pages import firm
from backend.portal.pages import shared as s

Case = tuple[str, str, Any, str | None]  # template, path, view-model, role
TODAY = date(2025, 3, 1)
HARBOUR = Words("港湾银行", "Harbour Bank")
TOWER = Words("钟楼银行", "Bell Tower Bank")
ORCHARD = Words("果园农商银行", "Orchard Rural Bank")
FIRM = "襄阳云梯精密机械有限公司"
CALL = Words("港湾银行小微企业部 027-5555-0101", "Harbour Bank small firms desk, 027-5555-0101")


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type]


WAIT = s.Wait(Words("港湾银行正在审核您的申请。", "Harbour Bank is looking at your application."), date(2025, 3, 7), CALL)
COSTS = (
    s.CostLine(Words("贷款利息", "Loan interest"), Words("企业", "Your firm"), 2_012_345, Words("每月", "monthly")),
    s.CostLine(
        Words("担保费（1%）", "Guarantee fee (1%)"), Words("企业", "Your firm"), 500_000, Words("放款时一次", "once, at payout")
    ),
    s.CostLine(Words("抵押评估费", "Appraisal"), Words("银行承担", "The bank"), 0),
)
TIMELINE = (
    s.Happening(at(2025, 2, 24, 10, 5), Words("您提交了申请", "You applied")),
    s.Happening(at(2025, 2, 24, 10, 6), Words("银行已收到", "The bank received it"), HARBOUR),
    s.Happening(
        at(2025, 2, 26, 15, 40),
        Words("银行要求补充材料", "The bank asked for documents"),
        HARBOUR,
        "请补充 2024 年最大三笔购销合同，用于核实贷款用途。",
        "now",
    ),
)
FACTS = (
    firm.FactGroup(
        Words("发票", "Invoices"),
        (
            firm.FactLine(
                Words("近 12 个月销售额", "Sales, last 12 months"),
                "1,234.56 万元",
                date(2025, 2, 28),
                Words("税务局", "Tax authority"),
            ),
            firm.FactLine(
                Words("最大客户占比", "Share of the largest customer"),
                "38.20%",
                date(2025, 2, 28),
                Words("税务局", "Tax authority"),
                doubts=(Words("两份记录不一致，采用较新的一份", "Two records differ; the newer is used"),),
            ),
        ),
    ),
    firm.FactGroup(
        Words("数据资产", "Data assets"),
        (
            firm.FactLine(
                Words("数据产权登记证", "Data rights certificates"),
                "2",
                date(2025, 2, 20),
                Words("数据登记平台", "Data registry"),
                explain=Words("有效证书才计入增信", "Only valid certificates count"),
                lines=("机床运行数据集 · 有效至 2027年6月1日", "刀具磨损数据集 · 有效至 2026年9月1日"),
            ),
        ),
    ),
)
WAYS = tuple(
    s.Choice(way, Words(zh, en))
    for way, zh, en in (("equal_instalments", "等额本息", "Equal instalments"), ("interest_first", "先息后本", "Interest first"))
)
WHO = {
    "firm_owner": FIRM,
    "bank_officer": "港湾银行 · 陈信贷员",
    "guarantor_officer": "信达担保",
    "fund_maker": "代偿基金 · 经办",
    "fund_checker": "代偿基金 · 复核",
    "whitelist_issuer": "市经信局",
    "operator": "信桥运营",
}
