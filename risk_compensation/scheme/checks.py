"""What is checked of a claim before anybody decides: every check with its sentence, passed or not. Pure: no I/O.

Written in: domain §6.2 (documents and automatic checks), §6.1 (triggers), §6.4 (who claims, who pays first).

>>> from risk_compensation.scheme.terms import terms_on
>>> terms = terms_on("shenzhen_pool", date(2025, 1, 1))
>>> facts = Facts(registered_on=date(2025, 1, 6), principal_fen=100, overdue_since=date(2025, 3, 20), claimed_before=False,
...     guarantor_paid_fen=0, unpaid_principal_fen=100, on=date(2025, 4, 1))
>>> [each.words.en for each in check(terms, facts) if not each.passed][:1]
['the loan must be classed substandard or worse (from 2025-06-19 by days past due alone)']
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from backend.kit.money import share_out, wan
from backend.kit.words import Words
from backend.vocabulary.codes import LOAN_CLASSES
from risk_compensation.scheme.parts import Weighed
from risk_compensation.scheme.terms import SchemeTerms


@dataclass(frozen=True, slots=True)
class Check:
    """One automatic check of a claim, and its sentence."""

    code: str
    passed: bool
    words: Words

    def as_dict(self) -> dict[str, object]:
        return {"code": self.code, "passed": self.passed, "words": self.words.as_dict()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the checks look at. Money in fen; `unpaid_principal_fen` is what the borrower has not repaid (a guarantor's own
    payment to the bank is not deducted). `cap_fen`: the most for a loan of this size; `classed`: class -> since when."""

    registered_on: date
    principal_fen: int
    overdue_since: date | None
    claimed_before: bool
    guarantor_paid_fen: int
    unpaid_principal_fen: int
    unpaid_interest_fen: int = 0
    judgment_no: str = ""
    judged_on: date | None = None
    guarantor_paid_on: date | None = None
    classed: Mapping[str, date] = field(default_factory=dict)
    documents: Collection[str] = ()
    on: date
    loan: Weighed | None = None


def covered_fen(terms: SchemeTerms, principal_fen: int, interest_fen: int) -> int:
    """What of a loss the scheme covers: principal where it does not say otherwise."""
    covers = terms.base.covers if terms.base else "principal"
    return {"principal": principal_fen, "interest": interest_fen}.get(covers, principal_fen + interest_fen)


def guarantor_owes(terms: SchemeTerms, shares: Mapping[str, int], loss_fen: int) -> int:
    """What the guarantor pays the bank: all but the bank's part where it then claims the rest, else its own part."""
    parts = share_out(max(loss_fen, 0), shares, odd_fen_order=terms.odd_fen_order)
    return sum(parts.values()) - parts.get("bank", 0) if terms.claimant == "guarantor" else parts.get("guarantor", 0)


def claimable_on(terms: SchemeTerms, facts: Facts) -> date | None:
    """The first day on which the trigger lets this be claimed; None: not yet known."""
    if facts.overdue_since is None:
        return None
    return terms.trigger.met_on(_days(terms, facts, facts.overdue_since))


def _days(terms: SchemeTerms, facts: Facts, since: date) -> dict[str, date | None]:
    judged = facts.judged_on if facts.judgment_no and facts.judged_on and since < facts.judged_on else None
    return terms.trigger.days(since, judged_on=judged, guarantor_paid_on=facts.guarantor_paid_on, classed=facts.classed)


