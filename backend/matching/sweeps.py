"""Many firms at once: each assessed on the published card and matched with every product, printed and written as CSV, not kept.

The day of the facts and the day of the policies are named apart: ages count to the first; products, card and rates are of the
second. Reading goes through `credit_data.views.sweep`, which asks for consent in the reading statement and leaves one line in the
log per firm.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from statistics import median
from typing import Any

from backend.audit.model import SYSTEM, Actor
from backend.credit_data import views as credit_data
from backend.credit_data.model import Fact
from backend.kit.database import Database
from backend.kit.money import wan, yuan
from backend.kit.rates import percent
from backend.matching import inputs
from backend.matching.counting import offered_on
from backend.matching.model import Match, match_one, ranked
from backend.parties import views as parties
from backend.vocabulary.facts import definitions
from backend.whitelists import views as whitelists
from products.catalogue import Catalogue
from products.rules import FirmView, Reason
from products.schema import ProductTerms

CHUNK = 100
NOT_ASSESSED = "—"
_NOTHING: dict[str, Fact] = {}


@dataclass(frozen=True, slots=True)
class Row:
    """One firm and one product; `match` is None where no product is in force on the policy day."""

    firm_id: str
    source_code: str
    uscc: str
    name: str
    standing: inputs.Standing
    match: Match | None

    @property
    def grade(self) -> str:
        return self.standing.assessed.grade or NOT_ASSESSED

    @property
    def telling(self) -> tuple[Reason, ...]:
        """The reasons that made the answer: every no, or every unknown of ours."""
        if self.match is None or self.match.answer == "yes":
            return ()
        answer = self.match.answer
        return tuple(r for r in self.match.reasons if r.answer == answer and (answer == "no" or r.knows == "platform"))


@dataclass(frozen=True, slots=True)
class Table:
    """A small table for the terminal."""

    title: str
    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Swept:
    """Everything a sweep found. Both days are part of it."""

    facts_on: date
    policy_on: date
    firms: int
    rows: tuple[Row, ...]

    def tables(self) -> list[Table]:
        """Grades, answers by product with indicative amounts, and the commonest reasons."""
        days = f"facts on {self.facts_on}, policy on {self.policy_on}"
        return [self._grades(days), self._products(days), self._reasons(days)]

    def _grades(self, days: str) -> Table:
        grade_of = {row.firm_id: row.grade for row in self.rows}
        counts = Counter(grade_of.values())
        lines = tuple((g, str(n), percent(n * 10_000 // self.firms, 1)) for g, n in sorted(counts.items()))
        return Table(f"等级 grades ({days})", ("等级 grade", "户数 firms", "占比 share"), lines)

    def _by_product(self) -> dict[str, list[Match]]:
        found: dict[str, list[Match]] = defaultdict(list)
        for row in self.rows:
            if row.match is not None:
                found[row.match.product].append(row.match)
        return dict(sorted(found.items()))

    def _products(self, days: str) -> Table:
        lines = []
        for code, matches in self._by_product().items():
            answers = Counter(match.answer for match in matches)
            limits = [match.limit_fen for match in matches if match.answer == "yes" and match.limit_fen is not None]
            costs = [match.all_in.by_days_bp for match in matches if match.answer == "yes" and match.all_in is not None]
            span = f"{percent(min(costs))}–{percent(max(costs))}" if costs else ""
            lines.append(
                (
                    code, matches[0].bank, *(str(answers[answer]) for answer in ("yes", "no", "unknown")),
                    wan(sum(limits)), wan(int(median(limits))) if limits else "", span,
                )
            )  # fmt: skip
        heads = (
            "产品 product",
            "银行 bank",
            "可 yes",
            "否 no",
            "待定 unknown",
            "额度合计 sum 万元",
            "中位 median 万元",
            "综合年化 all-in",
        )
        return Table(f"产品 products ({days})", heads, tuple(lines))

    def _reasons(self, days: str) -> Table:
        counts: Counter[tuple[str, str, str]] = Counter()
        for row in self.rows:
            for reason in row.telling:
                assert row.match is not None
                counts[row.match.product, reason.answer, reason.criterion] += 1
        lines = [(p, a, c, str(n)) for (p, a, c), n in sorted(counts.items(), key=lambda x: (x[0][0], -x[1], x[0]))]
        heads = ("产品 product", "答复 answer", "条件 criterion", "户数 firms")
        return Table(f"理由 reasons ({days})", heads, tuple(lines))


@dataclass(frozen=True, slots=True)
class _Known:
    """What a sweep keeps of a firm between transactions."""

    id: str
    source_code: str
    name: str
    view: FirmView


def _one(
    firm: _Known, facts: dict[str, Fact], offered: Sequence[ProductTerms], grades: dict[str, str], facts_on: date, policy_on: date
) -> Iterator[Row]:
    values = inputs.values_of(facts)
    stands = inputs.standing(facts, facts_on=facts_on, policy_on=policy_on)
    lifts = inputs.uplifts_of(offered, facts, uscc=firm.view.uscc or "", related=inputs.linked(facts), day=facts_on)
    matches: list[Match | None] = [
        *ranked((
            match_one(
                terms, values, firm=firm.view, facts_on=facts_on, policy_on=policy_on,
                listing_grade=grades.get(terms.whitelist_programme or ""), capacity_fen=stands.capacity_fen,
                uplift=lifts.get(terms.uplift_programme or ""),
            )
            for terms in offered
        ), policy_on)
    ]  # fmt: skip
    for match in matches or [None]:
        yield Row(firm.id, firm.source_code, firm.view.uscc or "", firm.name, stands, match)


def run(
    database: Database,
    *,
    catalogue: Catalogue,
    facts_on: date,
    policy_on: date,
    at: datetime,
    progress: Callable[[int, int], None] | None = None,
    actor: Actor = SYSTEM,
    firm_ids: Sequence[str] | None = None,
    products: Collection[str] = (),
) -> Swept:
    """Sweep every imported firm, or those named, over every product, or those named.

    Nothing is kept but the lines in the log; committed every hundred firms. `at` is the moment for which consent is asked: now,
    whatever the two days are.
    """
    with database.reading() as session:
        found = parties.firms(session, imported=True) if firm_ids is None else [parties.firm(session, one) for one in firm_ids]
        known = [_Known(firm.id, firm.source_code or "", firm.name, inputs.view_of(firm)) for firm in found]
    offered, codes, rows = offered_on(catalogue, policy_on, products), sorted(definitions()), list[Row]()
    for start in range(0, len(known), CHUNK):
        part = {firm.id: firm for firm in known[start : start + CHUNK]}
        with database.writing() as session:
            swept = credit_data.sweep(
                session, actor, purpose="pre_loan", at=at, codes=codes, facts_on=facts_on, firm_ids=list(part)
            )
            listed = whitelists.grades_of(session, [firm.view.uscc or "" for firm in part.values()], policy_on)
            # A firm of which nothing is known yet is answered too: with unknowns.
            for firm_id, facts in (dict.fromkeys(part, _NOTHING) | dict(swept)).items():
                rows.extend(_one(part[firm_id], facts, offered, listed[part[firm_id].view.uscc or ""], facts_on, policy_on))
        if progress is not None:
            progress(min(start + CHUNK, len(known)), len(known))
    order = {firm.id: index for index, firm in enumerate(known)}
    rows.sort(key=lambda row: order[row.firm_id])
    return Swept(facts_on, policy_on, len(known), tuple(rows))


HEADS = (
    *("facts_on", "policy_on", "firm", "uscc", "name", "grade", "pd", "score", "debt_capacity_yuan", "product", "bank", "answer"),
    *("base_limit_yuan", "limit_yuan", "capped_by", "rate_percent", "all_in_percent"),
    *("reasons_zh", "reasons_en", "way_zh", "way_en"),
)


def _cell(value: Any) -> str:
    """A spreadsheet shows text; it does not run it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _yuan(amount_fen: int | None) -> Any:
    return yuan(amount_fen) if amount_fen is not None else None


