"""Rows behind a figure: asked of the platform's API with the reader's own session and stated purpose, which it audits or refuses.

The dashboard adds no right of its own: what comes back is what the API gave to this reader, or its sentence of refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import streamlit as st

from backend.kit.money import yuan_text
from backend.kit.words import Words
from dashboard import furniture, words_rows
from dashboard.figures import percent
from dashboard.furniture import View
from dashboard.place import Place

SHORTEST_PURPOSE = 5
Question = tuple[str, Mapping[str, str], str]
"""The API's figure, the keys of its cell, and how the choice is named."""


@dataclass(frozen=True, slots=True)
class Behind:
    """The answer: a table, or only words."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    words: Words | None
    given: bool


def ask(place: Place, token: str, *, figure: str, cell: Mapping[str, str], purpose: str) -> Behind:
    """POST /api/regulator/drilldown. Never raises: a refusal and an API that is away are answers to show."""
    try:
        with httpx.Client(transport=place.transport, timeout=10.0, trust_env=False) as client:
            answer = client.post(
                f"{place.api_url}/api/regulator/drilldown",
                json={"figure": figure, "cell": dict(cell), "purpose": purpose},
                headers={"authorization": f"Bearer {token}"},
            )
    except httpx.HTTPError:
        return Behind((), (), words_rows.DRILL["away"], given=False)
    try:
        said = answer.json()
        sentence = _sentence(said)
        if answer.status_code >= 400:
            return Behind((), (), sentence or words_rows.DRILL["away"], given=False)
        columns = tuple(str(each) for each in said["columns"])
        rows = tuple(_cells(row, columns) for row in said["rows"])
    except (ValueError, KeyError, TypeError):
        return Behind((), (), words_rows.DRILL["odd"], given=False)
    return Behind(columns, rows, sentence, given=True)


def _sentence(said: Any) -> Words | None:
    found = said.get("words") if isinstance(said, Mapping) else None
    if isinstance(found, Mapping) and "zh" in found and "en" in found:
        return Words(str(found["zh"]), str(found["en"]))
    return None


def _cells(row: Any, columns: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row.get(column) for column in columns) if isinstance(row, Mapping) else tuple(row)


def text(view: View, column: str, value: Any) -> str:
    """A cell as people read it: money in yuan to the fen, rates in percent, states in words."""
    if value is None or value == "":
        return "—"
    if column.endswith("_fen"):
        return yuan_text(int(value))
    if column.endswith("_bp"):
        return percent(value)
    if column == "bank":
        return view.bank(str(value))
    if column in ("state", "outcome", "cls", "kind"):
        return view.say(words_rows.ROW_WORDS.get(str(value), Words(str(value), str(value))))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def draw(view: View, key: str, questions: Mapping[str, Question]) -> None:
    """The form, and below it what came back."""
    with furniture.panel(view, f"drill-{key}", words_rows.DRILL["title"], words_rows.DRILL["lead"]):
        if not questions:
            furniture.empty(view, words_rows.DRILL["none"])
            return
        with st.form(f"drill-form-{key}", border=False):
            left, right = st.columns(2)
            label = view.say(words_rows.DRILL["cell"])
            picked = left.selectbox(label, list(questions), format_func=lambda code: questions[code][2])
            purpose = right.text_input(
                view.say(words_rows.DRILL["purpose"]), max_chars=300, placeholder=view.say(words_rows.DRILL["hint"])
            )
            sent = st.form_submit_button(view.say(words_rows.DRILL["go"]), type="primary")
        if not sent:
            return
        if len(purpose.strip()) < SHORTEST_PURPOSE:
            furniture.empty(view, words_rows.DRILL["short"])
            return
        figure, cell, _ = questions[str(picked)]
        answer(view, ask(view.place, view.token, figure=figure, cell=cell, purpose=purpose.strip()))


def answer(view: View, found: Behind) -> None:
    """The rows, or the sentence."""
    if not found.given:
        furniture.empty(view, found.words or words_rows.DRILL["away"])
    elif not found.rows:
        furniture.empty(view, words_rows.DRILL["none"])
    else:
        said = view.say(words_rows.DRILL["rows"].fill(n=len(found.rows)))
        furniture.note(view, f"{said} · {view.say(found.words)}" if found.words else said)
        heads = [view.say(words_rows.ROW_COLUMNS.get(column, Words(column, column))) for column in found.columns]
        body = [[text(view, column, value) for column, value in zip(found.columns, row, strict=False)] for row in found.rows]
        furniture.table(view, heads, body)
