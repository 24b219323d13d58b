"""The fund's page of one claim, and the renewal desk of firm and bank."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from backend.kit.words import Words
from backend.portal.pages.bank_claims import Sharing
from backend.portal.pages.desk import Check, ClaimRow
from backend.portal.pages.money import ProposalRow
from backend.portal.pages.shared import Choice, Form, Happening


@dataclass(frozen=True, slots=True)
class PaperLine:
    title: Words
    required: bool
    held: bool


@dataclass(frozen=True, slots=True)
class EvidenceDraw:
    """What the bank reported of one draw. `payments`: day, amount, source."""

    draw_no: str
    amount_fen: int
    value_date: date
    days_late: int
    class_: str
    payments: tuple[tuple[date, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ClockLine:
    """Whom the claim waits for, for what, since when."""

    party: Words | str
    act: Words
    since: date


@dataclass(frozen=True, slots=True)
class SignedList:
    """What the fund checked at registration; `signed_on` is None until its signature is there."""

    checked: tuple[Words, ...]
    signed_on: date | None
    signer: str
    genuine: bool


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """act: review | approve | instruct | pay | write_off | nothing. later: propose, claw_back, reject; `refused`: which of them
    comes back with its sentence. due_fen: what is set aside: the custody bank is instructed to pay it, and its receipt says it.
    `judgment` is empty where there is none. `money`: what waits for the fund's other hand."""

    claim: ClaimRow
    act: str
    judgment: str
    judged_on: date | None
    checks: tuple[Check, ...]
    today: tuple[Check, ...]
    sharing: Sharing
    papers: tuple[PaperLine, ...]
    evidence: tuple[EvidenceDraw, ...]
    clock: ClockLine | None
    signed: SignedList
    reasons: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    later: tuple[str, ...] = ()
    due_fen: int = 0
    money: tuple[ProposalRow, ...] = ()
    refused: str = ""
    duty: str = ""  # where the due-diligence file of the loan is
    form: Form = field(default_factory=Form)
    later_form: Form = field(default_factory=Form)

    def form_of(self, name: str) -> Form:
        """The form of what may be done besides, with its sentence if it was just refused."""
        return self.later_form if self.refused == name else Form()


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """held: yes | no | unknown; knows: platform | bank | firm."""

    held: str
    words: Words
    knows: str


@dataclass(frozen=True, slots=True)
class RenewalCard:
    """One draw that matures soon. state: a key under state.renewal. act: wish | decide | name | nothing."""

    id: str
    who: Words | str
    amount_fen: int
    outstanding_fen: int
    matures_on: date
    answer_by: date
    state: str
    act: str
    conditions: tuple[ConditionLine, ...]
    firm_words: str = ""
    bank_words: str = ""
    cohort: date | None = None


@dataclass(frozen=True, slots=True)
class Renewals:
    """`refused`: the draw whose form comes back with its sentence."""

    cards: tuple[RenewalCard, ...] = ()
    refused: str = ""
    form: Form = field(default_factory=Form)

    def form_of(self, name: str) -> Form:
        return self.form if self.refused == name else Form()
