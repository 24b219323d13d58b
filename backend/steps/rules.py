"""What is held when two workers come at once to one step, or two hands to the clock by which steps are due."""

from __future__ import annotations

from backend.kit.rules import Rule
from backend.kit.words import Words

_TESTS = "tests/concurrency"

ENQUEUED_ONCE = Rule(
    "enqueued_once",
    Words("同一种类和编号的步骤只写一次", "a step is written down once per kind and key"),
    ("constraint uq_steps_kind_key",),
    "tests/concurrency::a day planned once",
)
LEASED_ONCE = Rule(
    "leased_once",
    Words("一个步骤同时只由一个工作者处理", "a step is in one worker's hands at a time, and only its lease may change it"),
    ("lock step",),
    "tests/concurrency::a step in one worker's hands",
)
RECEIVED_ONCE = Rule(
    "received_once",
    Words("外来的同一消息只收一次", "a message from outside lies in the inbox once"),
    ("constraint uq_inbox_messages_source_message_id",),
    _TESTS,
)
ONWARD = Rule(
    "onward",
    Words("业务时间不倒退，时钟只设一次", "business time never goes back, and a clock is started once"),
    ("lock step",),
    "tests/steps/test_two_at_once.py::test_",
)

RULES = (ENQUEUED_ONCE, LEASED_ONCE, RECEIVED_ONCE, ONWARD)
