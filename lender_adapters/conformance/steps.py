"""The steps that cases share: an application that has come so far."""

from __future__ import annotations

from lender_adapters.conformance.trial import Trial
from lender_adapters.port import Decided, Document, Drawn

LETTER = Document("guarantee", "担保函.pdf", b"%PDF-1.7 \x00\xff|\r\n")
CERTIFICATE = Document("pool_registration", "备案证明.txt", "备案".encode())


def applied(trial: Trial) -> None:
    trial.lender.submit(trial.a_submission())


def offered(trial: Trial) -> Decided:
    trial.plan(decision="approve", first_loan=True)
    applied(trial)
    decided = trial.wait_for(Decided)
    assert decided.approved
    assert decided.offer is not None
    return decided


def accepted(trial: Trial) -> Decided:
    decided = offered(trial)
    assert decided.offer is not None
    trial.lender.accept("app_1", decided.offer.offer_no)
    return decided


def drawn(trial: Trial) -> Drawn:
    accepted(trial)
    trial.lender.supplement("app_1", (LETTER,))
    trial.lender.supplement("app_1", (CERTIFICATE,))
    return trial.wait_for(Drawn)
