"""Cases about asking, applying and documents. Each is a sentence about every bank that claims the verb."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.kit.errors import Refused
from backend.kit.policy import canonical, digest
from lender_adapters.conformance.steps import LETTER, applied
from lender_adapters.conformance.trial import FIRM, Trial
from lender_adapters.port import Closed, Decided, Document, DocumentsAsked, IndicationRequest, Received, pack
from lender_adapters.soundness import sound

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
    applied(trial)
    [exchange] = trial.exchanges
    assert (exchange.bank, exchange.verb, exchange.reference, exchange.status) == (trial.code, "submit", "app_1", 200)
    assert b"app_1" in exchange.request_bytes
    assert exchange.answer_bytes.startswith(b"HTTP/1.1 200")


def the_bank_receives_then_decides_once(trial: Trial) -> None:
    trial.plan(decision="approve")
    applied(trial)
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
    applied(trial)
    decided = trial.wait_for(Decided)
    assert not decided.approved
    assert decided.offer is None
    assert decided.words
    assert decided.reasons


# ---------------------------------------------------------------- supplement


def documents_asked_for_are_answered_and_then_it_decides(trial: Trial) -> None:
    trial.plan(decision="documents")
    applied(trial)
    asked = trial.wait_for(DocumentsAsked)
    assert asked.documents
    assert asked.words
    assert asked.answer_by > asked.on
    trial.lender.supplement("app_1", (Document("bank_statement", "流水.csv", b"a,b\n"),))
    assert trial.wait_for(Decided)


def documents_never_answered_close_the_application(trial: Trial) -> None:
    trial.plan(decision="documents")
    applied(trial)
    assert trial.wait_for(Closed).state == "expired"


def the_same_supplement_twice_is_one(trial: Trial) -> None:
    applied(trial)
    assert trial.lender.supplement("app_1", (LETTER,)) == trial.lender.supplement("app_1", (LETTER,))
    assert trial.book()["applications"][0]["documents"] == ["guarantee"]
