"""One fact, one name: a code of `backend/vocabulary` has its title there and nowhere else.

Every YAML file and every table of words in Python is walked for titles in both languages. A title of a code that the vocabulary
knows is a second one, unless its table speaks of something else of the same code (OTHER_THINGS), or is a published paper whose
digest covers it (PUBLISHED): there it must be the vocabulary's own, to the letter.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from backend.kit.words import Words
from backend.vocabulary import codes, facts, figures

ROOT = Path(__file__).parents[2]
FOLDERS = ("backend", "lender_adapters", "products", "risk_compensation", "dashboard")
TITLES: dict[str, set[Words]] = {}
for _many in (
    {code: each.title for code, each in facts.definitions().items()},
    facts.item_titles(),
    figures.TITLES,
    codes.LOAN_CLASSES,
    codes.FIRM_KINDS,
    codes.INDUSTRIES,
    codes.PLACES,
):
    for _code, _title in _many.items():
        TITLES.setdefault(_code, set()).add(_title)

PUBLISHED = {
    "backend/scoring/cards/": "a published card's digest covers its titles, and stored assessments cite it",
    "backend/scoring/capacity.py:": "a debt's name stands in stored assessments, which replay to the same bytes",
}
"""Where a title of ours stands once more, because stored digests cover it."""
OTHER_THINGS = {
    "backend/reporting/model.py:DEFINITIONS": "what a figure counts",
    "backend/reporting/definitions_watch.py:WATCHED": "what a figure counts",
    "backend/scoring/warnings/thresholds.yaml:blocks:indicators:fact": "an indicator watches a fact, and has a code of its own",
    "backend/scoring/warnings/thresholds.yaml:blocks:indicators:code": "an indicator",
    "backend/scoring/blueprints/sole_trader.yaml:code": "a card, not a kind of firm",
    "backend/scoring/cards/sole_trader.yaml:blocks:code": "a card, not a kind of firm",
    "backend/scoring/capacity.py:DEBTS:guarantee_links": "the share of guarantees that counts as debt, not the guarantees",
    "risk_compensation/scheme/entering.py:WHY_NOT:industry": "why a loan may not enter the pool",
    "dashboard/words_rows.py:ROW_COLUMNS:outstanding_fen": "a column of single loans, in yuan",
    "dashboard/words_watch.py:NOW:firms": "firms that were swept",
    "dashboard/words_watch.py:REGIONS_HEAD:firms": "how many firms a row counts",
    "dashboard/words_watch.py:BANDS_HEAD:firms": "how many firms a row counts",
    "dashboard/words_watch.py:PSI_KEYS:watch": "a line of a chart",
    "dashboard/words_watch.py:ALERT_COLOURS:watch": "the colour of an alert on a card",
    "backend/portal/locales:grade:means": "a grade, not a section of industry",
    "backend/portal/locales:menu:warnings": "a page",
    "backend/portal/locales:apply:banks": "a question of a form",
    "backend/portal/locales:bank_desk:claims": "a heading",
    "backend/portal/locales:claim:loss": "an amount, not a loan class",
    "backend/portal/locales:money:claims": "a sentence",
    "backend/portal/locales:operator_desk:banks": "a heading",
}
"""Tables, or single entries of one, whose codes are ours by spelling only; and what they speak of."""


class Said(NamedTuple):
    """A title of a code as a file gives it; `table` is the file and what the table is called in it."""

    table: str
    code: str
    title: Words


def chinese(text: Any) -> bool:
    return isinstance(text, str) and bool(re.search("[\u4e00-\u9fff]", text))


def both(node: Any) -> Words | None:
    """A title as a file writes it: `{zh: …, en: …}`, by itself or under `title`."""
    if isinstance(node, dict):
        node = node.get("title", node)
    if isinstance(node, dict) and chinese(node.get("zh")) and isinstance(node.get("en"), str):
        return Words(node["zh"], node["en"])
    return None


def in_yaml(node: Any, table: str) -> Iterator[Said]:
    """Titles under their code as a key, or beside it as `code` or `fact`. Of dated blocks the newest speaks."""
    if isinstance(node, list):
        dated = all(isinstance(each, dict) and "valid_from" in each for each in node)
        for each in node[-1:] if dated else node:
            yield from in_yaml(each, table)
    if not isinstance(node, dict):
        return
    title = both(node)
    if title is not None and ("zh" in node or "title" in node):
        for key in ("code", "fact"):
            if isinstance(node.get(key), str):
                yield Said(f"{table}:{key}", node[key], title)
    for key, value in node.items():
        found = both(value)
        if found is not None and key != "title":
            yield Said(table, str(key), found)
        yield from in_yaml(value, f"{table}:{key}")


def in_locales(zh: dict[str, Any], en: dict[str, Any], table: str) -> Iterator[Said]:
    for key, value in zh.items():
        if isinstance(value, dict):
            yield from in_locales(value, en[key], f"{table}:{key}")
        elif chinese(value):
            yield Said(table, str(key), Words(value, en[key]))


def words_of(node: ast.AST) -> Words | None:
    """`Words("中文", "English")` under any name, or the two texts as a pair."""
    parts = node.args[:2] if isinstance(node, ast.Call) else node.elts if isinstance(node, (ast.Tuple, ast.List)) else []
    texts = [each.value for each in parts if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return Words(*texts) if len(texts) == len(parts) == 2 and chinese(texts[0]) else None


def following(parts: list[ast.expr]) -> list[tuple[ast.AST | None, ast.AST]]:
    """A code and what stands after it: its words, or the two texts."""
    if len(parts) == 3 and words_of(parts[1]) is None and words_of(parts[2]) is None:
        return [(parts[0], ast.Tuple(parts[1:], ast.Load()))]
    return list(pairwise(parts))


def in_python(tree: ast.Module, table: str) -> Iterator[Said]:
    """Titles in dictionaries, and in calls and rows where they follow the code."""
    for top in tree.body:
        named = getattr(top, "name", None) or next(
            (each.id for each in ast.walk(top) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)), ""
        )
        for node in ast.walk(top):
            pairs: list[tuple[ast.AST | None, ast.AST]] = []
            if isinstance(node, ast.Dict):
                pairs = list(zip(node.keys, node.values, strict=True))
            elif isinstance(node, ast.Call) and len(node.args) > 1:
                pairs = following(node.args[:3])
            elif isinstance(node, (ast.Tuple, ast.List)):
                pairs = following(node.elts)
            for key, value in pairs:
                title = words_of(value)
                if title is not None and isinstance(key, ast.Constant):
                    yield Said(f"{table}:{named}", str(key.value), title)


def everything() -> Iterator[Said]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            place = path.relative_to(ROOT)
            if place.parts[:2] == ("backend", "vocabulary") or "locales" in place.parts or "versions" in place.parts:
                continue
            if path.suffix == ".yaml":
                yield from in_yaml(yaml.safe_load(path.read_text()), str(place))
            elif path.suffix == ".py":
                yield from in_python(ast.parse(path.read_text()), str(place))
    folder = ROOT / "backend/portal/locales"
    zh, en = (yaml.safe_load((folder / f"{language}.yaml").read_text()) for language in ("zh", "en"))
    yield from in_locales(zh, en, "backend/portal/locales")


SAID = list(everything())


def other(said: Said) -> set[str]:
    """Under which names of OTHER_THINGS a title falls."""
    return {said.table, f"{said.table}:{said.code}"} & OTHER_THINGS.keys()


def faults(said: Iterable[Said]) -> list[str]:
    """Each title that a code of the vocabulary is given elsewhere, and one that a published paper gives otherwise."""
    found = []
    for each in said:
        if each.code not in TITLES or other(each):
            continue
        published = each.table.startswith(tuple(PUBLISHED))
        if not published or each.title not in TITLES[each.code]:
            found.append(f"{each.table}: {each.code} is called {each.title.zh} | {each.title.en}")
    return found


def test_no_code_of_the_vocabulary_has_a_second_title() -> None:
    assert faults(SAID) == []


def test_within_the_vocabulary_a_code_has_one_title() -> None:
    # an item and a fact, a figure and a class may not share a code, or nobody could tell which title is meant
    assert {code: titles for code, titles in TITLES.items() if len(titles) > 1} == {}


def test_a_card_is_called_as_its_blueprint_is() -> None:
    blueprints, cards = (
        {each.code: each.title for each in SAID if re.match(rf"backend/scoring/{kind}/.*:code$", each.table)}
        for kind in ("blueprints", "cards")
    )
    assert cards
    assert cards.items() <= blueprints.items()


def test_what_is_called_another_thing_is_still_there() -> None:
    assert {name for each in SAID for name in other(each) if each.code in TITLES} == OTHER_THINGS.keys()
    assert all(any(each.table.startswith(place) and each.code in TITLES for each in SAID) for place in PUBLISHED)


SECOND = Words("关注", "watch")


@pytest.mark.parametrize(
    "said",
    [
        in_yaml({"classes": {"watch": {"zh": "关注", "en": "watch"}}}, "x.yaml"),
        in_yaml({"classes": {"watch": {"title": {"zh": "关注", "en": "watch"}, "unit": "fen"}}}, "x.yaml"),
        in_yaml([{"code": "watch", "zh": "关注", "en": "watch"}], "x.yaml"),
        in_yaml({"blocks": [{"valid_from": 1, "bins": [{"fact": "watch", "title": {"zh": "关注", "en": "watch"}}]}]}, "x.yaml"),
        in_python(ast.parse('CLASSES = {"loss": 1, "watch": W("关注", "watch")}'), "x.py"),
        in_python(ast.parse('def of(code):\n    return {"watch": ("关注", "watch")}[code]'), "x.py"),
        in_python(ast.parse('ALL = (defined("watch", "关注", "watch", "formula"),)'), "x.py"),
        in_python(ast.parse('ALL = (Debt("watch", Words("关注", "watch")),)'), "x.py"),
        in_python(ast.parse('CLASSES = ((2, "watch", Words("关注", "watch")),)'), "x.py"),
        in_python(ast.parse('CLASSES = [("watch", "关注", "watch")]'), "x.py"),
        in_locales({"state": {"watch": "关注"}}, {"state": {"watch": "watch"}}, "locales"),
    ],
    ids=["key", "key with title", "code", "fact", "table", "pair", "call", "call with words", "row", "row of texts", "sentences"],
)
def test_a_second_title_is_found_wherever_it_is_written(said: Iterator[Said]) -> None:
    found = list(said)
    assert [(each.code, each.title) for each in found] == [("watch", SECOND)]
    assert len(faults(found)) == 1


def test_a_published_card_that_calls_a_fact_otherwise_is_found() -> None:
    ours = facts.definitions()["gross_margin_bp"].title
    card = "backend/scoring/cards/general.yaml:blocks:characteristics:fact"
    assert faults([Said(card, "gross_margin_bp", ours)]) == []
    assert len(faults([Said(card, "gross_margin_bp", Words("毛利率", "gross margin"))])) == 1
