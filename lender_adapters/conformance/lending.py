"""Cases about offers, contracts, loans and the ways reports come. Each is a sentence about every bank that claims the verb."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from backend.kit.errors import Refused, Unreachable
from lender_adapters.conformance.steps import accepted, applied, drawn, offered
from lender_adapters.conformance.trial import Trial
from lender_adapters.port import Closed, ContractSigned, Decided, Message, Received, Repaid

# ---------------------------------------------------------------- accept


def an_accepted_offer_becomes_a_contract(trial: Trial) -> None:
    decided = accepted(trial)
    signed = trial.wait_for(ContractSigned)
    assert decided.offer is not None
    assert (signed.limit_fen, signed.rate_bp) == (decided.offer.amount_fen, decided.offer.rate_bp)


def accepting_twice_signs_once(trial: Trial) -> None:
    decided = accepted(trial)
    assert decided.offer is not None
    trial.lender.accept("app_1", decided.offer.offer_no)
    trial.wait_for(ContractSigned)
    trial.lender.accept("app_1", decided.offer.offer_no)
    trial.pass_days(5)
    assert len(trial.book()["contracts"]) == 1


def an_offer_the_bank_never_made_is_refused(trial: Trial) -> None:
    offered(trial)
    with pytest.raises(Refused) as caught:
        trial.lender.accept("app_1", "XX999")
    assert caught.value.code == "unknown_offer"


def an_offer_not_accepted_expires_and_then_is_over(trial: Trial) -> None:
    decided = offered(trial)
    assert decided.offer is not None
    trial.move_to(decided.offer.valid_until + timedelta(days=2))
    assert trial.wait_for(Closed).state == "expired"
    with pytest.raises(Refused) as caught:
        trial.lender.accept("app_1", decided.offer.offer_no)
    assert caught.value.code == "offer_over"


# ---------------------------------------------------------------- withdraw


def a_withdrawn_application_is_closed_and_never_decided(trial: Trial) -> None:
    applied(trial)
    assert trial.lender.withdraw("app_1", "另选他行") == trial.lender.withdraw("app_1", "另选他行")
    assert trial.wait_for(Closed).state == "withdrawn"
    trial.pass_days(10)
    assert not [message for message in trial.hear() if isinstance(message, Decided)]


def after_the_contract_it_is_too_late_to_withdraw(trial: Trial) -> None:
    accepted(trial)
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
    loan = drawn(trial)
    assert loan.first_loan is True
    assert loan.penalty_bp == (loan.rate_bp * 3 + 1) // 2
    trial.move_to(loan.matures_on + timedelta(days=2))
    paid = [message for message in trial.hear() if isinstance(message, Repaid)]
    assert [(each.paid_on, each.principal_fen, each.interest_fen) for each in paid] == [
        (line.due_on, line.principal_fen, line.interest_fen) for line in loan.schedule
    ]
    [booked] = trial.book()["draws"]
    assert booked["outstanding_fen"] == 0
    assert booked["interest_paid_fen"] == sum(each.interest_fen for each in paid)


def the_same_report_keeps_its_message_id(trial: Trial) -> None:
    drawn(trial)
    heard = trial.hear()
    assert len({message.message_id for message in heard}) == len(heard)
    assert trial.hear() == heard


def only(kind: type[Message], verb: str) -> Callable[[Trial], None]:
    def reports_of_one_kind_answer_the_question(trial: Trial) -> None:
        loan = drawn(trial)
        trial.move_to(loan.schedule[0].due_on + timedelta(days=1))
        told = getattr(trial.lender, verb)("app_1")
        assert told == tuple(message for message in trial.lender.status("app_1") if isinstance(message, kind))
        assert told

    return reports_of_one_kind_answer_the_question


def a_question_about_an_unknown_application_is_refused(trial: Trial) -> None:
    with pytest.raises(Refused) as caught:
        trial.lender.status("app_9")
    assert caught.value.code == "unknown_application"


def the_file_of_a_day_never_changes(trial: Trial) -> None:
    applied(trial)
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
    offered(trial)
    headers, body = trial.pushed[-1]
    for wrong in ({}, dict(headers) | {"harbour-signature": "AAAA"}):
        with pytest.raises(Refused):
            trial.lender.callback(wrong, body)
    with pytest.raises(Refused):
        trial.lender.callback(headers, body.replace(b"app_1", b"app_2"))


def a_callback_pushed_twice_says_the_same(trial: Trial) -> None:
    offered(trial)
    headers, body = trial.pushed[-1]
    assert trial.lender.callback(headers, body) == trial.lender.callback(headers, body)
