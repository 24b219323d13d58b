"""Millions of firms: how many each product would say yes, no or unknown to, by the compiled criteria, a thousand firms at a time.

What is read of a firm goes through `credit_data.views.sweep`: consent is asked in the reading statement, with a line in the log
for each firm. Ages count to the day of the facts. Nothing is kept of a firm but its part in a count, so memory does not grow with
the city. Counted are criteria and base limit; what only `match --all` works out for each firm (what its debts, its bank's group
and the pool leave) is not in it.
A changed product is counted alone: name it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from backend.audit.model import SYSTEM, Actor
from backend.credit_data import views as credit_data
from backend.kit.database import Database
from backend.kit.errors import Invalid
from backend.kit.words import Words
from backend.matching import inputs
from backend.matching.columns import Columns
from backend.matching.compiled import Book
from backend.matching.conditions import SUBJECT
from backend.parties import views as parties
from backend.whitelists import views as whitelists
from products import size
from products.catalogue import Catalogue
from products.rules import FirmView
from products.schema import ProductTerms

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One product's answers over all firms."""

    product: str
    bank: str
    yes: int
    no: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Every product in force on the policy day, or those named."""

    facts_on: date
    policy_on: date
    firms: int
    lines: tuple[Line, ...]


def offered_on(catalogue: Catalogue, day: date, products: Collection[str] = ()) -> list[ProductTerms]:
    """What is in force on that day; only `products`, if any are named. Invalid where one of them is not."""
    found = catalogue.on(day)
    for code in products:
        if code not in {terms.code for terms in found}:
            raise Invalid("--product", Words(f"{day} 没有产品 {code}", f"no product “{code}” is in force on {day}"))
    return [terms for terms in found if not products or terms.code in products]


def asked_codes(book: Book) -> list[str]:
    """The facts that any of these products asks."""
    found = {"industry", "region", "subject_type"}
    for one in book.asked:
        found |= {question.fact for question in (*one.questions, *one.elsewhere)}
        found |= {*one.enough.needs, *(part.fact for part in one.enough.parts)}
        if one.sizes is not None:
            found |= {code for codes in size.FACTS.values() for code in codes}
    return sorted(code for code in found if code != SUBJECT and not code.startswith("listing:"))


def run(
    database: Database,
    *,
    catalogue: Catalogue,
    facts_on: date,
    policy_on: date,
    at: datetime,
    products: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
    actor: Actor = SYSTEM,
    firm_ids: Sequence[str] | None = None,
) -> Counted:
    """Count every imported firm, or those named. `at` is the moment for which consent is asked."""
    offered = offered_on(catalogue, policy_on, products)
    book, programmes = Book(offered, facts_on), sorted({one.whitelist_programme for one in offered if one.whitelist_programme})
    codes = asked_codes(book)
    with database.reading() as session:
        found = parties.firms(session, imported=True) if firm_ids is None else [parties.firm(session, one) for one in firm_ids]
        known: list[tuple[str, FirmView]] = [(firm.id, inputs.view_of(firm)) for firm in found]
    totals: Counter[tuple[str, str]] = Counter()
    for start in range(0, len(known), CHUNK):
        part = dict(known[start : start + CHUNK])
        with database.writing() as session:
            facts = dict(
                credit_data.sweep(session, actor, purpose="pre_loan", at=at, codes=codes, facts_on=facts_on, firm_ids=list(part))
            )
            grades = whitelists.grades_of(session, [view.uscc or "" for view in part.values()], policy_on)
        values = [inputs.values_of(facts.get(firm_id, {})) for firm_id in part]
        listed = {programme: [grades[view.uscc or ""].get(programme) for view in part.values()] for programme in programmes}
        swept = book.sweep(Columns.of(list(part.values()), values, codes=codes, grades=listed))
        for code, yes, no, unknown in swept.counts():
            totals.update({(code, "yes"): yes, (code, "no"): no, (code, "unknown"): unknown})
        if progress is not None:
            progress(min(start + CHUNK, len(known)), len(known))
    lines = [Line(one.code, one.bank, *(totals[one.code, answer] for answer in ("yes", "no", "unknown"))) for one in offered]
    return Counted(facts_on, policy_on, len(known), tuple(sorted(lines, key=lambda line: line.product)))
