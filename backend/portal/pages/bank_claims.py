"""Who bears what of a claim, for the fund's page and the bank's; and the bank's own claims on a pool."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from backend.kit.words import Words
from backend.portal.pages.money import ProposalRow
from backend.portal.pages.shared import Choice, Form, Happening


@dataclass(frozen=True, slots=True)
class ShareLine:
    """`ratio_fen`: by the scheme's ratio; `bears_fen`: after limits, collections and cash; `back_fen`: what came back."""

    who: Words
    ratio_fen: int
    bears_fen: int
    back_fen: int = 0


@dataclass(frozen=True, slots=True)
class Sharing:
    """`moved`: what limits, collections or cash leave to whom. `payments`: day, amount, receipt. `deferred`: until when, why."""

    lines: tuple[ShareLine, ...]
    loss_fen: int
    pool_fen: int = 0
    moved: tuple[tuple[Words, int], ...] = ()
    payments: tuple[tuple[date, int, str], ...] = ()
    waits_fen: int = 0
    deferred: tuple[date, Words] | None = None
    estimate: bool = False

    @property
    def cut(self) -> bool:
        return any(line.ratio_fen != line.bears_fen for line in self.lines)

    @property
    def came_back(self) -> bool:
        return any(line.back_fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class TriggerLine:
    """One thing that lets a claim be put. held: yes | no | unknown; `on`: its day, where it is known."""

    words: Words
    held: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class BankClaim:
    """A covered loan of which the bank claims the pool's part. act: wait | claim | supply | recover | nothing.

    state: a key under state.claim, or "" before the first claim. `asked`: the fund's words when it asked for more. `money`:
    recoveries that wait for the fund's confirmation.
    """

    where: str
    scheme: Words
    act: str
    sharing: Sharing
    triggers: tuple[TriggerLine, ...] = ()
    any_will_do: bool = False
    wait_days: int = 0
    late: bool = True
    starts_on: date | None = None
    ends_on: date | None = None
    too_late: bool = False
    state: str = ""
    waits_for: tuple[Words, Words, date | None] | None = None
    asked: Words | str = ""
    papers: tuple[Choice, ...] = ()
    judgment: bool = False
    may_withdraw: bool = False
    today: date | None = None
    money: tuple[ProposalRow, ...] = ()
    timeline: tuple[Happening, ...] = ()
    form: Form = field(default_factory=Form)
    withdraw_form: Form = field(default_factory=Form)

    @property
    def open_claim(self) -> bool:
        """Whether the claim of that state still stands."""
        return bool(self.state) and self.act not in ("claim", "wait")


@dataclass(frozen=True, slots=True)
class BankClaimRow:
    """state: a key under state.claim. `waits_for`: who has to do what, until when."""

    href: str
    firm: str
    loss_fen: int
    pool_fen: int
    paid_fen: int
    state: str
    filed_on: date
    waits_for: tuple[Words, Words, date | None] | None = None
    late_days: int = 0
