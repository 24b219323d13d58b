"""What moves a pool's money on a person's word: the lists of what waits, and the page of one proposal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from backend.kit.words import Words
from backend.portal.pages.shared import Form


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """state: a key under state.proposal. `what`: its kind; `about`: the firm or the pool; `on`: None where it takes effect on the
    day of the decision."""

    id: str
    what: Words
    about: Words | str
    fen: int
    receipt_no: str
    on: date | None
    by: Words | str
    proposed_on: date
    state: str


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """act: decide | withdraw | nothing, what this officer may do. `effects`: what booking it does. `words`: why; `decision`: by
    whom it was decided, when, in whose words."""

    row: ProposalRow
    pool: Words
    effects: tuple[tuple[Words, int], ...]
    act: str
    words: str = ""
    decision: tuple[Words | str, date, str] | None = None
    form: Form = field(default_factory=Form)
    no_form: Form = field(default_factory=Form)
