"""监测: early warning, honesty of the uplifts, and whether the cards still hold. Aggregates of the snapshot alone."""

from __future__ import annotations

import streamlit as st

from backend.kit.words import Words
from dashboard import charts, charts_watch, figures, words
from dashboard import figures_watch as watch
from dashboard import furniture as f
from dashboard import words_watch as w
from dashboard.furniture import View
from dashboard.snapshot import Row


def draw(view: View) -> None:
    """The page."""
    warnings(view)
    left, right = st.columns([3, 2])
    with left:
        indicators(view)
    with right:
        regions(view)
    bands(view)
    findings(view)
    cards(view)


# ---------------------------------------------------------------- early warning


def warnings(view: View) -> None:
    rows, names = watch.by_month(view.snapshot.rows("warning_sweeps")), view.names(w.COLOURS)
    legend = f.keys(names, charts_watch.WARNING_COLOURS)
    with f.panel(view, "warnings", w.WARNINGS, w.WARNINGS_LEAD, codes=("warnings",), legend=legend):
        if not rows:
            f.empty(view, w.NO_SWEEPS)
            return
        body = "".join(f.card(view.say(name), f"{rows[-1][code]:,}") for code, name in w.NOW.items())
        f.html(view, f'<div class="cb-kpis" style="margin-top:.6rem">{body}</div>')
        points = figures.stacked(rows, tuple(w.COLOURS))
        f.draw(charts.stacked_months(points, names, charts_watch.WARNING_COLOURS, height=220), view.say(w.WARNINGS))


def indicators(view: View) -> None:
    rows, head = view.snapshot.rows("warning_indicators"), view.names(w.INDICATORS_HEAD)
    with f.panel(view, "indicators", w.INDICATORS, w.INDICATORS_LEAD):
        if not rows:
            f.empty(view, w.NO_ALERTS)
            return
        counts = tuple(w.INDICATORS_HEAD)[1:]
        ordered = sorted(rows, key=lambda row: (-(row["red"] or 0), -(row["yellow"] or 0), str(row["indicator"])))
        body = [[figures.title(row, view.language), *(f"{row[code] or 0:,}" for code in counts)] for row in ordered]
        f.table(view, list(head.values()), body)


def regions(view: View) -> None:
    rows = view.snapshot.rows("warning_regions")
    with f.panel(view, "regions", w.REGIONS, w.REGIONS_LEAD):
        if not rows:
            f.empty(view, w.NO_REGIONS)
            return
        body = [
            [figures.title(row, view.language, "label"), _said(view, w.COLOURS, row["colour"].lower()), f"{row['firms']:,}"]
            for row in rows
        ]
        f.table(view, list(view.names(w.REGIONS_HEAD).values()), body)


# ---------------------------------------------------------------- honesty of the uplifts


def bands(view: View) -> None:
    rows = view.snapshot.rows("honesty_bands")
    with f.panel(view, "honesty", w.HONESTY, w.HONESTY_LEAD, codes=("honesty",)):
        if not rows:
            f.empty(view, w.NO_BANDS)
            return
        points = [
            {
                "name": _band(view, row),
                **{name: row[f"{name}_bp"] / 100 for name in ("rate", "low", "high")},
                "text": watch.percents(row["rate_bp"], row["low_bp"], row["high_bp"]),
            }
            for row in rows
            if row["rate_bp"] is not None
        ]
        if points:
            f.draw(charts_watch.rates(points, height=60 + 34 * len(points), title=view.say(w.DEFAULT_RATE)), view.say(w.HONESTY))
        held = view.say(words.FEWER)
        body = [
            [
                _band(view, row),
                f"{row['loans']:,}",
                f"{row['firms']:,}",
                held if row["hidden"] else watch.percents(row["rate_bp"], row["low_bp"], row["high_bp"]),
                held
                if row["hidden"]
                else watch.signed_percents(row["difference_bp"], row["difference_low_bp"], row["difference_high_bp"]),
                held if row["hidden"] else f"{row['left_out'] or 0:,}",
            ]
            for row in rows
        ]
        f.table(view, list(view.names(w.BANDS_HEAD).values()), body)


def _band(view: View, row: Row) -> str:
    return view.say(w.NONE_LIFTED) if row["band"] == "0" else str(row["band"])


def findings(view: View) -> None:
    rows = view.snapshot.rows("honesty_findings")
    with f.panel(view, "findings", w.FINDINGS, w.FINDINGS_LEAD):
        if not rows:
            f.empty(view, w.NO_FINDINGS)
            return
        held = view.say(words.FEWER)
        body = []
        for row in rows:
            name = f"{figures.title(row, view.language)} · {_said(view, w.COEFFICIENTS, row['coefficient'])}"
            lifted, others = (
                held if row["hidden"] else f"{row[f'{part}_defaults']:,} / {row[part]:,}" for part in ("lifted", "others")
            )
            value = held if row["hidden"] else f"{watch.number(row['e_value'])} / {watch.number(row['line'], 0)}"
            body.append([name, lifted, others, value, _state(view, row)])
        f.table(view, list(view.names(w.FINDINGS_HEAD).values()), body)


