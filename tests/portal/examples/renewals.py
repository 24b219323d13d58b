"""Renewals without repayment: the firm's wish and the bank's answer."""

from __future__ import annotations

import dataclasses
from datetime import date

from backend.kit.words import Words
from backend.portal.pages import claims
from backend.portal.pages import shared as s
from tests.portal.examples.shared import FIRM, HARBOUR, Case

CONDITIONS = (
    claims.ConditionLine("yes", Words("本笔贷款无逾期（现逾期 0 天）", "nothing overdue on this loan (now 0 days)"), "platform"),
    claims.ConditionLine("unknown", Words("无欠税、欠缴社保", "no tax and no social insurance in arrears"), "platform"),
    claims.ConditionLine("unknown", Words("符合新发放贷款的标准", "meets the standards of a new loan"), "bank"),
    claims.ConditionLine("no", Words("贷款分类为正常", "the loan is classed normal"), "platform"),
)
RENEWAL = claims.RenewalCard(
    "draw_1", HARBOUR, 100_000_000, 100_000_000, date(2025, 4, 20), date(2025, 4, 19), "asked", "wish", CONDITIONS
)
DECIDED = dataclasses.replace(RENEWAL, id="draw_2", firm_words="订单稳定，申请续贷。", bank_words="经核查符合续贷条件。")

CASES: dict[str, Case] = {
    "renewals": (
        "firm/renewals.html",
        "/renewals",
        claims.Renewals(
            (
                RENEWAL,
                dataclasses.replace(DECIDED, state="renewed", act="nothing", cohort=date(2024, 4, 20)),
            ),
            "draw_1",
            s.Form({}, Words("请选择结论", "please choose an outcome"), ""),
        ),
        "firm_owner",
    ),
    "renewals_none": ("firm/renewals.html", "/renewals", claims.Renewals(), "firm_owner"),
    "renewal_desk": (
        "desk/renewals.html",
        "/desk/renewals",
        claims.Renewals(
            (
                dataclasses.replace(RENEWAL, who=FIRM, state="wanted", act="decide", firm_words="订单稳定，申请续贷。"),
                dataclasses.replace(DECIDED, who=FIRM, state="agreed", act="name"),
            ),
            "draw_1",
            s.Form({}, Words("请写明理由", "please give the reason"), "words"),
        ),
        "bank_officer",
    ),
    "renewal_desk_none": ("desk/renewals.html", "/desk/renewals", claims.Renewals(), "bank_officer"),
}
