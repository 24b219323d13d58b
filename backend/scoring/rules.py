"""The rules of warnings and of the cards' monitoring of the form *one*, *only in state*, and what holds each.

>>> len({rule.name for rule in RULES}) == len(RULES)
True
"""

from __future__ import annotations

from backend.kit.rules import Rule
from backend.kit.words import Words

_STORY = "tests/scoring/test_two_at_once.py"

TASK_ANSWERED = Rule(
    "task_answered",
    Words("预警任务只在进行中答复", "a warning’s task is answered only while it runs"),
    ("lock firm",),
    "tests/concurrency::a warning task answered once",
)
ALERT_CLOSED = Rule(
    "alert_closed",
    Words("一条预警只关闭一次，其任务随之结束", "an alert is closed once, and its tasks end with it"),
    ("lock firm",),
    "tests/concurrency::a warning task answered once",
)
ONE_SWEEP = Rule(
    "one_sweep",
    Words("预警一日只扫描一次", "warnings are swept once a day"),
    ("lock party", "constraint pk_warning_sweeps"),
    f"{_STORY}::test_one_sweep",
)
ONE_LOOK = Rule(
    "one_look",
    Words("每张评分卡每月只检视一次", "each card is looked at once for a month"),
    ("lock party", "constraint pk_monitor_results"),
    f"{_STORY}::test_one_look",
)
RULES: tuple[Rule, ...] = (TASK_ANSWERED, ALERT_CLOSED, ONE_SWEEP, ONE_LOOK)
