"""The suites, one list of cases per verb. A case is a sentence about every bank that claims the verb.

Cases see only the port and the trial; none knows a dialect. They are kept as plain functions so that a bank's engineer may call
them from any test runner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.kit.errors import Refused, Unreachable
from backend.kit.policy import canonical, digest
from lender_adapters.conformance.trial import FIRM, Trial
from lender_adapters.port import (
    Closed,
    ContractSigned,
    Decided,
    Document,
    DocumentsAsked,
    Drawn,
    IndicationRequest,
    Message,
    Received,
    Repaid,
    Verb,
    pack,
    sound,
)

Case = Callable[[Trial], None]
LETTER = Document("guarantee", "担保函.pdf", b"%PDF-1.7 \x00\xff|\r\n")
CERTIFICATE = Document("pool_registration", "备案证明.txt", "备案".encode())


def _applied(trial: Trial) -> None:
    trial.lender.submit(trial.a_submission())


def _offered(trial: Trial) -> Decided:
    trial.plan(decision="approve", first_loan=True)
    _applied(trial)
    decided = trial.wait_for(Decided)
    assert decided.approved
    assert decided.offer is not None
    return decided


def _accepted(trial: Trial) -> Decided:
    decided = _offered(trial)
    assert decided.offer is not None
    trial.lender.accept("app_1", decided.offer.offer_no)
    return decided


def _drawn(trial: Trial) -> Drawn:
    _accepted(trial)
    trial.lender.supplement("app_1", (LETTER,))
    trial.lender.supplement("app_1", (CERTIFICATE,))
    return trial.wait_for(Drawn)


# ---------------------------------------------------------------- indicate


def an_indication_is_given_and_leaves_no_trace(trial: Trial) -> None:
    asked = trial.a_submission()
    told = trial.lender.indicate(IndicationRequest(asked.product, asked.amount_fen, 12, asked.facts))
    assert told.product == asked.product
    assert told.limit_fen
    assert told.rate_bp
    assert told.words
    assert trial.book()["applications"] == []


def an_unknown_product_is_refused_in_the_banks_words(trial: Trial) -> None:
    with pytest.raises(Refused) as caught:
        trial.lender.indicate(IndicationRequest("no_such_loan", 1_000_000, 12))
    assert caught.value.code == "unknown_product"
    assert caught.value.words.zh


# ---------------------------------------------------------------- submit


def what_arrives_is_what_was_sent(trial: Trial) -> None:
    sent = trial.a_submission()
    receipt = trial.lender.submit(sent)
    assert receipt.reference == sent.reference
    [kept] = trial.book()["applications"]
    assert kept["firm_name"] == FIRM.name
    assert kept["digest"] == digest(canonical(pack(sent)))


def the_same_application_twice_is_one(trial: Trial) -> None:
    sent = trial.a_submission()
    assert trial.lender.submit(sent) == trial.lender.submit(sent)
    [kept] = trial.book()["applications"]
    assert kept["arrivals"] == 2


def another_application_under_the_same_reference_is_refused(trial: Trial) -> None:
    sent = trial.a_submission()
    trial.lender.submit(sent)
    with pytest.raises(Refused) as caught:
        trial.lender.submit(replace(sent, amount_fen=sent.amount_fen + 1))
    assert caught.value.code in ("reference_reused", "name_reused")
    assert [kept["amount_fen"] for kept in trial.book()["applications"]] == [sent.amount_fen]


def an_application_for_an_unknown_product_is_refused(trial: Trial) -> None:
    with pytest.raises(Refused) as caught:
        trial.lender.submit(trial.a_submission(product="no_such_loan"))
    assert caught.value.code == "unknown_product"
    assert trial.book()["applications"] == []


def a_reference_that_no_dialect_carries_never_leaves(trial: Trial) -> None:
    for reference in ("", "a/b", "申请", "a b", "x" * 65, "../x"):
        with pytest.raises(Refused) as caught:
            trial.lender.submit(trial.a_submission(reference))
        assert caught.value.code == "unsayable"
    assert trial.exchanges == []


def every_exchange_is_recorded_verbatim(trial: Trial) -> None:
    _applied(trial)
    [exchange] = trial.exchanges
    assert (exchange.bank, exchange.verb, exchange.reference, exchange.status) == (trial.code, "submit", "app_1", 200)
    assert b"app_1" in exchange.request_bytes
    assert exchange.answer_bytes.startswith(b"HTTP/1.1 200")


def the_bank_receives_then_decides_once(trial: Trial) -> None:
    trial.plan(decision="approve")
    _applied(trial)
    decided = trial.wait_for(Decided)
    assert decided.approved
    assert decided.words
    assert decided.offer is not None
    assert decided.offer.valid_until > decided.on
    trial.pass_days(5)
    heard = trial.hear()
    assert [type(message) for message in heard] == [Received, Decided]
    assert all(sound(message) == [] for message in heard)


def a_decline_carries_words_and_reasons_and_no_offer(trial: Trial) -> None:
    trial.plan(bureau="overdue")
    _applied(trial)
    decided = trial.wait_for(Decided)
    assert not decided.approved
    assert decided.offer is None
    assert decided.words
    assert decided.reasons


# ---------------------------------------------------------------- supplement


def documents_asked_for_are_answered_and_then_it_decides(trial: Trial) -> None:
    trial.plan(decision="documents")
    _applied(trial)
    asked = trial.wait_for(DocumentsAsked)
    assert asked.documents
    assert asked.words
    assert asked.answer_by > asked.on
    trial.lender.supplement("app_1", (Document("bank_statement", "流水.csv", b"a,b\n"),))
    assert trial.wait_for(Decided)


def documents_never_answered_close_the_application(trial: Trial) -> None:
    trial.plan(decision="documents")
    _applied(trial)
    assert trial.wait_for(Closed).state == "expired"


def the_same_supplement_twice_is_one(trial: Trial) -> None:
    _applied(trial)
    assert trial.lender.supplement("app_1", (LETTER,)) == trial.lender.supplement("app_1", (LETTER,))
    assert trial.book()["applications"][0]["documents"] == ["guarantee"]


# ---------------------------------------------------------------- accept


def an_accepted_offer_becomes_a_contract(trial: Trial) -> None:
    decided = _accepted(trial)
    signed = trial.wait_for(ContractSigned)
    assert decided.offer is not None
    assert (signed.limit_fen, signed.rate_bp) == (decided.offer.amount_fen, decided.offer.rate_bp)


def accepting_twice_signs_once(trial: Trial) -> None:
    decided = _accepted(trial)
    assert decided.offer is not None
    trial.lender.accept("app_1", decided.offer.offer_no)
    trial.wait_for(ContractSigned)
    trial.lender.accept("app_1", decided.offer.offer_no)
    trial.pass_days(5)
    assert len(trial.book()["contracts"]) == 1


def an_offer_the_bank_never_made_is_refused(trial: Trial) -> None:
    _offered(trial)
    with pytest.raises(Refused) as caught:
        trial.lender.accept("app_1", "XX999")
    assert caught.value.code == "unknown_offer"


def an_offer_not_accepted_expires_and_then_is_over(trial: Trial) -> None:
    decided = _offered(trial)
    assert decided.offer is not None
    trial.move_to(decided.offer.valid_until + timedelta(days=2))
    assert trial.wait_for(Closed).state == "expired"
    with pytest.raises(Refused) as caught:
        trial.lender.accept("app_1", decided.offer.offer_no)
    assert caught.value.code == "offer_over"


# ---------------------------------------------------------------- withdraw


def a_withdrawn_application_is_closed_and_never_decided(trial: Trial) -> None:
    _applied(trial)
    assert trial.lender.withdraw("app_1", "另选他行") == trial.lender.withdraw("app_1", "另选他行")
    assert trial.wait_for(Closed).state == "withdrawn"
    trial.pass_days(10)
    assert not [message for message in trial.hear() if isinstance(message, Decided)]


def after_the_contract_it_is_too_late_to_withdraw(trial: Trial) -> None:
    _accepted(trial)
    trial.wait_for(ContractSigned)
    with pytest.raises(Refused) as caught:
        trial.lender.withdraw("app_1", "另选他行")
    assert caught.value.code == "too_late"


def an_application_the_bank_does_not_know_is_refused(trial: Trial) -> None:
    with pytest.raises(Refused) as caught:
        trial.lender.withdraw("app_9", "另选他行")
    assert caught.value.code == "unknown_application"


# ---------------------------------------------------------------- reports, whichever way they come


def a_loan_is_drawn_and_repaid_to_the_fen(trial: Trial) -> None:
    drawn = _drawn(trial)
    assert drawn.first_loan is True
    assert drawn.penalty_bp == (drawn.rate_bp * 3 + 1) // 2
    trial.move_to(drawn.matures_on + timedelta(days=2))
    paid = [message for message in trial.hear() if isinstance(message, Repaid)]
    assert [(each.paid_on, each.principal_fen, each.interest_fen) for each in paid] == [
        (line.due_on, line.principal_fen, line.interest_fen) for line in drawn.schedule
    ]
    [booked] = trial.book()["draws"]
    assert booked["outstanding_fen"] == 0
    assert booked["interest_paid_fen"] == sum(each.interest_fen for each in paid)


def the_same_report_keeps_its_message_id(trial: Trial) -> None:
    _drawn(trial)
    heard = trial.hear()
    assert len({message.message_id for message in heard}) == len(heard)
    assert trial.hear() == heard


def _only(kind: type[Message], verb: str) -> Case:
    def reports_of_one_kind_answer_the_question(trial: Trial) -> None:
        drawn = _drawn(trial)
        trial.move_to(drawn.schedule[0].due_on + timedelta(days=1))
        told = getattr(trial.lender, verb)("app_1")
        assert told == tuple(message for message in trial.lender.status("app_1") if isinstance(message, kind))
        assert told

    return reports_of_one_kind_answer_the_question


def a_question_about_an_unknown_application_is_refused(trial: Trial) -> None:
    with pytest.raises(Refused) as caught:
        trial.lender.status("app_9")
    assert caught.value.code == "unknown_application"


def the_file_of_a_day_never_changes(trial: Trial) -> None:
    _applied(trial)
    trial.pass_days(1)
    first = trial.lender.collect(trial.day)
    assert [type(message) for message in first][:1] == [Received]
    trial.lender.submit(trial.a_submission("app_2"))
    assert trial.lender.collect(trial.day) == first
    trial.pass_days(1)
    assert "app_2" in {message.reference for message in trial.lender.collect(trial.day)}


def a_day_not_yet_closed_is_asked_for_again_later(trial: Trial) -> None:
    with pytest.raises(Unreachable) as caught:
        trial.lender.collect(trial.day + timedelta(days=1))
    assert caught.value.code == "not_yet"


def a_callback_that_is_not_the_banks_is_refused(trial: Trial) -> None:
    _offered(trial)
    headers, body = trial.pushed[-1]
    for wrong in ({}, dict(headers) | {"harbour-signature": "AAAA"}):
        with pytest.raises(Refused):
            trial.lender.callback(wrong, body)
    with pytest.raises(Refused):
        trial.lender.callback(headers, body.replace(b"app_1", b"app_2"))


def a_callback_pushed_twice_says_the_same(trial: Trial) -> None:
    _offered(trial)
    headers, body = trial.pushed[-1]
    assert trial.lender.callback(headers, body) == trial.lender.callback(headers, body)


CASES: dict[Verb, tuple[Case, ...]] = {
    "indicate": (an_indication_is_given_and_leaves_no_trace, an_unknown_product_is_refused_in_the_banks_words),
    "submit": (
        what_arrives_is_what_was_sent,
        the_same_application_twice_is_one,
        another_application_under_the_same_reference_is_refused,
        an_application_for_an_unknown_product_is_refused,
        a_reference_that_no_dialect_carries_never_leaves,
        every_exchange_is_recorded_verbatim,
        the_bank_receives_then_decides_once,
        a_decline_carries_words_and_reasons_and_no_offer,
    ),
    "supplement": (
        documents_asked_for_are_answered_and_then_it_decides,
        documents_never_answered_close_the_application,
        the_same_supplement_twice_is_one,
        a_loan_is_drawn_and_repaid_to_the_fen,
    ),
    "accept": (
        an_accepted_offer_becomes_a_contract,
        accepting_twice_signs_once,
        an_offer_the_bank_never_made_is_refused,
        an_offer_not_accepted_expires_and_then_is_over,
    ),
    "withdraw": (
        a_withdrawn_application_is_closed_and_never_decided,
        after_the_contract_it_is_too_late_to_withdraw,
        an_application_the_bank_does_not_know_is_refused,
    ),
    "status": (the_same_report_keeps_its_message_id, a_question_about_an_unknown_application_is_refused),
    "contract": (_only(ContractSigned, "contract"),),
    "draws": (_only(Drawn, "draws"),),
    "repayments": (_only(Repaid, "repayments"),),
    "collect": (
        the_file_of_a_day_never_changes,
        a_day_not_yet_closed_is_asked_for_again_later,
        the_same_report_keeps_its_message_id,
    ),
    "callback": (
        a_callback_that_is_not_the_banks_is_refused,
        a_callback_pushed_twice_says_the_same,
        the_same_report_keeps_its_message_id,
    ),
}
