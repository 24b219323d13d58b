"""Firms × 100 products × 8 criteria: ours, a bare numpy bit-set limit (three-valued too), and zen-engine, compared pair by pair.

    make bench            or            .venv/bin/python benchmarks/matching.py [--firms N] [--rounds N] [--zen N]

In turn, in one process. The limit makes each distinct comparison once and joins packed planes, all by hand. zen-engine answers
fewer firms (`--zen`) and its time is per pair. Columns are already read. Aims: at least 0.5 of the limit and 400 times zen.
`--firms 14000000 --rounds 1` reports the peak of memory (aim: below 6 GB).
"""

from __future__ import annotations

import argparse
import json
import random
import resource
from datetime import date
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from backend.matching.columns import Column, Columns
from backend.matching.compiled import BLOCK, Book
from backend.matching.conditions import SUBJECT
from products import catalogue, directory, rules
from products.schema import Product, ProductTerms

DAY, PRODUCTS, CRITERIA = date(2025, 6, 2), 100, 8
CODES = (
    "sales_12m_fen", "purchases_12m_fen", "tax_paid_12m_fen", "insured_headcount", "invoice_gap_days", "void_share_bp",
    "top_customer_share_bp", "zero_filings_12m", "invoice_months_12m", "electricity_12m_kwh",
)  # fmt: skip
NONE = int(np.iinfo(np.int64).min)


def made_up(rng: random.Random) -> list[ProductTerms]:
    """A hundred products of eight criteria; the first fact is also the limit's, always long enough."""
    found = []
    block = catalogue.load().on(DAY)[0].block.model_dump(mode="json")
    for number in range(PRODUCTS):
        criteria = []
        for place, code in enumerate(rng.sample(CODES, CRITERIA)):
            at_least, level = rng.random() < 0.5, rng.randrange(5, 95)
            unit: str | int = f"{level}万元" if code.endswith("_fen") else f"{level}.00%" if code.endswith("_bp") else level
            criteria.append({"id": f"q{place}", "fact": code, "op": "at_least" if at_least else "at_most", "value": unit})
        said = {"zh": "测速", "en": "benchmark"}
        head = {"code": f"p{number}", "bank": "harbour_bank", "title": said, "family": next(iter(directory.families()))}
        own = {
            "valid_from": date(2024, 1, 1), "source": "assumed: drawn at random for a benchmark", "summary": said,
            "subject_types": ["enterprise"], "amount": {"min": "5万元", "max": "9万元"}, "months": [12],
            "ways": ["interest_first"], "day_count": "act/360", "late_surcharge": "2%", "decision_days": 3,
            "bureau_queries": [], "contact": said, "facts_handed": [], "criteria": criteria,
            "limit": {
                "take": "sum", "terms": [{"fact": criteria[0]["fact"], "times": 1}] if str(criteria[0]["fact"]).endswith("_fen")
                else [{"fact": "sales_12m_fen", "times": 1}], "ceiling": "9万元", "floor": "9万元", "round_down_to": "1万元",
            },
            "price": {"benchmark": "one_year", "spread": "1%"},
            "examples": [{"name": "none", "day": DAY, "facts": {}, "expect": {"answer": "unknown"}}],
        }  # fmt: skip
        product = Product.model_validate(head | {"blocks": [own]})
        found.append(ProductTerms.of(product, product.blocks[0]))
    assert block
    return found


def columns_of(firms: int) -> Columns:
    """Whole numbers around the thresholds, one in twelve not known."""
    rng = np.random.default_rng(3)
    found = {SUBJECT: Column(np.zeros(firms, dtype=np.int8), ("enterprise",))}
    for code in CODES:
        scale = 1_000_000 if code.endswith("_fen") else 100 if code.endswith("_bp") else 1
        values = rng.integers(0, 100, firms, dtype=np.int64) * scale
        values[rng.random(firms, dtype=np.float32) < 1 / 12] = NONE
        found[code] = Column(values)
    return Columns(firms, found)


