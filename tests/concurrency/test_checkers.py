"""The checkers see what they are for: histories that break a rule are told, those that keep it are not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.concurrency import rules_consents, rules_needs, rules_offers, rules_parties
from tests.concurrency.callers import NOBODY, Call, Told
from tests.concurrency.play import unlawful


def told(what: str, began: float, ended: float, status: int, body: Any = None, *, about: Any = None, **headers: str) -> Told:
    return Told(Call(what, "POST", "/", about=about), began, ended, status, body, headers)


REVOKED = told("revoke", 1.0, 2.0, 200, {"state": "revoked"}, about="c1")
PAPER = rules_consents.Paper(NOBODY, "c1", application="a1")


@pytest.mark.parametrize(
    ("history", "state", "breaks"),
    [
        ([REVOKED], "revoked", []),
        ([REVOKED], "signed", ["withdrawn and still live"]),
        ([REVOKED, told("sign", 2.5, 3.0, 200, {})], "revoked", ["signed after"]),
        ([REVOKED, told("sign", 1.5, 3.0, 200, {})], "revoked", []),
        ([told("revoke", 1.0, 2.0, 409)], "signed", []),
    ],
)
def test_a_consent_that_is_live_after_it_was_withdrawn_is_told(history: list[Told], state: str, breaks: list[str]) -> None:
    book = {"state": state, "log": ["consent.drafted"]}
    found = list(rules_consents.RevokeAgainstSign().broken(PAPER, history, book))
    assert [each.startswith(start) for each, start in zip(found, breaks, strict=True)] == [True] * len(breaks)


def test_a_reading_that_began_after_the_withdrawal_was_answered_is_told_and_one_that_overlaps_is_not() -> None:
    rule, book = rules_consents.RevokeAgainstRead(), {"state": "revoked", "read": 403}
    assert list(rule.broken(PAPER, [REVOKED, told("read", 1.9, 2.4, 200)], book)) == []
    assert len(list(rule.broken(PAPER, [REVOKED, told("read", 2.0, 2.4, 200)], book))) == 1


def test_two_needs_and_an_acknowledged_one_that_is_not_there_are_told() -> None:
    rule = rules_needs.OneOpenNeed()
    yes, no = told("apply", 0, 1, 201, {"id": "n1"}, about=10), told("apply", 0, 1, 409, {}, about=11)
    one = {"needs": [("n1", 10)], "applications": 1, "steps": 1}
    assert list(rule.broken(NOBODY, [yes, no], one)) == []
    assert list(rule.broken(NOBODY, [yes, no], one | {"needs": [("n1", 10), ("n2", 11)], "applications": 2}))
    assert list(rule.broken(NOBODY, [yes, no], one | {"needs": [("n2", 11)]}))


def test_an_order_that_cannot_have_happened_is_told() -> None:
    rule, one = rules_offers.AcceptAgainstWithdraw(), rules_offers.Offered(NOBODY, ("a1",), ("o1",))
    accept, withdraw = told("accept", 0, 1, 200), told("withdraw", 0, 1, 200)
    book = {"state": "withdrawing", "events": ["firm_accepted", "firm_withdrew"], "offers": {}, "accepts": 1}
    assert list(rule.broken(one, [accept, withdraw], book)) == []
    assert list(rule.broken(one, [accept, withdraw], book | {"events": ["firm_withdrew"]}))
    assert list(rule.broken(one, [accept, withdraw], book | {"events": ["firm_withdrew", "firm_accepted"]}))
    assert list(rule.broken(one, [accept, withdraw], book | {"state": "accepted"}))


def test_six_guesses_looked_at_and_none_counted_are_told() -> None:
    rule = rules_parties.GuessesCounted()
    five = [told("guess", 0, 1, 401)] * 5 + [told("guess", 0, 1, 429)] * 19
    assert list(rule.broken(NOBODY, five, 429)) == []
    assert list(rule.broken(NOBODY, [*five, told("guess", 0, 1, 401)], 429))
    assert list(rule.broken(NOBODY, five, 201))


@pytest.mark.parametrize(
    ("status", "headers", "lawful"),
    [(500, {}, False), (0, {}, False), (503, {}, False), (503, {"retry-after": "1"}, True), (409, {}, True), (405, {}, False)],
)
def test_what_nobody_may_be_answered_is_told(status: int, headers: dict[str, str], lawful: bool) -> None:
    assert (list(unlawful([told("any", 0, 1, status, **headers)], {})) == []) == lawful
