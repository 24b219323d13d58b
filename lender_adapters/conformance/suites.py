"""The suites: the cases of each verb. A bank must pass those of every verb its manifest claims.

Cases see only the port and the trial; none knows a dialect. They are plain functions, so that a bank's engineer may call
them from any test runner.
"""

from __future__ import annotations

from collections.abc import Callable

from lender_adapters.conformance import applying, lending
from lender_adapters.conformance.trial import Trial
from lender_adapters.port import ContractSigned, Drawn, Repaid, Verb

Case = Callable[[Trial], None]

CASES: dict[Verb, tuple[Case, ...]] = {
    "indicate": (applying.an_indication_is_given_and_leaves_no_trace, applying.an_unknown_product_is_refused_in_the_banks_words),
    "submit": (
        applying.what_arrives_is_what_was_sent,
        applying.the_same_application_twice_is_one,
        applying.another_application_under_the_same_reference_is_refused,
        applying.an_application_for_an_unknown_product_is_refused,
        applying.a_reference_that_no_dialect_carries_never_leaves,
        applying.every_exchange_is_recorded_verbatim,
        applying.the_bank_receives_then_decides_once,
        applying.a_decline_carries_words_and_reasons_and_no_offer,
    ),
    "supplement": (
        applying.documents_asked_for_are_answered_and_then_it_decides,
        applying.documents_never_answered_close_the_application,
        applying.the_same_supplement_twice_is_one,
        lending.a_loan_is_drawn_and_repaid_to_the_fen,
    ),
    "accept": (
        lending.an_accepted_offer_becomes_a_contract,
        lending.accepting_twice_signs_once,
        lending.an_offer_the_bank_never_made_is_refused,
        lending.an_offer_not_accepted_expires_and_then_is_over,
    ),
    "withdraw": (
        lending.a_withdrawn_application_is_closed_and_never_decided,
        lending.after_the_contract_it_is_too_late_to_withdraw,
        lending.an_application_the_bank_does_not_know_is_refused,
    ),
    "status": (lending.the_same_report_keeps_its_message_id, lending.a_question_about_an_unknown_application_is_refused),
    "contract": (lending.only(ContractSigned, "contract"),),
    "draws": (lending.only(Drawn, "draws"),),
    "repayments": (lending.only(Repaid, "repayments"),),
    "collect": (
        lending.the_file_of_a_day_never_changes,
        lending.a_day_not_yet_closed_is_asked_for_again_later,
        lending.the_same_report_keeps_its_message_id,
    ),
    "callback": (
        lending.a_callback_that_is_not_the_banks_is_refused,
        lending.a_callback_pushed_twice_says_the_same,
        lending.the_same_report_keeps_its_message_id,
    ),
}