def limit(terms: list[ProductTerms], columns: Columns) -> tuple[Any, Any]:
    """The same by hand: planes of no and unknown, block by block."""
    width = -(-columns.firms // 8)
    no, unknown = np.zeros((len(terms), width), np.uint8), np.zeros((len(terms), width), np.uint8)
    for start in range(0, columns.firms, BLOCK):
        stop, left = min(columns.firms, start + BLOCK), start // 8
        right = -(-stop // 8)
        part = {code: columns.columns[code].values[start:stop] for code in CODES}
        known = {code: np.packbits(values != NONE) for code, values in part.items()}
        bad: dict[tuple[str, str, int], Any] = {}
        for place, each in enumerate(terms):
            for one in each.block.criteria:
                assert one.fact is not None
                key = (one.fact, one.op or "", one.value)
                if key not in bad:
                    values = part[one.fact]
                    bad[key] = np.packbits(values < one.value if one.op == "at_least" else values > one.value) & known[one.fact]
                no[place, left:right] |= bad[key]
                unknown[place, left:right] |= ~known[one.fact]
            unknown[place, left:right] |= ~known[each.block.limit.terms[0].fact]
    return no, unknown


def zen_of(terms: list[ProductTerms]) -> Any:
    """A decision table row for each product would be first-hit; each product is an expression of its own, all in one node."""
    import zen

    lines = []
    for number, each in enumerate(terms):
        tests = [f"{one.fact} {'>=' if one.op == 'at_least' else '<='} {one.value}" for one in each.block.criteria]
        bad = " or ".join(f"({one.fact} != null and not ({test}))" for one, test in zip(each.block.criteria, tests, strict=True))
        facts = dict.fromkeys([one.fact or "" for one in each.block.criteria] + [each.block.limit.terms[0].fact])
        open_ = " or ".join(f"{code} == null" for code in facts)
        lines.append({"id": str(number), "key": each.code, "value": f"({bad}) ? 0 : ({open_}) ? 1 : 2"})
    node = {"id": "e", "type": "expressionNode", "name": "e", "content": {"expressions": lines}}
    ends = [{"id": "i", "type": "inputNode", "name": "i"}, {"id": "o", "type": "outputNode", "name": "o"}]
    edges = [
        {"id": "1", "sourceId": "i", "targetId": "e", "type": "edge"},
        {"id": "2", "sourceId": "e", "targetId": "o", "type": "edge"},
    ]
    return zen.ZenEngine().create_decision(json.dumps({"nodes": [*ends, node], "edges": edges}))


def main() -> None:
    """Run in turn; a difference in any pair ends it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--firms", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--zen", type=int, default=200)
    asked = parser.parse_args()
    terms, columns = made_up(random.Random(1)), columns_of(asked.firms)
    book = Book(terms, DAY)
    rows: list[dict[str, Any]] = [
        {code: None if (v := int(columns.columns[code].values[n])) == NONE else v for code in CODES} for n in range(asked.zen)
    ]
    engine = zen_of(terms)
    seconds: dict[str, list[float]] = {"ours": [], "limit": [], "zen": []}
    theirs: list[dict[str, Any]] = []
    for _ in range(asked.rounds):
        begin = perf_counter()
        swept = book.sweep(columns)
        seconds["ours"].append(perf_counter() - begin)
        begin = perf_counter()
        no, unknown = limit(terms, columns)
        seconds["limit"].append(perf_counter() - begin)
        begin = perf_counter()
        theirs = [engine.evaluate(row)["result"] for row in rows]
        seconds["zen"].append(perf_counter() - begin)
    assert np.array_equal(swept.no, no) and np.array_equal(swept.unknown & ~swept.no, unknown & ~no), "the limit differs"  # noqa: PT018
    answers = ("no", "unknown", "yes")
    for place, each in enumerate(terms):
        assert all(answers[int(row[each.code])] == swept.answer(place, n) for n, row in enumerate(theirs)), "zen differs"
    ours, bare, zen = (median(seconds[name]) for name in ("ours", "limit", "zen"))
    evaluations = asked.firms * PRODUCTS * CRITERIA
    print(
        f"{asked.firms:,} firms x {PRODUCTS} products x {CRITERIA} criteria ({book.comparisons} distinct); columns already read"
    )
    print(f"ours {ours:.3f} s ({evaluations / ours / 1e9:.2f} G evaluations/s); limit {bare:.3f} s; all planes equal")
    times = (zen / max(1, asked.zen)) / (ours / asked.firms)
    print(f"zen-engine {zen / max(1, asked.zen) * 1e6:.0f} us a firm over {asked.zen} firms; every pair equal")
    print(f"aim >= 0.5 of the limit: {'met' if bare / ours >= 0.5 else 'MISSED'} ({bare / ours:.2f}); ", end="")
    print(f"aim >= 400 x zen: {'met' if times >= 400 else 'MISSED'} ({times:,.0f})")
    begin = perf_counter()
    for row in rows[:20]:
        for each in terms:
            rules.evaluate(each, row, day=DAY, firm=rules.FirmView("enterprise"))
    told = (perf_counter() - begin) / (20 * PRODUCTS)
    begin = perf_counter()
    for row in rows[:20]:
        for each in terms:
            [(c.id, None if (v := row[c.fact or ""]) is None else v >= c.value if c.op == "at_least" else v <= c.value)
             for c in each.block.criteria]  # fmt: skip
    plain = (perf_counter() - begin) / (20 * PRODUCTS)
    print(f"reasons of a pair with sentences {told * 1e6:.1f} us; a plain loop without sentences {plain * 1e6:.1f} us")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {peak:.2f} GB (aim for 14 million firms: below 6)")


if __name__ == "__main__":
    main()
