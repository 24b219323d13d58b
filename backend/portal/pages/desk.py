"""The desks' pages: bank officer, guarantor, fund, whitelist issuer, operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from backend.kit.words import Words
from backend.portal.pages.bank_claims import BankClaim, BankClaimRow
from backend.portal.pages.firm import FactGroup
from backend.portal.pages.listing import IssuerDesk as IssuerDesk
from backend.portal.pages.listing import Member as Member
from backend.portal.pages.listing import Removal as Removal
from backend.portal.pages.money import ProposalRow
from backend.portal.pages.pool import BookLine as BookLine
from backend.portal.pages.pool import PoolCard as PoolCard
from backend.portal.pages.pool import PoolPage as PoolPage
from backend.portal.pages.pool import PoolStop as PoolStop
from backend.portal.pages.pool import YearEnd as YearEnd
from backend.portal.pages.shared import Choice, CostLine, Form, Happening


@dataclass(frozen=True, slots=True)
class Case:
    """An application as a bank's or a guarantor's officer lists it. state: a key under state.application."""

    id: str
    firm: str
    product: Words
    amount_fen: int
    months: int
    state: str
    received_on: date
    answer_by: date | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class LateDraw:
    """A covered draw that is past due. `guaranteed`: the bank may ask its guarantor to pay; `claim_href`: where the bank itself
    claims."""

    id: str
    firm: str
    outstanding_fen: int
    days_late: int
    class_: str
    demanded_on: date | None = None
    guaranteed: bool = True
    claim_href: str = ""


@dataclass(frozen=True, slots=True)
class BankDesk:
    bank: Words
    waiting: tuple[Case, ...] = ()
    others: tuple[Case, ...] = ()
    late: tuple[LateDraw, ...] = ()
    claims: tuple[BankClaimRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferSaid:
    """The bank's binding offer as the firm sees it. state: open | accepted | withdrawn | lapsed."""

    amount_fen: int
    rate_bp: int
    all_in_bp: Decimal
    months: int
    valid_until: date
    state: str
    fees: tuple[CostLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractSaid:
    contract_no: str
    limit_fen: int
    signed_on: date
    expires_on: date
    rate_bp: int
    drawn_fen: int = 0


@dataclass(frozen=True, slots=True)
class DrawSaid:
    """state: a key under state.draw. `payments`: day, amount, source."""

    draw_no: str
    amount_fen: int
    outstanding_fen: int
    value_date: date
    matures_on: date
    days_late: int
    state: str
    payments: tuple[tuple[date, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BankLoan:
    """What follows the decision, for a bank that reports at the desk. covered: none | waiting | registered."""

    offer: OfferSaid | None = None
    contract: ContractSaid | None = None
    draws: tuple[DrawSaid, ...] = ()
    covered: str = "none"
    may_contract: bool = False
    may_draw: bool = False
    may_repay: bool = False
    may_close: bool = False
    withdrawing: bool = False
    sources: tuple[Choice, ...] = ()
    today: date | None = None


@dataclass(frozen=True, slots=True)
class BankCase:
    """`groups` holds only what the product declares and the firm allowed. `refusal`: the bank's words and reasons of its no."""

    case: Case
    legal_rep: str
    region: str
    industry: str
    way: str
    purpose: Words | str
    groups: tuple[FactGroup, ...]
    timeline: tuple[Happening, ...]
    queries_allowed: tuple[Words | str, ...] = ()
    documents: tuple[tuple[Words | str, str], ...] = ()  # title, where to read it
    listing: tuple[Words, str] | None = None
    may_decide: bool = True
    own_system: bool = False
    loan: BankLoan | None = None
    refusal: tuple[str, tuple[str, ...]] | None = None
    duty: str = ""  # where the due-diligence file is, once there is a contract
    claim: BankClaim | None = None  # where the bank itself claims from the pool
    forms: Mapping[str, Form] = field(default_factory=dict)

    def form(self, name: str) -> Form:
        """The form of that name, with its fault if it was just refused."""
        return self.forms.get(name, Form())


@dataclass(frozen=True, slots=True)
class GuaranteeCase:
    """state: a key under state.guarantee."""

    id: str
    firm: str
    bank: Words
    product: Words
    amount_fen: int
    months: int
    state: str
    until: date | None
    unpaid_fen: int | None = None
    demanded_fen: int | None = None
    paid_fen: int | None = None
    late_days: int = 0


@dataclass(frozen=True, slots=True)
class GuarantorDesk:
    guarantor: Words
    to_decide: tuple[GuaranteeCase, ...] = ()
    to_pay: tuple[GuaranteeCase, ...] = ()
    to_claim: tuple[GuaranteeCase, ...] = ()
    others: tuple[GuaranteeCase, ...] = ()


@dataclass(frozen=True, slots=True)
class GuaranteePage:
    """act: decide | pay | claim | supply | recover | nothing. `money`: recoveries that wait for the fund's confirmation."""

    case: GuaranteeCase
    act: str
    groups: tuple[FactGroup, ...]
    timeline: tuple[Happening, ...]
    headroom_fen: int | None = None
    documents: tuple[Choice, ...] = ()
    money: tuple[ProposalRow, ...] = ()
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """state: a key under state.claim. `claimant`: the bank or its guarantor; `guarantor`: None where there is none."""

    id: str
    firm: str
    bank: Words
    claimant: Words
    guarantor: Words | None
    loss_fen: int
    share_fen: int
    state: str
    filed_on: date
    until: date | None
    late_days: int = 0


@dataclass(frozen=True, slots=True)
class FundDesk:
    """One list for each hand: what this maker may review or instruct, what this checker may approve. `money`: what waits for
    the checker's confirmation."""

    hand: str  # maker | checker
    pools: tuple[PoolCard, ...] = ()
    mine: tuple[ClaimRow, ...] = ()
    others: tuple[ClaimRow, ...] = ()
    money: tuple[ProposalRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    words: Words
    passed: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step that does not get on: what it does, in words; how often it was tried; when next."""

    id: str
    what: Words
    attempts: int
    next_at: datetime | None
    error: str | None
    dead: bool


@dataclass(frozen=True, slots=True)
class BankHealth:
    """state: up | slow | down | never."""

    bank: Words
    state: str
    last_answer: datetime | None
    waiting: int
    failures: int
    code: str = ""
    stopped: int = 0
    silent_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """What a person should look at, since when (machine time), and the newest error behind it."""

    words: Words
    since: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OperatorDesk:
    """What the operator may see: whether the machine runs. Never decrypted data."""

    banks: tuple[BankHealth, ...]
    due: int
    running: int
    steps: tuple[StepRow, ...]
    faults: tuple[str, ...]
    clock: datetime
    sandbox: bool
    chain_whole: bool = True
    alerts: tuple[AlertRow, ...] = ()
    form: Form = field(default_factory=Form)