def _state(view: View, row: Row) -> str:
    if row["open_since"]:
        return view.say(w.ALERT_SINCE.fill(day=row["open_since"]))
    return view.say(words.FEWER if row["hidden"] else w.ALERT if row["alert"] else w.QUIET)


# ---------------------------------------------------------------- the cards


def cards(view: View) -> None:
    rows = view.snapshot.rows("card_months")
    if not rows:
        with f.panel(view, "cards", w.CARDS_TITLE, w.CARDS_LEAD, codes=("cards",)):
            f.empty(view, w.NO_CARDS)
        return
    names = {row["card"]: figures.title(row, view.language) for row in sorted(rows, key=lambda row: str(row["card"]))}
    with f.panel(view, "cards", w.CARDS_TITLE, w.CARDS_LEAD, codes=("cards",)):
        card = f.choice(view, w.WHICH_CARD, names, "card")
        months = watch.of_card(rows, card)
        now(view, watch.newest(months))
    left, right = st.columns(2)
    with left:
        shift(view, months)
    with right:
        alerts(view, card)
    groups(view, card)


def now(view: View, row: Row) -> None:
    none, below = view.say(w.NOT_SAID), dict.fromkeys(w.CARD_NOW, "")
    said = {code: f"{row[code]:,}" for code in ("assessed", "outcomes", "bad")}
    said["psi"] = none if row["psi"] is None else watch.number(row["psi"])
    for code in ("auc", "slope"):
        said[code] = none if row[code] is None else watch.number(row[code])
        below[code] = _interval(view, *(None if row[code] is None else watch.number(row[f"{code}_{end}"]) for end in _ENDS))
    for code in ("expected", "observed"):
        said[code] = none if row[f"{code}_bp"] is None else figures.percent(row[f"{code}_bp"])
    ends = (None if row["observed_bp"] is None else watch.number(row[f"observed_{end}_bp"] / 100) for end in _ENDS)
    below["observed"] = _interval(view, *ends)
    body = "".join(
        f.card(view.say(name), said[code], none=said[code] == none, below=below[code]) for code, name in w.CARD_NOW.items()
    )
    f.html(view, f'<div class="cb-kpis">{body}</div>')
    if none in said.values():
        f.note(view, view.say(w.TOO_FEW))


_ENDS = ("low", "high")


def _interval(view: View, low: str | None, high: str | None) -> str:
    """The line below a figure: its interval, if there is a figure."""
    return f'<div class="n">{view.say(w.INTERVAL.fill(low=low, high=high))}</div>' if low and high else ""


def shift(view: View, months: list[Row]) -> None:
    told = [row for row in sorted(months, key=lambda row: str(row["month"])) if row["psi"] is not None]
    shapes = {"psi": "line", "watch": "dash", "act": "dash"}
    legend = f.keys(view.names(w.PSI_KEYS), charts_watch.PSI_COLOURS, shapes)
    with f.panel(view, "psi", w.PSI, w.PSI_LEAD, legend=legend if told else ""):
        if not told:
            f.empty(view, w.NO_PSI)
            return
        points = [{"month": row["month"], "psi": row["psi"], "text": watch.number(row["psi"]), "n": row["firms"]} for row in told]
        f.draw(charts_watch.psi(points, height=220, watch=told[-1]["psi_watch"], act=told[-1]["psi_act"]), view.say(w.PSI))


def alerts(view: View, card: str) -> None:
    rows = watch.of_card(view.snapshot.rows("card_alerts"), card)
    with f.panel(view, "card-alerts", w.CARD_ALERTS):
        if not rows:
            f.empty(view, w.NO_CARD_ALERTS)
            return
        body = [
            [
                figures.title(row, view.language, "what"),
                _said(view, w.ALERT_COLOURS, row["colour"]),
                watch.number(row["value"]),
                str(row["validated"]),
            ]
            for row in rows
        ]
        f.table(view, list(view.names(w.ALERTS_HEAD).values()), body)


def groups(view: View, card: str) -> None:
    rows = watch.of_card(view.snapshot.rows("card_groups"), card)
    with f.panel(view, "groups", w.GROUPS, w.GROUPS_LEAD):
        if not rows:
            f.empty(view, w.NO_GROUPS)
            return
        body = []
        for row in rows:
            name = f"{_said(view, w.CARD_DIMENSIONS, row['dimension'])} · {figures.title(row, view.language, 'label')}"
            cells = [name, f"{row['n']:,}"]
            for kind in ("favoured", "drew"):
                ratio = (row[f"{kind}_ratio"], row[f"{kind}_ratio_low"], row[f"{kind}_ratio_high"])
                cells += [figures.percent(row[f"{kind}_bp"]), watch.interval(*ratio)]
            body.append(cells)
        f.table(view, list(view.names(w.GROUPS_HEAD).values()), body)


def _said(view: View, names: dict[str, Words], code: str) -> str:
    return view.say(names.get(code, Words(code, code)))
