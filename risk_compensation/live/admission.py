"""What is looked at when a loan wants to enter a live pool, and what is collected from it. The pure form is `entering`.

Written in: domain §6.1 (scopes, caps, premiums and fees, quotas), §6.2 (registered before default), §6.4 (a guarantee decision
precedes the draw).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kit.errors import Invalid, Refused
from backend.kit.money import wan
from backend.kit.words import Words
from risk_compensation.ledger import Account, Line, Reason, lines
from risk_compensation.live import figures
from risk_compensation.live.breaker import evaluate_breaker, hold_state, refuse_if_paused
from risk_compensation.live.claims import State
from risk_compensation.scheme import SchemeTerms
from risk_compensation.scheme.entering import WHY_NOT
from risk_compensation.tables import Pool, Registration

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


def within_scope(session: Session, pool: str, terms: SchemeTerms, checks: Checks, loan: Described, on: date) -> None:
    """Refused: industry_out_of_scope, scope_mode, scope_size, scope_tag, scope_revenue, scope_term, scope_one_bank."""
    why = terms.scope.leaves_out(loan)
    if why == "industry":
        raise Refused(
            Words("企业所属行业不在方案支持范围内", "the firm’s industry is outside what the scheme supports"),
            code="industry_out_of_scope",
        )
    if not why and terms.scope.one_bank_a_year:
        year = Registration.registered_on >= date(on.year, 1, 1), Registration.registered_on <= date(on.year, 12, 31)
        others = select(Registration.reference).where(Registration.pool == pool, Registration.firm == checks.firm, *year)
        why = "one_bank" if session.scalar(others.where(Registration.bank != checks.bank).limit(1)) else ""
    if why:
        raise Refused(WHY_NOT[why], code=f"scope_{why}")


def within_caps(session: Session, terms: SchemeTerms, firm: str, loan: Described) -> None:
    """Refused: cap_loan, cap_firm. Invalid: amount_fen."""
    if loan.amount_fen <= 0:
        raise Invalid("amount_fen", Words("金额须为正", "the amount must be positive"))
    most = terms.caps.of_loan(loan.size)
    if loan.amount_fen > most:
        raise Refused(
            Words(f"单笔贷款不得超过 {wan(most)} 万元", f"one loan may not be more than {wan(most)} 万元"), code="cap_loan"
        )
    query = select(func.sum(Registration.principal_fen)).where(Registration.firm == firm, Registration.state != State.RELEASED)
    if (session.scalar(query) or 0) + loan.amount_fen > terms.caps.firm_fen:
        cap = wan(terms.caps.firm_fen)
        raise Refused(Words(f"同一企业合计不得超过 {cap} 万元", f"one firm may not have more than {cap} 万元"), code="cap_firm")


def not_stopped(session: Session, pool: Pool, terms: SchemeTerms, bank: str, guarantor: str, on: date | None) -> None:
    """Refused pool_paused, bank_paused, guarantor_paused; `on`: every stop rule is looked at first, as of that day.

    The pool comes first: what stops all of it says nothing of one bank in it.
    """
    for party in (None, bank, guarantor or None)[: 3 if guarantor else 2]:
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
        quota, had = terms.limits.quota, figures.held(session, pool.code, Account.QUOTA, bank)
        balance = figures.bank_balance(session, pool.code, bank) + loan.amount_fen
        has = min(had + loan.amount_fen * quota.loan_bp // 10_000, balance * quota.balance_bp // 10_000)
        booked += lines(
            (Account.QUOTA, Account.OFF_BALANCE, max(0, has - had), Reason.QUOTA_GROWN, bank, reference),
            (Account.OFF_BALANCE, Account.QUOTA, max(0, had - has), Reason.QUOTA_LAPSED, bank, reference),
        )
    return booked
