"""Warnings: what the firm sees, and what the desks of banks and guarantors do with them."""

from __future__ import annotations

import dataclasses
from datetime import date

from backend.kit.words import Words
from backend.portal.pages import shared as s
from backend.portal.pages import watching
from tests.portal.examples.shared import FIRM, HARBOUR, ORCHARD, Case

WARNED = watching.WarningCard(
    Words("近三个月开票销售额同比", "Invoiced sales of three months over a year"),
    "YELLOW",
    date(2025, 2, 21),
    Words(
        "-35.0%，阈值 -30.0%；2025年2月20日，来源：税务部门（发票）", "-35.0%, threshold -30.0%; 20 Feb 2025, source: tax office"
    ),
    Words("如实开具已实现的销售发票", "Invoice the sales you made"),
    told=(HARBOUR, ORCHARD),
)
TIED = dataclasses.replace(WARNED, title=Words("关联企业风险", "Trouble at a tied firm"), rests_on=None, told=(), firm=FIRM)
TASK = watching.WarningRow("task_1", FIRM, "RED", date(2025, 2, 24), True, WARNED)
OUTCOMES = (s.Choice("false_alarm", Words("误报", "a false alarm")), s.Choice("resolved", Words("已化解", "settled")))

CASES: dict[str, Case] = {
    "warnings": ("firm/warnings.html", "/warnings", watching.FirmWarnings((WARNED, TIED)), "firm_owner"),
    "warnings_none": ("firm/warnings.html", "/warnings", watching.FirmWarnings(), "firm_owner"),
    "warning_desk": (
        "desk/warnings.html",
        "/desk/warnings",
        watching.WarningDesk((TASK, dataclasses.replace(TASK, card=None, late=False, answered=OUTCOMES[0].label))),  # type: ignore[arg-type]
        "bank_officer",
    ),
    "warning_desk_none": ("desk/warnings.html", "/desk/warnings", watching.WarningDesk(), "bank_officer"),
    "warning_guarantor": ("desk/warnings.html", "/desk/warnings", watching.WarningDesk(seen=(TIED,)), "guarantor_officer"),
    "warning_task": (
        "desk/warning.html",
        "/desk/warnings/task_1",
        watching.WarningTaskPage(
            TASK, OUTCOMES, None, s.Form({"words": "ok"}, Words("请写明核查情况", "write down what you found"), "words")
        ),
        "bank_officer",
    ),
    "warning_task_hidden": (
        "desk/warning.html",
        "/desk/warnings/task_1",
        watching.WarningTaskPage(dataclasses.replace(TASK, card=None), OUTCOMES, "已电话核实"),
        "bank_officer",
    ),
}
