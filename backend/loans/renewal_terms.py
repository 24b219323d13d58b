"""The conditions under which a draw may be renewed without repaying principal (无还本续贷), and whether they hold.

Written in: domain §5.5 (金规〔2024〕13号). What the platform does not know is unknown, and says who does know.

>>> rules_on(date(2025, 3, 1)).notice.days
60
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.credit_data import views as credit_data
from backend.kit import clock
from backend.kit.dated import Dated, DatedBlock, DatedFile
from backend.kit.policy import Source, Strict
from backend.kit.words import Words
from backend.loans.tables import ClassSignal, Draw
from backend.loans.values import ReportedDraw

FACTS = (
    *("abnormal_listed", "serious_dishonest_listed", "dishonest_debtor", "invoice_months_12m", "invoice_gap_days"),
    *("tax_arrears_fen", "social_arrears_months"),
)
Held = Literal["yes", "no", "unknown"]


class Notice(Strict):
    days: int = Field(gt=0)
    source: Source


class Operation(Strict):
    invoice_months_at_least: int
    gap_days_at_most: int
    source: Source


class Rules(DatedBlock):
    """The rules of renewal in force between two days."""

    medium_due_before: date
    notice: Notice
    operation: Operation


_RULES = Dated(
    Path(__file__).parent / "renewal.yaml", DatedFile[Rules], "renewal.yaml has no rules for {day}: add a block with its source"
)


def rules_on(day: date) -> Rules | None:
    """The rules in force on that day; None before there were any."""
    return _RULES.find(day)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of §5.5: whether it holds, in one sentence, and who can say more (`platform` or `bank`)."""

    code: str
    held: Held
    words: Words
    knows: Literal["platform", "bank", "firm"] = "platform"

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "held": self.held, "knows": self.knows, "words": self.words.as_dict()}


def _judged(bad: bool | None) -> Held:
    return "unknown" if bad is None else "no" if bad else "yes"


def judge(
    rules: Rules, values: Mapping[str, Any], *, matures_on: date, dpd: int, cls: str, signals: Collection[str], day: date
) -> tuple[Condition, ...]:
    """The conditions on that day. Pure; a fact that nobody opened is unknown, never a no."""

    def some(*names: str) -> bool | None:
        known = [bool(values[name]) for name in names if name in values]
        return True if any(known) else None if len(known) < len(names) else False

    months, gap, asked = values.get("invoice_months_12m"), values.get("invoice_gap_days"), rules.operation
    stopped = None if months is None or gap is None else months < asked.invoice_months_at_least or gap > asked.gap_days_at_most
    owed = some("tax_arrears_fen", "social_arrears_months")
    return (
        Condition(
            "before_maturity",
            "yes" if day < matures_on else "no",
            Words(f"须在 {matures_on} 到期前申请并签订新合同", f"asked for and newly signed before it matures on {matures_on}"),
        ),
        Condition(
            "size",
            "unknown",
            Words(
                f"小型、微型企业；中型企业仅限 {rules.medium_due_before} 前到期的流动资金贷款",
                f"small or micro firm; a medium one only for working capital due before {rules.medium_due_before}",
            ),
            "bank",
        ),
        Condition(
            "lawful",
            _judged(some("abnormal_listed", "serious_dishonest_listed", "dishonest_debtor")),
            Words(
                "依法合规经营，未列入异常、严重失信或失信被执行人名单",
                "lawful business, on no list of abnormal or dishonest firms",
            ),
        ),
        Condition(
            "operating",
            _judged(stopped),
            Words(
                f"持续经营：近 12 个月至少 {asked.invoice_months_at_least} 个月开票，最长间隔不超过 {asked.gap_days_at_most} 天",
                f"continuing operation: invoices in {asked.invoice_months_at_least} of 12 months, "
                f"no gap over {asked.gap_days_at_most} days",
            ),
        ),
        Condition(
            "no_overdue",
            "no" if dpd else "yes",
            Words(f"本笔贷款无逾期（现逾期 {dpd} 天）", f"nothing overdue on this loan (now {dpd} days)"),
        ),
        Condition(
            "normal",
            "yes" if cls == "normal" else "no",
            Words("贷款分类为正常", "the loan is classed normal"),
        ),
        Condition(
            "no_misuse",
            "no" if {"misuse", "evasion"} & set(signals) else "yes",
            Words("无挪用资金、逃废债记录", "no misuse of the money, no evasion on record"),
        ),
        Condition(
            "no_arrears",
            _judged(owed),
            Words("无欠税、欠缴社保", "no tax and no social insurance in arrears"),
        ),
        Condition(
            "issue_standards",
            "unknown",
            Words("符合新发放贷款的标准和银行的其他条件", "meets the standards of a new loan and the bank’s other terms"),
            "bank",
        ),
    )


def conditions(
    session: Session, reader: Actor, draw: Draw | ReportedDraw, *, recipient: str, at: datetime
) -> tuple[Condition, ...]:
    """The conditions of one draw as this reader may know them: facts are read under the firm's consent, and logged."""
    day = clock.day_of(at)
    rules = rules_on(day)
    if rules is None:
        return ()
    file = credit_data.read(session, reader, firm_id=draw.firm_id, purpose="in_loan", recipient=recipient, at=at, codes=FACTS)
    in_force_now = or_(ClassSignal.until.is_(None), ClassSignal.until >= day)
    query = select(ClassSignal.name).where(ClassSignal.firm_id == draw.firm_id, ClassSignal.since <= day, in_force_now)
    signals = set(session.scalars(query.where(or_(ClassSignal.draw_id.is_(None), ClassSignal.draw_id == draw.id))))
    values = {code: fact.value for code, fact in file.facts.items()}
    return judge(rules, values, matures_on=draw.matures_on, dpd=draw.dpd, cls=draw.cls, signals=signals, day=day)
