"""Rows behind a figure: asked of the platform's API with the reader's own session and stated purpose, which it audits or refuses.

The dashboard adds no right of its own: what comes back is what the API gave to this reader, or its sentence of refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import streamlit as st

from backend.kit.words import Words
from dashboard import furniture, words
from dashboard.furniture import View
from dashboard.place import Place

SHORTEST_PURPOSE = 5


@dataclass(frozen=True, slots=True)
class Behind:
    """The answer: a table, or only words."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: Words | None
    given: bool


def ask(place: Place, token: str, *, figure: str, cell: str, purpose: str) -> Behind:
    """POST /api/regulator/drilldown. Never raises: a refusal and an API that is away are answers to show."""
    try:
        with httpx.Client(transport=place.transport, timeout=10.0, trust_env=False) as client:
            answer = client.post(
                f"{place.api_url}/api/regulator/drilldown",
                json={"figure": figure, "cell": cell, "purpose": purpose},
                headers={"authorization": f"Bearer {token}"},
            )
    except httpx.HTTPError:
        return Behind((), (), words.DRILL["away"], given=False)
    try:
        said = answer.json()
        sentence = _sentence(said)
        if answer.status_code >= 400:
            return Behind((), (), sentence or words.DRILL["away"], given=False)
        columns = tuple(str(each) for each in said["columns"])
        rows = tuple(tuple(_text(cell) for cell in _cells(row, columns)) for row in said["rows"])
    except (ValueError, KeyError, TypeError):
        return Behind((), (), words.DRILL["odd"], given=False)
    return Behind(columns, rows, sentence, given=True)


def _sentence(said: Any) -> Words | None:
    found = said.get("words") if isinstance(said, Mapping) else None
    if isinstance(found, Mapping) and "zh" in found and "en" in found:
        return Words(str(found["zh"]), str(found["en"]))
    return None


def _cells(row: Any, columns: tuple[str, ...]) -> list[Any]:
    return [row.get(column) for column in columns] if isinstance(row, Mapping) else list(row)


def _text(value: Any) -> str:
    return "—" if value is None else f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def draw(view: View, key: str, figures: Mapping[str, str], cells: Mapping[str, str]) -> None:
    """The form, and below it what came back."""
    with furniture.panel(view, f"drill-{key}", words.DRILL["title"], words.DRILL["lead"]):
        with st.form(f"drill-form-{key}", border=False):
            left, right = st.columns(2)
            figure = left.selectbox(view.say(words.DRILL["figure"]), list(figures), format_func=lambda code: figures[code])
            cell = right.selectbox(view.say(words.DRILL["cell"]), list(cells), format_func=lambda code: cells[code])
            purpose = st.text_input(view.say(words.DRILL["purpose"]), max_chars=300, placeholder=view.say(words.DRILL["hint"]))
            sent = st.form_submit_button(view.say(words.DRILL["go"]), type="primary")
        if not sent:
            return
        if len(purpose.strip()) < SHORTEST_PURPOSE:
            furniture.empty(view, words.DRILL["short"])
            return
        found = ask(view.place, view.token, figure=str(figure), cell=str(cell), purpose=purpose.strip())
        if found.words is not None:
            furniture.note(view, view.say(found.words)) if found.given else furniture.empty(view, found.words)
        if found.given and not found.rows:
            furniture.empty(view, words.DRILL["none"])
        elif found.given:
            furniture.note(view, view.say(words.DRILL["rows"].fill(n=len(found.rows))))
            furniture.table(view, found.columns, found.rows)
