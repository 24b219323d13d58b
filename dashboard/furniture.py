"""What every page is built from: cards of figures, panels with explanations, lists of bars, tables, sentences for what is empty.

All text that comes from the snapshot (bank names, reasons, labels) is escaped: it is shown, never interpreted.

>>> keys({"approved": "通过"}, {"approved": "#0e5a5a"})
'<div class="cb-keys"><span><i style="background:#0e5a5a;border-color:#0e5a5a"></i>通过</span></div>'
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from backend.kit.words import Words
from backend.vocabulary.figures import TITLES
from dashboard import words
from dashboard.figures import Bar, Kpi, title
from dashboard.place import Place
from dashboard.snapshot import Snapshot


@dataclass(frozen=True)
class View:
    """What a page is drawn from: the snapshot, the reader's language, where the API is, and the reader's session."""

    snapshot: Snapshot
    language: str
    place: Place
    token: str

    def say(self, what: Words) -> str:
        return what.say(self.language)

    def names(self, words_by_code: Mapping[str, Words]) -> dict[str, str]:
        return {code: each.say(self.language) for code, each in words_by_code.items()}

    def figure(self, code: str) -> str:
        """What a figure is called: as its snapshot calls it, for an older one was defined under older names."""
        for row in self.snapshot.rows("definitions"):
            if row["code"] == code:
                return title(row, self.language)
        return self.say(TITLES[code]) if code in TITLES else code

    def bank(self, code: str) -> str:
        for row in self.snapshot.rows("banks"):
            if row["bank"] == code:
                return title(row, self.language, "name")
        return code

    @property
    def tag(self) -> str:
        return "en" if self.language == "en" else "zh-CN"


def html(view: View, body: str) -> None:
    """HTML of ours with the page's language on it, so that a screen reader reads it in the right voice."""
    st.html(f'<div lang="{view.tag}">{body}</div>')


def explained(view: View, codes: Sequence[str], own: Words | None = None) -> str:
    """How a figure is counted: the panel's own words, then the published definitions."""
    known = {row["code"]: row for row in view.snapshot.rows("definitions")}
    parts = [f"<dd>{escape(view.say(own))}</dd>"] if own else []
    for code in codes:
        if code in known:
            row = known[code]
            source = f" <small>({view.say(words.SOURCE)}: {escape(str(row['source']))})</small>" if row.get("source") else ""
            parts.append(
                f"<dt>{escape(title(row, view.language))}</dt><dd>{escape(title(row, view.language, 'formula'))}{source}</dd>"
            )
    if not parts:
        return ""
    return f'<details class="cb-how"><summary>{view.say(words.HOW)}</summary><dl>{"".join(parts)}</dl></details>'


def card(name: str, value: str, unit: str = "", *, tone: str = "", none: bool = False, below: str = "") -> str:
    """One figure. `below` is HTML of ours."""
    said = f'<div class="v{" none" if none else ""}">{escape(value)}<small>{escape(unit)}</small></div>'
    return f'<div class="cb-kpi{tone}"><div class="k">{escape(name)}</div>{said}{below}</div>'


def kpi_cards(view: View, figures: Sequence[Kpi], *, first: str = "", alarm: Collection[str] = ()) -> None:
    """A grid of figures, each with its n and its definition."""
    cards = []
    for each in figures:
        value, _, unit = each.text(view.language).partition(" ")
        none = each.value is None
        if none:
            # counted, and no figure: it is held back; nothing counted: there is none
            value, unit = view.say(words.FEWER if each.n else words.NO_FIGURE), ""
        tone = " first" if each.code == first else " alarm" if each.code in alarm and each.value else ""
        n = f'<div class="n">n = {each.n:,}</div>' if each.unit != "count" else ""
        name = view.figure(each.code)
        cards.append(card(name, value, unit, tone=tone, none=none, below=n + explained(view, [each.code])))
    html(view, f'<div class="cb-kpis">{"".join(cards)}</div>')


