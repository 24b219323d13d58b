"""What is looked at when a loan wants to enter a live pool, and what is collected from it. The rules are
`scheme.entering`, `scheme.stops`; here they get their words.

Written in: domain §6.1 (scopes, caps, premiums and fees, quotas), §6.2 (registered before default), §6.4 (a guarantee decision
precedes the draw).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from backend.kit.errors import Invalid, Refused
from backend.kit.money import wan
from backend.kit.words import Words
from risk_compensation.ledger import Account, Line, Reason, lines
from risk_compensation.live.breaker import evaluate_breaker, hold_state, refuse_if_paused
from risk_compensation.live.standing import LiveStanding, looked_at
from risk_compensation.scheme import Names, SchemeTerms
from risk_compensation.scheme.entering import WHY_NOT, above_caps, outside, quota_after
from risk_compensation.tables import Pool

_CHARGED = {"premium": Reason.PREMIUM, "fee": Reason.FEE, "contribution": Reason.MUTUAL_CONTRIBUTION}


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a loan when it enters. Unknown: `size` and `industry` empty, `revenue_fen` None; nothing is guessed."""

    amount_fen: int = 0
    months: int = 12
    mode: str = "guarantee"
    size: str = ""
    industry: str = ""
    revenue_fen: int | None = None
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Checks:
    """What a registration is checked against: the parties' codes, the guarantor's decision (no guarantor: empty), the loan."""

    bank: str
    guarantor: str
    firm: str
    guarantee_no: str | None
    guaranteed_on: date | None
    loan: Described = Described()

    def of(self, amount_fen: int) -> Described:
        """The loan, for that amount."""
        return replace(self.loan, amount_fen=amount_fen)


def guarantor_decided(pool: Pool, terms: SchemeTerms, checks: Checks, loan: Described, on: date) -> None:
    """Refused no_guarantee_decision, wrong_guarantor, where the scheme puts a guarantor behind such a loan."""
    if not terms.needs_guarantor(loan):
        return
    if not checks.guarantee_no or checks.guaranteed_on is None or checks.guaranteed_on > on:
        raise Refused(
            Words("入库前须有担保机构的担保决定", "the guarantor must decide before a loan can enter the pool"),
            code="no_guarantee_decision",
        )
    if not pool.guarantor or checks.guarantor != pool.guarantor:
        raise Refused(Words("该担保机构不属于本资金池", "this guarantor does not belong to the pool"), code="wrong_guarantor")


def within_scope(session: Session, pool: Pool, terms: SchemeTerms, checks: Checks, loan: Described, on: date) -> None:
    """Refused: industry_out_of_scope, scope_mode, scope_size, scope_tag, scope_revenue, scope_term, scope_one_bank."""
    names = Names("", checks.firm, checks.bank, checks.guarantor)
    why = outside(terms, loan, names, on, LiveStanding(session, pool))
    if why == "industry":
        raise Refused(
            Words("企业所属行业不在方案支持范围内", "the firm’s industry is outside what the scheme supports"),
            code="industry_out_of_scope",
        )
    if why:
        raise Refused(WHY_NOT[why], code=f"scope_{why}")


def within_caps(session: Session, pool: Pool, terms: SchemeTerms, firm: str, loan: Described) -> None:
    """Refused: cap_loan, cap_firm. Invalid: amount_fen."""
    if loan.amount_fen <= 0:
        raise Invalid("amount_fen", Words("金额须为正", "the amount must be positive"))
    why = above_caps(terms, loan, firm, LiveStanding(session, pool))
    if not why:
        return
    if why == "cap_loan":
        most = wan(terms.caps.of_loan(loan.size))
        raise Refused(Words(f"单笔贷款不得超过 {most} 万元", f"one loan may not be more than {most} 万元"), code=why)
    most = wan(terms.caps.firm_fen)
    raise Refused(Words(f"同一企业合计不得超过 {most} 万元", f"one firm may not have more than {most} 万元"), code=why)


def not_stopped(session: Session, pool: Pool, terms: SchemeTerms, bank: str, guarantor: str, on: date | None) -> None:
    """Refused pool_paused, bank_paused, guarantor_paused; `on`: every stop rule is looked at first, as of that day."""
    for _, code in looked_at(bank, guarantor):
        party = code or None
        hold_state(session, pool, party)
        if on is not None:
            evaluate_breaker(session, pool, terms, on, party)
        refuse_if_paused(session, pool, party)


def collected(session: Session, pool: Pool, terms: SchemeTerms, bank: str, reference: str, loan: Described) -> list[Line]:
    """Premiums, fees and contributions of a loan that enters, and the quota it earns its bank."""
    booked = lines(
        *(
            (Account.COLLECTED, Account.OFF_BALANCE, charge.fen(loan), _CHARGED[charge.kind], pool.code_of(charge.to), reference)
            for charge in terms.charges
        )
    )
    if terms.limits is not None and terms.limits.quota is not None:
        standing = LiveStanding(session, pool)
        had, balance = standing.quota_fen(bank), standing.bank_balance_fen(bank) + loan.amount_fen
        has = quota_after(terms.limits.quota, had, loan.amount_fen, balance)
        booked += lines(
            (Account.QUOTA, Account.OFF_BALANCE, max(0, has - had), Reason.QUOTA_GROWN, bank, reference),
            (Account.OFF_BALANCE, Account.QUOTA, max(0, had - has), Reason.QUOTA_LAPSED, bank, reference),
        )
    return booked
