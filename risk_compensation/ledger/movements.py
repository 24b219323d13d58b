"""What is booked: lines from one account to another, gathered under one reference. Pure. Written in: domain §6.4.

>>> Line(Account.POOL_CASH, Account.CAPITAL, 100, Reason.CONTRIBUTION).effect()
{'cash_fen': 100, 'commitments_fen': 0, 'reserved_fen': 0, 'approved_fen': 0}
>>> Line(Account.POOL_CASH, Account.CAPITAL, -1, Reason.CONTRIBUTION)
Traceback (most recent call last):
ValueError: an entry moves a positive number of fen, not -1
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from json.encoder import encode_basestring

from backend.kit.policy import digest
from backend.kit.words import Words
from risk_compensation.ledger.accounts import Account
from risk_compensation.ledger.reasons import Reason

NO_WORDS = Words("", "")
# The figure of the balance row that an account moves, and the side on which it grows.
FIGURES: dict[Account, tuple[str, int]] = {
    Account.POOL_CASH: ("cash_fen", +1),
    Account.COMMITMENTS: ("commitments_fen", -1),
    Account.RESERVATIONS: ("reserved_fen", -1),
    Account.APPROVED_CLAIMS: ("approved_fen", -1),
}
# The same for every account by its name: what stands in no list of ours is an error, not a movement of nothing.
_MOVES: dict[str, tuple[str, int] | None] = {account: FIGURES.get(account) for account in Account}


@dataclass(frozen=True, slots=True)
class Line:
    """One movement in fen. `party` is a party's code, `loan` the reference of a registration."""

    debit: Account
    credit: Account
    amount_fen: int
    reason: Reason
    party: str | None = None
    loan: str | None = None

    def __post_init__(self) -> None:
        if self.amount_fen <= 0:
            raise ValueError(f"an entry moves a positive number of fen, not {self.amount_fen}")
        if self.debit == self.credit:
            raise ValueError(f"an entry needs two accounts, not {self.debit} twice")

    def effect(self) -> dict[str, int]:
        """How the figures of the balance row move."""
        return effect_of([(self.debit, self.credit, self.amount_fen)])


def effect_of(movements: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """How (debit, credit, fen) movements change the four figures: used for one entry and for the replay of a whole journal."""
    moved = {name: 0 for name, _ in FIGURES.values()}
    for debit, credit, amount_fen in movements:
        debited, credited = _MOVES[debit], _MOVES[credit]
        if debited is not None:
            moved[debited[0]] += debited[1] * amount_fen
        if credited is not None:
            moved[credited[0]] -= credited[1] * amount_fen
    return moved


def lines(*made: tuple[Account, Account, int, Reason, str | None, str | None]) -> list[Line]:
    """The movements that move anything: parts of zero fen are left out."""
    return [Line(*each) for each in made if each[2]]


@dataclass(frozen=True, slots=True)
class Booking:
    """What is booked under one reference, whole or not at all, taking effect `on` a day."""

    reference: str
    on: date
    lines: Sequence[Line]
    reverses: str | None = None
    words: Words = NO_WORDS

    def digest(self, pool: str) -> str:
        """What tells the same booking from another one under the same reference: the SHA-256 of `content`."""
        return digest(self.content(pool).encode())

    def content(self, pool: str) -> str:
        """Pool and lines as kit.policy.canonical would write them, by hand: of a thousand bookings each is written by itself.

        >>> paid_in = Line(Account.POOL_CASH, Account.CAPITAL, 5, Reason.CONTRIBUTION, "基金")
        >>> Booking("r", date(2025, 6, 2), [paid_in]).content("p")
        '["p",[["pool_cash","capital",5,"contribution","基金",null]]]'
        """
        said = [
            f'["{line.debit}","{line.credit}",{_number(line.amount_fen)},"{line.reason}",{_text(line.party)},{_text(line.loan)}]'
            for line in self.lines
        ]
        return f"[{_text(pool)},[{','.join(said)}]]"


def _text(text: str | None) -> str:
    return "null" if text is None else encode_basestring(text)


def _number(number: int) -> str:
    return str(number) if type(number) is int else f'"{number}"'  # a sum out of PostgreSQL is a Decimal, and canonical as text
