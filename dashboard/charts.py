"""The charts, in one hand: no frame, a faint grid, months along the bottom, the portal's colours, legends in the page's HTML.

Altair only describes; Streamlit's own files draw. Every chart gets an `alt` sentence where it is shown, and its numbers in a
tooltip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

GREEN, GOLD, BRICK, BLUE, GREY = "#0e5a5a", "#c8872c", "#a33b2c", "#4a6d8c", "#b4beba"
INK, SOFT, GRID = "#1c2b2e", "#536266", "#e3e7e3"
OUTCOME_COLOURS = {"approved": GREEN, "declined": "#bf6a58", "withdrawn": "#dcb77c", "expired": "#8f9794", "pending": "#c9d3cf"}
PRICE_COLOURS = {"rate": GREEN, "all_in": GOLD, "lpr": "#7b8785"}
FLOW_COLOURS = {"paid_in": GREEN, "recovered": "#7fb3a8", "paid": BRICK}
BOOK_COLOURS = {"drawn": GREEN, "repaid": GOLD, "outstanding": "#bcd3cd", "overdue": BRICK}
CONSENT_COLOURS = {"signed": GREEN, "readings": BLUE, "revoked": GOLD, "refusals": BRICK}
FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"


def dressed(chart: Any, height: int) -> Any:
    """The common look, `height` pixels high and as wide as its place."""
    return (
        chart.properties(
            height=height, width="container", background="transparent", padding={"left": 2, "right": 6, "top": 6, "bottom": 2}
        )
        .configure(font=FONT, autosize=alt.AutoSizeParams(type="fit", contains="padding"))
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=SOFT,
            titleColor=SOFT,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            gridColor=GRID,
            domainColor="#c3ccc8",
            tickColor="#c3ccc8",
            labelOverlap=True,
            labelPadding=5,
            ticks=False,
        )
        .configure_axisY(domain=False, titleAngle=0, titleAlign="left", titleAnchor="end", titleX=0, titleY=-8, tickCount=4)
    )


def _months(domain: Sequence[str] | None = None) -> Any:
    # an ordinal axis: a bar stands on its month; with little room every other label goes
    axis = alt.Axis(labelAngle=0, labelSeparation=10, labelPadding=9)
    return alt.X("month:O", title=None, axis=axis, scale=alt.Scale(domain=domain) if domain else alt.Undefined)


def _scale(colours: Mapping[str, str]) -> Any:
    return alt.Scale(domain=list(colours), range=list(colours.values()))


def _named(points: Sequence[Mapping[str, Any]], names: Mapping[str, str], key: str) -> pd.DataFrame:
    return pd.DataFrame([{**point, "name": names.get(point[key], point[key])} for point in points])


def stacked_months(
    points: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    colours: Mapping[str, str],
    *,
    height: int,
    top: float | None = None,
) -> Any:
    """Counts a month, stacked by outcome. `top` gives neighbours the same scale."""
    chart = (
        alt.Chart(_named(points, names, "part"))
        .mark_bar(cornerRadius=1)
        .encode(
            x=_months(),
            y=alt.Y(
                "n:Q",
                title=None,
                axis=alt.Axis(tickMinStep=1, format="d"),
                scale=alt.Scale(domainMax=top) if top else alt.Undefined,
            ),
            color=alt.Color("part:N", scale=_scale(colours), legend=None),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("month:O", title=" "),
                alt.Tooltip("name:N", title="  "),
                alt.Tooltip("n:Q", title="n"),
                alt.Tooltip("share:N", title="%"),
            ],
        )
    )
    return dressed(chart, height)


def waiting(rows: Sequence[Mapping[str, Any]], *, height: int, days: str, top: float | None = None) -> Any:
    """From P50 (dot) to P90 (tick) for each month."""
    # months without a decision keep their place
    base = alt.Chart(pd.DataFrame(rows)).encode(x=_months([row["month"] for row in rows]))
    tips = [alt.Tooltip("month:O", title=" "), alt.Tooltip("p50_days:Q", title="P50"), alt.Tooltip("p90_days:Q", title="P90")]
    scale = alt.Scale(domainMin=0, domainMax=top) if top else alt.Scale(domainMin=0)
    stem = base.mark_rule(color="#bcd3cd", strokeWidth=5, strokeCap="round").encode(
        y=alt.Y("p50_days:Q", title=days, scale=scale), y2="p90_days:Q", tooltip=tips
    )
    dot = base.mark_circle(color=GREEN, size=70, opacity=1).encode(y=alt.Y("p50_days:Q", scale=scale), tooltip=tips)
    end = base.mark_tick(color=GOLD, thickness=3, size=13).encode(y=alt.Y("p90_days:Q", scale=scale), tooltip=tips)
    return dressed(stem + dot + end, height)


def price_lines(points: Sequence[Mapping[str, Any]], names: Mapping[str, str], *, height: int) -> Any:
    """Weighted rate and all-in cost by month; the LPR as a step below them."""
    data = _named(points, names, "series")
    tips = [
        alt.Tooltip("month:O", title=" "),
        alt.Tooltip("name:N", title="  "),
        alt.Tooltip("text:N", title="%"),
        alt.Tooltip("n:Q", title="n"),
    ]
    colour = alt.Color("series:N", scale=_scale(PRICE_COLOURS), legend=None)
    # a price axis need not begin at nought: what is read is the distance to the LPR
    y = alt.Y("percent:Q", title="%", scale=alt.Scale(zero=False, nice=True, padding=12))
    base = alt.Chart(data).encode(x=_months(), y=y, color=colour, tooltip=tips)
    lines = base.transform_filter("datum.series != 'lpr'").mark_line(
        strokeWidth=2.5, point=alt.OverlayMarkDef(size=36, filled=True)
    )
    step = base.transform_filter("datum.series == 'lpr'").mark_line(interpolate="step-after", strokeWidth=2, strokeDash=[2, 3])
    return dressed(step + lines, height)


def bands(rows: Sequence[Mapping[str, Any]], *, height: int) -> Any:
    """A histogram of rates: draws by band."""
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("band:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelOverlap="greedy")),
        y=alt.Y("draws:Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")),
        tooltip=[alt.Tooltip("band:N", title="%"), alt.Tooltip("draws:Q", title="n"), alt.Tooltip("money:N", title="万元")],
    )
    numbers = base.mark_text(dy=-8, color=INK, fontSize=12).encode(text="draws:Q")
    return dressed(base.mark_bar(color=GREEN, cornerRadius=2) + numbers, height)


def book(rows: Sequence[Mapping[str, Any]], *, height: int, tips: Mapping[str, str]) -> Any:
    """The book at each month's end, and what of it is past due."""
    base = alt.Chart(pd.DataFrame(rows)).encode(x=_months())
    tooltip = [alt.Tooltip("month:O", title=" "), *[alt.Tooltip(f"{key}_text:N", title=name) for key, name in tips.items()]]
    whole = base.mark_bar(color=BOOK_COLOURS["outstanding"], cornerRadius=1).encode(
        y=alt.Y("outstanding:Q", title="万元"), tooltip=tooltip
    )
    late = base.mark_bar(color=BRICK, cornerRadius=1).encode(y="overdue:Q", tooltip=tooltip)
    return dressed(whole + late, height)