@contextmanager
def panel(
    view: View,
    key: str,
    name: Words,
    lead: Words | None = None,
    *,
    codes: Sequence[str] = (),
    own: Words | None = None,
    legend: str = "",
) -> Iterator[None]:
    """A white sheet with a title, a sentence, its legend and its explanation."""
    with st.container(key=f"panel-{key}", height="stretch"):
        said = f"<p>{escape(view.say(lead))}</p>" if lead else ""
        html(view, f'<div class="cb-panel"><h2>{escape(view.say(name))}</h2>{said}{explained(view, codes, own)}{legend}</div>')
        yield


def keys(names: Mapping[str, str], colours: Mapping[str, str], shapes: Mapping[str, str] | None = None) -> str:
    """A legend that wraps as text does."""
    items = []
    for code, name in names.items():
        if code in colours:
            kind = f' class="{(shapes or {})[code]}"' if code in (shapes or {}) else ""
            items.append(
                f'<span><i{kind} style="background:{colours[code]};border-color:{colours[code]}"></i>{escape(name)}</span>'
            )
    return f'<div class="cb-keys">{"".join(items)}</div>'


def draw(chart: Any, alt: str) -> None:
    """A chart with its sentence for those who cannot see it. Our own theme; Streamlit's would repaint it."""
    st.altair_chart(chart, width="stretch", theme=None, alt=alt)


def bar_list(view: View, bars: Sequence[Bar], *, long: bool = False) -> None:
    """Bars with their label and exact text; `long` puts a long label on a line of its own."""
    rows = "".join(
        f'<div class="cb-bar"><span class="l">{escape(bar.label)}</span><span class="t"><b style="width:{100 * bar.length:.1f}%'
        f'{";background:" + bar.tone if bar.tone else ""}{";min-width:0" if not bar.length else ""}"></b></span>'
        f'<span class="x">{escape(bar.text)}{f"<small>{escape(bar.note)}</small>" if bar.note else ""}</span></div>'
        for bar in bars
    )
    html(view, f'<div class="cb-bars{" long" if long else ""}">{rows}</div>')


def table(view: View, heads: Sequence[str], rows: Sequence[Sequence[str]], *, total: Sequence[str] | None = None) -> None:
    """A table; on a phone each row is a card, the first cell its title and every other cell beside its head."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(f"<tr>{_cells(heads, row)}</tr>" for row in rows)
    last = f'<tr class="sum">{_cells(heads, total)}</tr>' if total else ""
    html(view, f'<table class="cb-table cards"><thead><tr>{head}</tr></thead><tbody>{body}{last}</tbody></table>')


def _cells(heads: Sequence[str], row: Sequence[str]) -> str:
    """A row's cells; the head in each is seen on a phone alone, and not read twice."""
    first, *others = row
    named = "".join(
        f'<td{"" if text else " class=none"}><i class="h" aria-hidden="true">{escape(head)}</i>{escape(text)}</td>'
        for head, text in zip(heads[1:], others, strict=False)
    )
    return f"<td>{escape(first)}</td>{named}"


def scrolling(head: str, body: str) -> str:
    """A wide table's HTML in a place that scrolls, by keyboard too."""
    inner = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="cb-scroll" tabindex="0"><table class="cb-table">{inner}</table></div>'


def empty(view: View, why: Words) -> None:
    """Nothing to show, and why: never a blank place."""
    html(view, f'<div class="cb-empty">{escape(view.say(why))}</div>')


def note(view: View, what: str) -> None:
    html(view, f'<p style="color:#536266;font-size:.9rem;margin:.4rem 0 0">{escape(what)}</p>')


def choice(view: View, label: Words, options: Mapping[str, str], key: str) -> str:
    """One of several, as buttons in a row that wraps."""
    picked = st.segmented_control(
        view.say(label),
        list(options),
        default=next(iter(options)),
        required=True,
        format_func=lambda code: options[code],
        key=key,
        label_visibility="collapsed",
    )
    return str(picked)


def stamp(view: View) -> str:
    """Which day, when built, which file: on each page."""
    built = view.snapshot.built_at[:16].replace("T", " ")
    said = words.STAMP.fill(
        day=view.snapshot.day, built=built, digest=view.snapshot.short, version=view.snapshot.definitions_version
    )
    return f'<div class="cb-stamp" title="sha256 {escape(view.snapshot.digest)}">{escape(view.say(said))}</div>'