def _line(swept: Swept, row: Row) -> list[str]:
    assessed, match = row.standing.assessed, row.match
    head = [
        swept.facts_on, swept.policy_on, row.source_code, row.uscc, row.name, assessed.grade, assessed.pd, assessed.score,
        _yuan(row.standing.capacity_fen),
    ]  # fmt: skip
    if match is None:
        return [_cell(value) for value in [*head, *[None] * (len(HEADS) - len(head))]]
    ways = list(dict.fromkeys(reason.way for reason in row.telling if reason.way is not None))
    all_in = f"{match.all_in.by_days_bp / 100:.4f}" if match.all_in else None
    tail = [
        match.product, match.bank, match.answer, _yuan(match.base_fen), _yuan(match.limit_fen), match.capped_by,
        f"{match.price.rate_bp / 100:.2f}", all_in,
        "；".join(reason.words.zh for reason in row.telling), "; ".join(reason.words.en for reason in row.telling),
        "；".join(way.zh for way in ways), "; ".join(way.en for way in ways),
    ]  # fmt: skip
    return [_cell(value) for value in [*head, *tail]]


def write_csv(swept: Swept, path: Path) -> None:
    """Every row, UTF-8 with a mark so that spreadsheets read the Chinese; written aside, then renamed."""
    aside = path.with_suffix(path.suffix + ".part")
    with aside.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADS)
        writer.writerows(_line(swept, row) for row in swept.rows)
    aside.replace(path)
