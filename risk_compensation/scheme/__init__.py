"""The scheme and its decisions: what a published file says, and what follows from it. Pure: no database, no book of its own.

Enters: a scheme file, dated and sourced; a loan; what a pool's book says when a rule asks it.
Leaves: terms in force on a day; who may enter, who bears what, what is paid first, when something stops.
Always holds: the parts of a loss add up to it, to the fen; every number says where it comes from.
"""

from risk_compensation.scheme.awards import Award, award, most_public_fen, public, shortened
from risk_compensation.scheme.checks import Check, Facts, check, claimable_on, covered_fen, guarantor_owes
from risk_compensation.scheme.conditions import Breaker, Trigger
from risk_compensation.scheme.loans import BookLoan
from risk_compensation.scheme.parts import PARTY_WORDS, PUBLIC, Excess, Limits, Mode, PartyKind, Size, Weighed
from risk_compensation.scheme.sharing import share_loss, share_recovery
from risk_compensation.scheme.standing import Kind, Names, Parties, Standing, Window
from risk_compensation.scheme.terms import FOLDER, Scheme, SchemeTerms, Worked, codes, scheme, terms_on, terms_still

__all__ = [
    "FOLDER",
    "PARTY_WORDS",
    "PUBLIC",
    "Award",
    "BookLoan",
    "Breaker",
    "Check",
    "Excess",
    "Facts",
    "Kind",
    "Limits",
    "Mode",
    "Names",
    "Parties",
    "PartyKind",
    "Scheme",
    "SchemeTerms",
    "Size",
    "Standing",
    "Trigger",
    "Weighed",
    "Window",
    "Worked",
    "award",
    "check",
    "claimable_on",
    "codes",
    "covered_fen",
    "guarantor_owes",
    "most_public_fen",
    "public",
    "scheme",
    "share_loss",
    "share_recovery",
    "shortened",
    "terms_on",
    "terms_still",
]