def check(terms: SchemeTerms, facts: Facts) -> tuple[Check, ...]:
    """Every automatic check of domain §6.2, passed or not; the fund's people see them all."""
    since = facts.overdue_since
    most = terms.caps.of_loan(facts.loan.size if facts.loan else "")
    missing = [paper for paper in terms.documents.papers if paper.required and paper.code not in facts.documents]
    found = [
        Check(
            "registered_before_default",
            since is not None and facts.registered_on <= since,
            Words("贷款须在逾期前已入库", "the loan must have been registered before it fell overdue"),
        ),
        Check("not_claimed_twice", not facts.claimed_before, Words("同一笔贷款不得重复申请代偿", "a loan is claimed only once")),
        Check(
            "within_caps",
            covered_fen(terms, facts.unpaid_principal_fen, facts.unpaid_interest_fen) > 0
            and facts.unpaid_principal_fen <= facts.principal_fen <= most,
            Words(
                f"未还本金须大于零、不超过入库本金，单笔不超过 {wan(most)} 万元",
                f"unpaid principal is positive, within what is registered, at most {wan(most)} 万元",
            ),
        ),
    ]
    found += _triggers(terms, facts)
    met = claimable_on(terms, facts)
    if terms.trigger.wait_days:
        waits = terms.trigger.wait_days
        until = met.isoformat() if met else "—"
        found.append(
            Check(
                "waited",
                met is not None and met <= facts.on,
                Words(f"追偿期满 {waits} 天（{until}）后方可申请", f"to be filed after {waits} days of recovery, from {until}"),
            )
        )
    last_day = met + timedelta(days=terms.deadlines.claim_within_days) if met else None
    shown = last_day.isoformat() if last_day else "—"
    found.append(
        Check(
            "in_time",
            last_day is None or facts.on <= last_day,
            Words(
                f"应在具备申请条件后 {terms.deadlines.claim_within_days} 天内提出（{shown} 前）",
                f"to be filed within {terms.deadlines.claim_within_days} days of when it could be, by {shown}",
            ),
        )
    )
    found.append(
        Check(
            "documents",
            not missing,
            Words(
                "材料" + ("齐全" if not missing else "缺少：" + "、".join(paper.title.zh for paper in missing)),
                "documents " + ("complete" if not missing else "missing: " + ", ".join(paper.title.en for paper in missing)),
            ),
        )
    )
    return tuple(found)


def _triggers(terms: SchemeTerms, facts: Facts) -> list[Check]:
    """A check for each thing that the trigger names; one for all where any of them will do."""
    since, on, trigger = facts.overdue_since, facts.on, terms.trigger
    days = _days(terms, facts, since) if since else dict.fromkeys(("days_past_due", "loan_class", "judgment", "guarantor_paid"))
    shares: dict[str, int] = dict(terms.shares.items()) if facts.loan is None else terms.shares_of(facts.loan)
    loss = covered_fen(terms, facts.unpaid_principal_fen, facts.unpaid_interest_fen)
    owed = guarantor_owes(terms, shares, loss)

    def come(name: str) -> bool:
        day = days.get(name)
        return day is not None and day <= on

    found = []
    if trigger.days_past_due is not None:
        said = Words(f"须逾期满 {trigger.days_past_due} 天", f"the loan must be {trigger.days_past_due} days past due")
        found.append(Check("past_due", come("days_past_due"), said))
    if trigger.loan_class is not None:
        name, day = LOAN_CLASSES[trigger.loan_class], days.get("loan_class")
        said = Words(
            f"五级分类须为{name.zh}及以下（仅按逾期天数为 {day or '—'} 起）",
            f"the loan must be classed {name.en} or worse (from {day or '—'} by days past due alone)",
        )
        found.append(Check("classed", come("loan_class"), said))
    if trigger.judgment:
        said = Words("须有逾期之后作出的生效判决", "a court must have judged, after the default and not in the future")
        found.append(Check("judged_after_default", come("judgment"), said))
    if trigger.guarantor_paid:
        said = Words(
            f"担保机构须先向银行代偿 {wan(owed)} 万元（除银行自担部分外的全部）",
            f"the guarantor must first have paid the bank {wan(owed)} 万元, all but the bank’s own part",
        )
        found.append(Check("guarantor_paid", come("guarantor_paid") and facts.guarantor_paid_fen >= owed, said))
    if trigger.needs == "all" or len(found) == 1:
        return found
    either = Words("；或".join(each.words.zh for each in found), "; or ".join(each.words.en for each in found))
    return [Check("any_trigger", any(each.passed for each in found), either)]
