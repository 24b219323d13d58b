"""Products and firms drawn at random over the whole language of product files: every operator, kind, scope and limit formula."""

import random
from datetime import date, timedelta
from typing import Any

from products import directory
from products.rules import FirmView
from products.schema import Product, ProductTerms
from products.vocabulary import askable

DAY = date(2025, 6, 2)
SAID = {"zh": "试验", "en": "trial"}
INDUSTRIES = ["A01", "C30", "C3311", "C3074", "E47", "F51", "I65", "I6510", "J66", "L72", "3311", "Z9", "M"]
REGIONS = ["420100", "420600", "440300", "330683", "110105"]
GRADES = ["A", "B", "C", "D", "M"]
WORDS = {"region": REGIONS, "industry": INDUSTRIES, "subject_type": ["enterprise", "sole_trader", "cooperative"]}
FACTS = {code: word.kind for code, word in askable().items()}
STEPS = {"fen": 10_000_000, "bp": 500, "int": 3}


def value(rng: random.Random, code: str) -> Any:
    """A value near the thresholds, so that both sides and the edge itself come up."""
    kind = FACTS[code]
    if kind == "bool":
        return rng.random() < 0.4
    if kind == "date":
        return DAY - timedelta(days=rng.randrange(0, 12) * 60 - 60)
    if kind == "text":
        return rng.choice(WORDS.get(code, GRADES))
    if kind == "list":
        return [{}] * rng.randrange(4)
    return rng.randrange(-1, 8) * STEPS[kind] + rng.choice([0, 0, 1, -1])


def _written(code: str, found: Any) -> Any:
    kind = FACTS[code]
    if kind == "fen":
        return f"{found // 100}.{found % 100:02d}元" if found >= 0 else "0元"
    return f"{found / 100:.2f}%" if kind == "bp" else found


def criterion(rng: random.Random, number: int) -> dict[str, Any]:
    if rng.random() < 0.08:
        asked: dict[str, Any] = {"id": f"q{number}", "knows": "bank", "title": SAID}
    else:
        code = rng.choice(list(FACTS))
        kind = FACTS[code]
        ops = {
            "fen": ["at_least", "at_most"], "bp": ["at_least", "at_most", "is"], "int": ["at_least", "at_most", "is", "is_not"],
            "bool": ["is", "is_not"], "text": ["is", "is_not", "one_of", "not_one_of", "starts_with_one_of"],
            "date": ["at_least", "at_most", "within_days", "at_least_days_ago"], "list": ["count_at_least"],
        }[kind]  # fmt: skip
        op = rng.choice(ops)
        if op in ("within_days", "at_least_days_ago"):
            want: Any = rng.choice([0, 60, 180, 365])
        elif op == "count_at_least":
            want = rng.randrange(3)
        elif op.endswith("one_of"):
            want = [str(value(rng, code))[: rng.choice([2, 4, 6])] for _ in range(2)]
        else:
            want = _written(code, value(rng, code))
        asked = {"id": f"q{number}", "fact": code, "op": op, "value": want, "knows": rng.choice(["platform"] * 4 + ["bank"])}
    if rng.random() < 0.15:
        asked["only_for"] = rng.sample(["A", "C", "C33", "I65"], 2)
    return asked


def limit(rng: random.Random) -> dict[str, Any]:
    terms: list[dict[str, Any]] = []
    for code in rng.sample(["sales_12m_fen", "tax_paid_12m_fen", "insured_headcount", "tax_grade", "purchases_12m_fen"], 2):
        kind = FACTS[code]
        if kind == "int":
            terms.append({"fact": code, "each": "3万元"})
        elif kind == "text":
            terms.append({"fact": code, "table": {"A": "50万元", "B": "5万元"}})
        elif rng.random() < 0.5:
            terms.append({"fact": code, "share": rng.choice(["12.5%", "33.33%", "-5%"])})
        else:
            terms.append({"fact": code, "times": rng.choice([2, 3])})
    take = rng.choice(["least", "sum"])
    if take == "sum" and rng.random() < 0.5:
        terms[1]["optional"] = True
    floor = rng.choice(["0元", "0元", "0元", "20万元"])
    return {"take": take, "terms": terms, "ceiling": "300万元", "floor": floor, "round_down_to": rng.choice(["1万元", "7万元"])}


def product(rng: random.Random, number: int) -> ProductTerms:
    block: dict[str, Any] = {
        "valid_from": date(2024, 1, 1), "source": "assumed: drawn at random for a test", "summary": SAID,
        "subject_types": rng.sample(["enterprise", "sole_trader", "cooperative"], rng.randrange(1, 4)),
        "amount": {"min": rng.choice(["5万元", "10万元", "50万元"]), "max": "300万元"}, "months": (12,),
        "ways": ("interest_first",), "day_count": "act/360", "late_surcharge": "2%", "decision_days": 3, "bureau_queries": (),
        "contact": SAID, "facts_handed": (), "limit": limit(rng), "price": {"benchmark": "one_year", "spread": "1%"},
        "criteria": [criterion(rng, n) for n in range(rng.randrange(1, 10))],
        "examples": [{"name": "none", "day": DAY, "facts": {}, "expect": {"answer": "no"}}],
    }  # fmt: skip
    if rng.random() < 0.2:
        block["regions"] = rng.sample(["42", "4201", "33", "440300"], 2)
    if rng.random() < 0.2:
        block["industries"] = rng.sample(["C", "A", "I65", "E"], 2)
    elif rng.random() < 0.2:
        block["except_industries"] = rng.sample(["C", "A", "I65", "E"], 2)
    if rng.random() < 0.3:
        block["sizes"] = rng.sample(["micro", "small", "medium", "large"], rng.randrange(1, 4))
    if rng.random() < 0.2:
        block["whitelist"] = {"programme": "data_firms", "grades": ["A", "B"], "way": SAID, "required": rng.random() < 0.7}
    head = {"code": f"p{number}", "bank": "harbour_bank", "title": SAID, "family": next(iter(directory.families()))}
    told = Product.model_validate(head | {"blocks": [block]})
    return ProductTerms.of(told, told.blocks[0])


def firm(rng: random.Random) -> tuple[FirmView, dict[str, Any], str | None]:
    missing = rng.choice([0.05, 0.3, 0.6])
    view = FirmView(
        rng.choice(WORDS["subject_type"]),
        rng.choice(REGIONS) if rng.random() > missing else None,
        rng.choice(INDUSTRIES) if rng.random() > missing else None,
    )
    facts = {code: value(rng, code) for code in FACTS if rng.random() > missing}
    if rng.random() < 0.8:
        for code in ("region", "industry", "subject_type"):
            facts.pop(code, None)
    return view, facts, rng.choice([None, "A", "B", "C"])
