"""The port's messages survive an inbox, and a message that contradicts itself is found out."""

from __future__ import annotations

import json
from datetime import date

from hypothesis import given, settings

from lender_adapters import port
from lender_adapters.soundness import sound
from tests.lender_adapters import makers


@settings(max_examples=60, deadline=None)
@given(makers.MESSAGES)
def test_a_message_kept_as_json_comes_back_the_same(message: port.Message) -> None:
    assert port.unpack(json.loads(json.dumps(port.pack(message)))) == message


def test_a_schedule_that_does_not_repay_the_draw_is_unsound() -> None:
    line = port.DueLine(1, date(2025, 2, 20), 90, 1)
    head = ("m", "a", date(2025, 1, 20), "C1", "D1", 100, date(2025, 1, 20), date(2025, 2, 20))
    drawn = port.Drawn(*head, 360, 540, "bullet", "act/360", (line,))
    assert sound(drawn) == ["draw D1: its schedule repays 90 fen, not 100"]


def test_a_decline_with_an_offer_is_unsound() -> None:
    offer = port.OfferTerms("O1", 100, 360, 12, "bullet", "act/360", (), date(2025, 2, 1))
    decided = port.Decided("m", "a", date(2025, 1, 20), False, "未通过", (), offer)
    assert sound(decided) == ["declined, and yet an offer"]
