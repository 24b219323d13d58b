"""The guarantor's desk: to decide, to pay, to claim."""

from __future__ import annotations

from datetime import date

from backend.kit.words import Words
from backend.portal.pages import desk
from backend.portal.pages import shared as s
from tests.portal.examples.shared import FACTS, FIRM, HARBOUR, TIMELINE, Case

G_CASE = desk.GuaranteeCase(
    "guarantee_1", FIRM, HARBOUR, Words("担保贷", "Guaranteed loan"), 100_000_000, 12, "waiting", date(2025, 3, 8)
)
G_LATE = desk.GuaranteeCase(
    "guarantee_2",
    "宁波海星渔具有限公司",
    HARBOUR,
    Words("担保贷", "Guaranteed loan"),
    100_000_000,
    12,
    "defaulted",
    date(2025, 4, 1),
    62_000_000,
    62_000_000,
    94,
)

CASES: dict[str, Case] = {
    "guarantor": (
        "desk/guarantor.html",
        "/desk/guarantor",
        desk.GuarantorDesk(Words("信达担保", "Xinda Guarantee"), (G_CASE,), (G_LATE,)),
        "guarantor_officer",
    ),
    "guarantee_decide": (
        "desk/guarantee.html",
        "/desk/guarantor/guarantee_1",
        desk.GuaranteePage(G_CASE, "decide", FACTS[:1], TIMELINE, 37_700_000_000),
        "guarantor_officer",
    ),
    "guarantee_pay": (
        "desk/guarantee.html",
        "/desk/guarantor/guarantee_2",
        desk.GuaranteePage(G_LATE, "pay", (), TIMELINE),
        "guarantor_officer",
    ),
    "guarantee_claim": (
        "desk/guarantee.html",
        "/desk/guarantor/guarantee_2",
        desk.GuaranteePage(
            G_LATE,
            "claim",
            (),
            TIMELINE,
            documents=(
                s.Choice("judgment", Words("生效判决书", "Final judgment")),
                s.Choice("contract", Words("借款合同", "Loan contract")),
            ),
        ),
        "guarantor_officer",
    ),
    "guarantee_nothing": (
        "desk/guarantee.html",
        "/desk/guarantor/guarantee_2",
        desk.GuaranteePage(G_LATE, "nothing", (), ()),
        "guarantor_officer",
    ),
}
