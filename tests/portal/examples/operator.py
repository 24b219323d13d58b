"""The operator's desk."""

from __future__ import annotations

from backend.kit.words import Words
from backend.portal.pages import desk
from tests.portal.examples.shared import HARBOUR, ORCHARD, TOWER, Case, at

CASES: dict[str, Case] = {
    "operator": (
        "desk/operator.html",
        "/desk/operator",
        desk.OperatorDesk(
            (
                desk.BankHealth(HARBOUR, "up", at(2025, 3, 1, 9, 0), 0, 0),
                desk.BankHealth(TOWER, "down", at(2025, 2, 28, 22, 0), 4, 7, "bell_tower_bank", 2, at(2025, 2, 28, 23, 0)),
                desk.BankHealth(ORCHARD, "never", None, 0, 0),
            ),
            3,
            1,
            (
                desk.StepRow(
                    "step_1", Words("把申请送往钟楼银行", "Send an application to Bell Tower Bank"), 8, None, "连接超时", True
                ),
                desk.StepRow(
                    "step_2",
                    Words("取钟楼银行的进度", "Ask Bell Tower Bank for progress"),
                    2,
                    at(2025, 3, 1, 9, 30),
                    "连接超时",
                    False,
                ),
            ),
            ("钟楼银行的一条应答无法解析，已原样保存",),
            at(2025, 3, 1, 9, 15),
            True,
        ),
        "operator",
    ),
}
