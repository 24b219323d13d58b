"""A pool's strength: what its live book may cost in a year, what money is needed, what the breaker would do, what if."""

from __future__ import annotations

import streamlit as st

from backend.kit.money import wan
from dashboard import charts, charts_watch, figures, words
from dashboard import figures_watch as watch
from dashboard import furniture as f
from dashboard import words_watch as w
from dashboard.furniture import View
from dashboard.snapshot import Row


def draw(view: View, pool: str) -> None:
    """The section of one pool."""
    rows = figures.of_pool(view.snapshot.rows("stress"), pool)
    if not rows or rows[0]["hidden"]:
        with f.panel(view, "strength", w.STRENGTH, w.STRENGTH_LEAD, codes=("stress",)):
            f.empty(view, w.FEW.fill(firms=rows[0]["firms"]) if rows else w.NOT_CARRYING)
        return
    row = rows[0]
    distribution(view, row)
    left, right = st.columns([3, 2])
    with left:
        needs(view, row)
    with right:
        breaker(view, row)
    worlds(view, pool)


def distribution(view: View, row: Row) -> None:
    unit, names = view.say(words.WAN), view.names(w.MARKS)
    bars = watch.loss_bars(figures.of_pool(view.snapshot.rows("stress_bars"), row["pool"]), row["draws"])
    lines, beyond = watch.loss_lines(row, bars)
    shown = {"bars", *(line["mark"] for line in lines)}
    legend = f.keys(
        {code: name for code, name in names.items() if code in shown},
        charts_watch.LOSS_COLOURS,
        dict.fromkeys(charts_watch.MARK_COLOURS, "line"),
    )
    with f.panel(view, "strength", w.STRENGTH, w.STRENGTH_LEAD, codes=("stress",)):
        cards = "".join(
            f.card(view.say(w.CARDS[code]), wan(row[code]), unit) for code in ("expected_fen", "need95_fen", "need999_fen")
        )
        cards += f.card(view.say(w.CARDS["cover"]), watch.cover(row["cover_months"], view.language))
        cards += f.card(view.say(w.CARDS["short_bp"]), figures.percent(row["short_bp"]))
        f.html(view, f'<div class="cb-kpis">{cards}</div>{legend}')
        if any(bar["share"] for bar in bars):
            said = {"paid": view.say(w.PAID), "cases": view.say(w.CASES)}
            f.draw(charts_watch.loss(bars, lines, names, height=300, **said), view.say(w.STRENGTH))
        notes = [w.NOTHING.fill(share=figures.percent(row["nothing_bp"]))]
        if beyond:
            notes.append(w.CASH_BEYOND.fill(cash=wan(row["cash_fen"]), times=watch.times(row["cash_fen"], row["need999_fen"])))
        if row["failed"]:
            notes.append(w.FAILED.fill(failed=row["failed"]))
        rates = {name: figures.percent(row[f"{name}_bp"]) for name in ("pd", "correlation", "lgd")}
        counts = {name: f"{row[name]:,}" for name in ("loans", "firms", "assessed", "draws")}
        notes.append(w.ASSUMED.fill(**rates, **counts))
        f.note(view, " ".join(view.say(each) for each in notes))


def needs(view: View, row: Row) -> None:
    with f.panel(view, "needs-money", w.NEEDS, w.NEEDS_LEAD):
        body = []
        for name, level in (("95", "95 %"), ("999", "99.9 %")):
            money = [wan(row[f"{part}{name}_fen"]) for part in ("need", "error", "granular", "before")]
            body.append([level, *money, wan(row["cash_fen"] - row[f"need{name}_fen"])])
        f.table(view, list(view.names(w.NEEDS_HEAD).values()), body)
        said = w.CONCENTRATION.fill(
            equal=watch.number(row["equal_firms"], 1), largest=figures.percent(min(row["largest_bp"], 10_000))
        )
        f.note(view, view.say(said))


def breaker(view: View, row: Row) -> None:
    tones = {"warn_bp": charts.GOLD, "pause_bp": charts.BRICK, "short_bp": charts.INK}
    with f.panel(view, "breaker", w.BREAKER, w.BREAKER_LEAD):
        bars = [
            figures.Bar(view.say(name), row[code] / 10_000, figures.percent(row[code]), "", tones.get(code, ""))
            for code, name in w.BREAKER_ROWS.items()
        ]
        f.bar_list(view, bars)
        if (row["window_loans"] or 0) < (row["minimum_loans"] or 0):
            f.note(view, view.say(words.NOT_ACTING.fill(n=row["window_loans"], least=row["minimum_loans"])))


def worlds(view: View, pool: str) -> None:
    rows = figures.of_pool(view.snapshot.rows("stress_worlds"), pool)
    if not rows:
        return
    with f.panel(view, "worlds", w.WORLDS, w.WORLDS_LEAD):
        parts = ("expected_fen", "need95_fen", "need999_fen", "missing999_fen")
        body = [[watch.world(row, view.language), *(wan(row[part]) for part in parts)] for row in rows]
        unit = f" ({view.say(words.WAN)})"
        head, *others = view.names(w.WORLDS_HEAD).values()
        f.table(view, [head, *(each + unit for each in others)], body)
