"""Whatever the port can say comes back the same through each bank's bytes; what a dialect cannot say never leaves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings

from backend.kit.errors import Garbled, Refused
from lender_adapters import port
from lender_adapters.bell_tower_bank import wire as bell
from lender_adapters.dialect import from_tree, to_tree
from lender_adapters.harbour_bank import wire as harbour
from lender_adapters.orchard_bank import wire as orchard
from tests.lender_adapters import makers

KEY = bytes(range(32))
PROPERTY = settings(max_examples=80, deadline=None)


@PROPERTY
@given(makers.MESSAGES)
def test_a_report_survives_json(message: port.Message) -> None:
    assert harbour.read_reports(harbour.reports((message, message))) == (message, message)


@PROPERTY
@given(makers.MESSAGES)
def test_a_report_survives_xml_in_gb18030(message: port.Message) -> None:
    opened = bell.read(bell.write("LN1003", "S1", bell.reports((message, message)), ret="0000", words="好"))
    assert bell.read_reports(opened.body) == (message, message)
    assert (opened.tran, opened.serial, opened.ret, opened.words) == ("LN1003", "S1", "0000", "好")


@PROPERTY
@given(makers.MESSAGES)
def test_a_report_survives_a_file(message: port.Message) -> None:
    assert orchard.read(orchard.write("20250103.txt", [message, message], KEY), "20250103.txt", KEY) == (message, message)


@PROPERTY
@given(makers.SUBMISSIONS)
def test_a_submission_survives_every_dialect(submission: port.Submission) -> None:
    body = harbour.dumps(to_tree(submission, harbour.STYLE))
    assert from_tree(port.Submission, harbour.loads(body), harbour.STYLE) == submission
    opened = bell.read(bell.write("LN1002", "S1", to_tree(submission, bell.STYLE)))
    assert from_tree(port.Submission, opened.body, bell.STYLE) == submission
    assert orchard.read(orchard.write("SUBMIT.txt", [submission], KEY), "SUBMIT.txt", KEY) == (submission,)


@pytest.mark.parametrize("wire", [harbour, bell, orchard])
@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (-123456, "fen"),
        (0, "fen"),
        (-350, "bp"),
        (True, ""),
        (date(2019, 5, 6), ""),
        (Decimal("0.3170"), ""),
        ([{"a": "鼎|"}], ""),
    ],
)
def test_a_fact_keeps_its_type(wire: object, value: object, unit: str) -> None:
    fact = port.HandedFact("some_fact", value, unit, date(2025, 1, 2), "税务")
    style = wire.STYLE  # type: ignore[attr-defined]
    read = from_tree(port.HandedFact, to_tree(fact, style), style)
    assert read == fact
    assert type(read.value) is type(value)


@pytest.mark.parametrize("value", [1.5, None, {"a": 1}, b"x"])
def test_a_fact_that_no_bank_can_read_never_leaves(value: object) -> None:
    with pytest.raises(Refused) as caught:
        to_tree(port.HandedFact("some_fact", value, "", date(2025, 1, 2), "税务"), harbour.STYLE)
    assert caught.value.code == "unsayable"


SAY = {
    "bell": lambda message: bell.write("LN1003", "S1", bell.reports((message,))),
    "orchard": lambda message: orchard.write("20250102.txt", [message], KEY),
    "harbour": lambda message: harbour.reports((message,)),
}


@pytest.mark.parametrize(
    ("bank", "text"), [("bell", "a\x00b"), ("bell", "a\ufffe"), ("bell", "\ud800"), ("orchard", "\ud800"), ("harbour", "\ud800")]
)
def test_a_character_that_a_dialect_lacks_never_leaves(bank: str, text: str) -> None:
    message = port.Closed("m", "a", date(2025, 1, 2), "expired", text)
    with pytest.raises(Refused) as caught:
        SAY[bank](message)
    assert caught.value.code == "unsayable"


def _tree(**changes: object) -> dict[str, object]:
    paid = port.Repaid("m", "a", date(2025, 2, 20), "D1", "P1", date(2025, 2, 20), 100, 0, 0, 1, 99, "borrower")
    return {"kind": "REPAID"} | to_tree(paid, harbour.STYLE) | changes


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"amountYuan": 1}, "amountYuan"),
        ({"amountYuan": "1"}, "amountYuan"),
        ({"amountYuan": "1.000"}, "amountYuan"),
        ({"amountYuan": "-1.00"}, "amountYuan"),
        ({"amountYuan": "１.００"}, "amountYuan"),
        ({"amountYuan": "1e2"}, "amountYuan"),
        ({"amountYuan": None}, "amountYuan"),
        ({"paidOn": "2025-2-20"}, "paidOn"),
        ({"paidOn": "20250220"}, "paidOn"),
        ({"paidOn": "2025-02-30"}, "paidOn"),
        ({"source": "THIEF"}, "source"),
        ({"source": "borrower"}, "source"),
        ({"drawNo": 7}, "drawNo"),
        ({"drawNo": ["x"]}, "drawNo"),
        ({"kind": "UNHEARD_OF"}, "kind"),
        ({"principalYuan": "0.98"}, "add up"),
    ],
)
def test_a_field_that_is_not_as_this_bank_writes_it_is_garbled(changes: dict[str, object], place: str) -> None:
    with pytest.raises(Garbled) as caught:
        harbour.read_reports(harbour.dumps({"reports": [_tree(**changes)]}))
    assert place in str(caught.value)


def test_a_field_that_the_bank_added_is_left_alone() -> None:
    [message] = harbour.read_reports(harbour.dumps({"reports": [_tree(branchCode="0301")]}))
    assert isinstance(message, port.Repaid)
