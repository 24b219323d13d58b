"""A card as one Python file that a bank runs in its own house: standard library only, no network, nothing of ours imported.

The file holds the card's table and the whole look-up (population, bins, points, probability, grade). Beside it stands a file of
test vectors worked out here; running the file on them answers every one to the last digit, or names the first that differs:

    python general_2025-01-01.py general_2025-01-01.vectors.json

>>> from datetime import date
>>> from backend.scoring import scorecard
>>> "import backend" in program(scorecard.current(date(2025, 6, 30)))
False
"""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from pathlib import Path
from string import Template
from typing import Any

from backend.credit_data.model import plain
from backend.scoring import scorecard
from backend.scoring.card import Card, Characteristic, Exclusion
from backend.vocabulary.facts import definitions

VECTORS = 400
_TEXT = Template((Path(__file__).parent / "export_template.py.txt").read_text(encoding="utf-8"))


def table(card: Card) -> dict[str, Any]:
    """What the look-up needs of the card, as plain JSON; decimals as text."""
    return {
        "code": card.code,
        "valid_from": card.valid_from.isoformat(),
        "digest": card.digest,
        "excludes": [_case(case) for case in card.population.excludes],
        "in_default": [_case(case) for case in card.population.in_default],
        "requires": [
            {
                "fact": need.fact,
                "at_least": None if need.at_least is None else str(need.at_least),
                "is_in": list(need.is_in),
                "words": need.words.en,
            }
            for need in card.population.requires
        ],
        "scale": card.scale.model_dump(),
        "grades": [[band.grade, None if band.pd_below is None else str(band.pd_below)] for band in card.grades],
        "characteristics": [
            {
                "fact": c.fact,
                "read_as": c.read_as,
                "bins": [[None if b.below is None else str(b.below), list(b.is_in), b.points] for b in c.bins],
                "special": [[list(special.values), special.points] for special in c.special],
                "missing": c.missing.points,
            }
            for c in card.characteristics
        ],
    }


def _case(case: Exclusion) -> dict[str, Any]:
    return {"fact": case.fact, "is_true": case.is_true, "begins_with": list(case.begins_with), "words": case.words.en}


def program(card: Card) -> str:
    """The whole file."""
    body = json.dumps(table(card), ensure_ascii=False, indent=1, sort_keys=True)
    names = {"code": card.code, "title": card.title.en, "valid_from": card.valid_from, "digest": card.digest}
    return _TEXT.substitute(names | {"table": body})


def vectors(card: Card, day: date, count: int = VECTORS) -> dict[str, Any]:
    """Made-up firms and our answers: at and around every edge, missing facts, firms outside the population and in default."""
    dice = random.Random(card.digest)
    firms = [_firm(card, day, dice) for _ in range(count)]
    cases = []
    for values in firms:
        found = scorecard.assess(card, values, day)
        cases.append(
            {
                "facts": {code: plain(value) for code, value in values.items()},
                "score": found.score,
                "pd": None if found.pd is None else str(found.pd),
                "grade": found.grade,
            }
        )
    return {"card": card.code, "digest": card.digest, "day": day.isoformat(), "cases": cases}


def _firm(card: Card, day: date, dice: random.Random) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for need in card.population.requires:
        values[need.fact] = dice.choice(need.is_in) if need.is_in else int(need.at_least or 0) + dice.randrange(30)
    for c in card.characteristics:
        if c.fact not in values and dice.random() < 0.85:
            values[c.fact] = _value(c, day, dice)
    for case in (*card.population.excludes, *card.population.in_default):
        if dice.random() < 0.04:
            values[case.fact] = True if case.is_true else dice.choice(case.begins_with)
    for need in card.population.requires:
        if dice.random() < 0.02:
            values.pop(need.fact, None)
    return values


def _value(c: Characteristic, day: date, dice: random.Random) -> Any:
    edges = [int(b.below) for b in c.bins if b.below is not None]
    if not edges:
        texts = [text for b in c.bins for text in b.is_in] + ["other"]
        chosen = dice.choice(texts)
        return chosen == "true" if definitions()[c.fact].kind == "bool" else chosen
    number = dice.choice(edges) + dice.choice((-1, 0, 1, dice.randrange(-5000, 5000)))
    if c.read_as == "value":
        return number
    return day - timedelta(days=number * (31 if c.read_as == "months_since" else 1))


def write(card: Card, day: date, folder: Path) -> tuple[Path, Path]:
    """Both files into a folder; answers their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{card.code}_{card.valid_from.isoformat()}"
    code, cases = folder / f"{name}.py", folder / f"{name}.vectors.json"
    code.write_text(program(card), encoding="utf-8")
    cases.write_text(json.dumps(vectors(card, day), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return code, cases
