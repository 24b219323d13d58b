"""The charts of strength and monitoring, in the common look of `charts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from dashboard.charts import BRICK, GOLD, GREEN, GRID, INK, _months, dressed

MARK_COLOURS = {"need95": GOLD, "need999": BRICK, "cash": INK}
LOSS_COLOURS = {"bars": "#7fb3a8", **MARK_COLOURS}
WARNING_COLOURS = {"yellow": "#dcb77c", "red": BRICK}
PSI_COLOURS = {"psi": GREEN, "watch": GOLD, "act": BRICK}


def loss(
    bars: Sequence[Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    *,
    height: int,
    paid: str,
    cases: str,
) -> Any:
    """The distribution of losses, and upright lines for the money."""
    scale = alt.Scale(domainMin=0, nice=False)
    x = alt.X("start:Q", title=paid, scale=scale, axis=alt.Axis(grid=False, titleAnchor="end", format=",~r", tickCount=8))
    body = (
        alt.Chart(pd.DataFrame(bars))
        .mark_rect(color=LOSS_COLOURS["bars"], stroke="#fff", strokeWidth=1)
        .encode(
            x=x,
            x2="end:Q",
            y=alt.Y("share:Q", title=cases, scale=alt.Scale(domainMin=0)),
            y2=alt.datum(0),
            tooltip=[alt.Tooltip("money:N", title=paid), alt.Tooltip("text:N", title=cases)],
        )
    )
    marks = pd.DataFrame([{**line, "name": names.get(line["mark"], line["mark"])} for line in lines])
    colour = alt.Color("mark:N", scale=alt.Scale(domain=list(MARK_COLOURS), range=list(MARK_COLOURS.values())), legend=None)
    rules = (
        alt.Chart(marks)
        .mark_rule(strokeWidth=2.5)
        .encode(x="at:Q", color=colour, tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("money:N", title="万元")])
    )
    return dressed(body + rules, height)


def rates(rows: Sequence[Mapping[str, Any]], *, height: int, title: str) -> Any:
    """A rate and its interval for each band, one below the other."""
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(grid=False)), tooltip=[alt.Tooltip("text:N", title=title)]
    )
    axis = alt.Axis(gridColor=GRID, titleAnchor="end", tickCount=6, format="~r")
    stem = base.mark_rule(color="#bcd3cd", strokeWidth=5, strokeCap="round").encode(
        x=alt.X("low:Q", title=title, scale=alt.Scale(domainMin=0), axis=axis), x2="high:Q"
    )
    dot = base.mark_circle(color=GREEN, size=80, opacity=1).encode(x="rate:Q")
    return dressed(stem + dot, height)


def psi(rows: Sequence[Mapping[str, Any]], *, height: int, watch: float, act: float) -> Any:
    """PSI by month, under the lines for watching and acting."""
    tips = [alt.Tooltip("month:O", title=" "), alt.Tooltip("text:N", title="PSI"), alt.Tooltip("n:Q", title="n")]
    y = alt.Y("psi:Q", title=None, scale=alt.Scale(domainMin=0, domainMax=max(act * 1.2, *[row["psi"] * 1.1 for row in rows])))
    line = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(color=GREEN, strokeWidth=2.5, point=alt.OverlayMarkDef(size=34, filled=True, color=GREEN))
        .encode(x=_months(), y=y, tooltip=tips)
    )
    marks = pd.DataFrame([{"at": watch, "mark": "watch"}, {"at": act, "mark": "act"}])
    colour = alt.Color("mark:N", scale=alt.Scale(domain=["watch", "act"], range=[GOLD, BRICK]), legend=None)
    rules = alt.Chart(marks).mark_rule(strokeWidth=1.5, strokeDash=[5, 4]).encode(y="at:Q", color=colour)
    return dressed(line + rules, height)