def signed_months(
    points: Sequence[Mapping[str, Any]], names: Mapping[str, str], cash: Sequence[Mapping[str, Any]], *, height: int
) -> Any:
    """A pool's flows: in above the line, out below; the cash left as a line."""
    tips = [alt.Tooltip("month:O", title=" "), alt.Tooltip("name:N", title="  "), alt.Tooltip("text:N", title="万元")]
    moved = (
        alt.Chart(_named(points, names, "part"))
        .mark_bar(cornerRadius=1)
        .encode(
            x=_months(),
            y=alt.Y("money:Q", title="万元", stack="zero"),
            color=alt.Color("part:N", scale=_scale(FLOW_COLOURS), legend=None),
            tooltip=tips,
        )
    )
    left = (
        alt.Chart(_named(cash, names, "part"))
        .mark_line(color=INK, strokeWidth=2, point=alt.OverlayMarkDef(size=26, filled=True, color=INK))
        .encode(x=_months(), y="money:Q", tooltip=tips)
    )
    return dressed(moved + left, height)


def lines(points: Sequence[Mapping[str, Any]], names: Mapping[str, str], colours: Mapping[str, str], *, height: int) -> Any:
    """Counts by month, a line each."""
    chart = (
        alt.Chart(_named(points, names, "part"))
        .mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=30, filled=True))
        .encode(
            x=_months(),
            y=alt.Y("n:Q", title=None, axis=alt.Axis(format="d")),
            color=alt.Color("part:N", scale=_scale(colours), legend=None),
            tooltip=[alt.Tooltip("month:O", title=" "), alt.Tooltip("name:N", title="  "), alt.Tooltip("n:Q", title="n")],
        )
    )
    return dressed(chart, height)


def curves(points: Sequence[Mapping[str, Any]], *, height: int, mob: str, cohort: str) -> Any:
    """Vintage curves, later cohorts lighter; cohorts younger than a year grey and dashed."""
    data = pd.DataFrame(points)
    tips = [
        alt.Tooltip("cohort:N", title=cohort),
        alt.Tooltip("mob:Q", title=mob),
        alt.Tooltip("text:N", title="%"),
        alt.Tooltip("n:Q", title="n"),
    ]
    base = alt.Chart(data).encode(
        x=alt.X("mob:Q", title=mob, axis=alt.Axis(tickMinStep=1, format="d", grid=False, titleAnchor="end")),
        y=alt.Y("percent:Q", title="%", scale=alt.Scale(domain=[0, max(1.0, float(data["percent"].max()) * 1.05)])),
        detail="cohort:N",
        tooltip=tips,
    )
    dots = alt.OverlayMarkDef(size=24, filled=True)
    ripe = (
        base.transform_filter("datum.ripe")
        .mark_line(strokeWidth=2, point=dots)
        .encode(color=alt.Color("cohort:O", scale=alt.Scale(range=["#0a3f3f", "#4f9a8f", "#d8a457"]), legend=None))
    )
    unripe = base.transform_filter("!datum.ripe").mark_line(
        strokeWidth=1.5, strokeDash=[4, 4], color=GREY, point=alt.OverlayMarkDef(size=10, color=GREY)
    )
    return dressed(unripe + ripe, height)
