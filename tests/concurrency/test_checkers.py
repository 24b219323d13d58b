"""The checkers see what they are for: histories that break a rule are told, those that keep it are not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.concurrency import rules_claims, rules_consents, rules_money, rules_needs, rules_offers, rules_parties, rules_steps
from tests.concurrency.callers import NOBODY, Call, Told
from tests.concurrency.lending import LOSS, PART, WAN
from tests.concurrency.play import unlawful
from tests.concurrency.rules_pool import Claims


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


def test_a_payment_that_did_not_come_off_the_loan_is_told() -> None:
    paid = {"left": LOSS - 2 * WAN, "seqs": [1, 2], "paid": [WAN, WAN], "split": [WAN, WAN], "principal": 2 * WAN}
    assert list(rules_money.lost(paid)) == []
    assert list(rules_money.lost(paid | {"left": LOSS - WAN}))
    assert list(rules_money.lost(paid | {"seqs": [1, 1]}))
    assert list(rules_money.lost(paid | {"split": [WAN, 0]}))


def test_a_claim_that_is_approved_over_its_rejection_is_told() -> None:
    rule, one = rules_claims.ApproveAgainstReject(), Claims("p", ("c",))
    approve, reject = told("approve", 0, 1, 200), told("reject", 0, 1, 200)
    gone = [("reject", "under_review", "rejected"), ("reopen", "rejected", "overdue")]
    rejected = {"claim": "rejected", "loan": "overdue", "aside": 0, "promised": 0, "moves": gone}
    over = {"claim": "approved", "loan": "approved", "aside": PART, "promised": PART}
    assert list(rule.broken(one, [told("approve", 0, 1, 409), reject], rejected)) == []
    assert (
        list(rule.broken(one, [approve, told("reject", 0, 1, 503)], over | {"moves": [("approve", "under_review", "approved")]}))
        == []
    )
    assert list(rule.broken(one, [approve, reject], rejected))
    assert list(rule.broken(one, [approve, reject], over | {"moves": [*gone, ("approve", "under_review", "approved")]}))


def test_more_written_off_than_was_still_owed_is_told() -> None:
    rule, one = rules_claims.WriteOffAgainstRecovery(), rules_claims.Lost("p", "c", "l", ("r1", "r2"))
    back = Told(Call("confirm", "POST", "/api/fund/proposals/r2/confirm"), 0, 1, 200, {})
    off, share = told("write off", 0, 1, 200), 2 * WAN * PART // LOSS
    moves = [("recover_part", "write_off_applied", "write_off_applied"), ("write_off", "write_off_applied", "written_off")]
    book = {"state": "written_off", "receivable": 0, "written off": PART - share, "clearing": 0, "moves": moves}
    assert list(rule.broken(one, [back, off], book)) == []
    assert list(rule.broken(one, [back, off], book | {"receivable": -share, "written off": PART}))
    assert list(rule.broken(one, [back, off], book | {"moves": [*moves, moves[1]]}))


@pytest.mark.parametrize(("seen", "late"), [(["a", "b"], False), (["a"], True)])
def test_a_loan_that_is_not_there_yet_when_the_stop_is_answered_is_told(seen: list[str], late: bool) -> None:
    rule, one = rules_claims.GuarantorStands(), rules_claims.Pools("g", "p1", "p2")
    history = [
        told("register", 0, 1, 200, about="a"), told("register", 0, 3, 200, about="b"), told("stop", 0, 2, 200),
        told("look", 2, 2.5, 200, seen),
    ]  # fmt: skip
    assert bool(list(rule.broken(one, history, {"moves": ["paused"], "loans": ["a", "b"]}))) == late
    assert list(rule.broken(one, history[:3], {"moves": ["paused", "open"], "loans": ["a", "b"]}))


@pytest.mark.parametrize(("began", "seen", "late"), [(2.0, 0, True), (1.5, 0, False), (2.0, 1, False)])
def test_a_record_stored_after_the_withdrawal_is_told(began: float, seen: int, late: bool) -> None:
    one = rules_steps.Fetched(PAPER, None, {}, None)  # type: ignore[arg-type]  # the checker asks neither
    history = [REVOKED, told("look", began, 3.0, 200, {"raw_records": seen, "facts": 0})]
    found = {"raw_records": 1, "facts": 25, "consent": "revoked"}
    assert bool(list(rules_steps.RevokeAgainstGather().broken(one, history, found))) == late


def test_a_step_done_by_two_workers_is_told() -> None:
    rule, one = rules_steps.LeasedOnce(), rules_steps.Sent(None, None, ("a",))  # type: ignore[arg-type]  # the same
    once = {"arrivals": [1], "steps": [("done", 1)]}
    history = [told("work", 0, 1, 200, 1), told("work", 0, 1, 200, 0)]
    assert list(rule.broken(one, history, once)) == []
    assert list(rule.broken(one, history, once | {"arrivals": [2]}))
    assert list(rule.broken(one, [history[0]] * 2, once))
