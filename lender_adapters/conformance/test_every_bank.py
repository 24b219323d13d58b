"""Runs the suites: each registered bank, each verb its manifest claims; and each gap must really refuse."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from backend.kit.errors import Refused
from lender_adapters import registry
from lender_adapters.conformance.suites import CASES, Case
from lender_adapters.conformance.trial import Trial
from lender_adapters.port import IndicationRequest, Lender

CLAIMED = [
    pytest.param(code, case, id=f"{code}-{verb}-{case.__name__}")
    for code, spec in registry.lenders().items()
    for verb in spec.manifest.verbs
    for case in CASES[verb]
]
GAPS = [
    pytest.param(code, gap.verb, id=f"{code}-{gap.verb}")
    for code, spec in registry.lenders().items()
    for gap in spec.manifest.gaps
]
WORDS: dict[str, tuple[Any, ...]] = {
    "indicate": (IndicationRequest("p", 1, 1),),
    "collect": (date(2025, 1, 2),),
    "callback": ({}, b""),
}


@pytest.mark.parametrize(("code", "case"), CLAIMED)
def test_a_bank_keeps_what_its_manifest_claims(code: str, case: Case) -> None:
    with Trial.sandboxed(code) as trial:
        case(trial)


@pytest.mark.parametrize(("code", "verb"), GAPS)
def test_a_gap_refuses_and_gives_its_reason(code: str, verb: str) -> None:
    with Trial.sandboxed(code) as trial:
        with pytest.raises(Refused) as caught:
            getattr(trial.lender, verb)(*WORDS.get(verb, ("app_1",)))
        assert caught.value.code == "not_offered"
        assert trial.lender.manifest.reason(verb) in caught.value.words.en


@pytest.mark.parametrize("code", registry.lenders())
def test_an_adapter_fits_the_port(code: str) -> None:
    with Trial.sandboxed(code) as trial:
        assert isinstance(trial.lender, Lender)
        assert trial.lender.manifest.code == code
