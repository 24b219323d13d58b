"""审批: how much each bank approves, how fast, at what price against the LPR, and its reasons for declining."""

from __future__ import annotations

import streamlit as st

from backend.kit.words import Words
from dashboard import charts, drilldown, figures, words
from dashboard import furniture as f
from dashboard.drilldown import Question
from dashboard.furniture import View
from dashboard.snapshot import Row

FIRST = (
    "bank_approval_bp",
    "need_approval_bp",
    "decision_p50_days",
    "decision_p90_days",
    "weighted_rate_bp",
    "weighted_all_in_bp",
)
OUTCOMES = ("approved", "pending", "withdrawn", "expired", "declined")
BANKS = Words("各银行对照", "The banks side by side")
BANKS_LEAD = Words(
    "通过率 = 通过 ÷(通过 + 拒绝),括号内为已决定笔数。",
    "Approved = approved ÷ (approved + declined); the number decided stands beside it.",
)
MONTHLY = Words("每月申请与审批时长", "Applications and waiting times by month")
MONTHLY_LEAD = Words(
    "柱：申请结果。圆点至横线：审批时长从中位数(P50)到 P90，单位为天。",
    "Bars: what became of applications. Dot to tick: days to decide, from the median (P50) to P90.",
)
PRICE = Words("价格与 LPR", "Price against the LPR")
PRICE_LEAD = Words(
    "当月用信按金额加权；综合成本含全部费用。纵轴不从零开始。",
    "The month's draws weighted by amount; all-in includes every fee. The axis does not begin at nought.",
)
BANDS = Words("利率分布", "Rates drawn")
BANDS_LEAD = Words("各利率区间的用信笔数。", "Number of draws in each band of rates.")
DECLINES = Words("银行为何拒绝", "Why banks decline")
DECLINES_LEAD = Words(
    "银行原话；涉及少于 5 户的理由并入其他。",
    "In the banks' own words; reasons that fewer than five firms heard are put together.",
)
PRODUCTS = Words("各产品", "The products")
APPLICATIONS = Words("申请", "applications")
DRAWS = Words("用信", "draws")
NOTHING = Words("还没有银行收到申请。", "No bank has received an application yet.")
NO_DECLINES = Words("还没有银行拒绝过申请。", "No bank has declined an application yet.")
NO_RATES = Words("还没有用信，因此没有利率。", "Nothing has been drawn yet, so there is no rate.")


def draw(view: View) -> None:
    """The page."""
    f.kpi_cards(view, figures.kpis(view.snapshot, FIRST), first="bank_approval_bp")
    side_by_side(view)
    monthly(view)
    left, right = st.columns([3, 2])
    with left:
        price(view)
    with right:
        bands(view)
    left, right = st.columns(2)
    with left:
        declines(view)
    with right:
        products(view)
    drilldown.draw(view, "approvals", questions(view))


def _rate(row: Row) -> str:
    bp, decided = figures.approval_bp(row)
    return f"{figures.percent(bp)} ({decided:,})"


def _days(view: View, row: Row, column: str) -> str:
    """Nothing decided is a dash; a time that is held back is said."""
    value = row[column]
    if value is None:
        return view.say(words.FEWER) if figures.approval_bp(row)[1] else "—"
    return f"{value:g}"


def side_by_side(view: View) -> None:
    rows, head = view.snapshot.rows("banks"), view.names(words.COLUMNS)
    with f.panel(view, "banks", BANKS, BANKS_LEAD, codes=("bank_approval_bp", "decision_p50_days", "weighted_all_in_bp")):
        if not rows:
            f.empty(view, NOTHING)
            return
        f.table(
            view,
            [head[code] for code in ("bank", "submitted", "approval", "p50", "p90", "drawn", "rate", "all_in")],
            [
                [
                    figures.title(row, view.language, "name"),
                    f"{row['submitted']:,}",
                    _rate(row),
                    _days(view, row, "p50_days"),
                    _days(view, row, "p90_days"),
                    figures.money(row["drawn_fen"], view.language),
                    _price(view, row, "weighted_rate_bp"),
                    _price(view, row, "weighted_all_in_bp"),
                ]
                for row in rows
            ],
        )


def monthly(view: View) -> None:
    """A column a bank, all on one scale: so that they can be compared."""
    rows, names = view.snapshot.rows("applications_monthly"), {code: view.say(words.OUTCOMES[code]) for code in OUTCOMES}
    with f.panel(
        view,
        "monthly",
        MONTHLY,
        MONTHLY_LEAD,
        codes=("decision_p50_days", "decision_p90_days"),
        legend=f.keys(names, charts.OUTCOME_COLOURS),
    ):
        if not rows:
            f.empty(view, NOTHING)
            return
        most = float(max(sum(row.get(part) or 0 for part in OUTCOMES) for row in rows))
        slowest = float(max((row["p90_days"] or 0 for row in rows), default=0)) or 1.0
        banks = sorted({row["bank"] for row in rows})
        # the months that any bank has, so that the columns stand over the same time
        blank = {**dict.fromkeys(OUTCOMES, 0), "p50_days": None, "p90_days": None}
        for start in range(0, len(banks), 3):
            for place, bank in zip(st.columns(min(3, len(banks))), banks[start : start + 3], strict=False):
                known = {row["month"]: row for row in rows if row["bank"] == bank}
                here = [known.get(month, {**blank, "month": month, "bank": bank}) for month in figures.months_of(rows)]
                with place:
                    st.markdown(f"**{view.bank(bank)}**")
                    alt = f"{view.say(MONTHLY)}: {view.bank(bank)}"
                    points = figures.stacked(here, OUTCOMES)
                    f.draw(charts.stacked_months(points, names, charts.OUTCOME_COLOURS, height=190, top=most), alt)
                    f.draw(charts.waiting(here, height=150, days=view.say(words.DAYS), top=slowest), alt)
                    fewer = sum(1 for row in here if row["p50_days"] is None and figures.approval_bp(row)[1])
                    if fewer:
                        f.note(view, view.say(words.FEWER_LEFT_OUT.fill(n=fewer)))


def price(view: View) -> None:
    names = {line: view.figure(code) for line, code in words.PRICES.items()} | {"lpr": view.say(words.LPR)}
    shapes = {"rate": "line", "all_in": "line", "lpr": "dash"}
    legend = f.keys(names, charts.PRICE_COLOURS, shapes)
    with f.panel(view, "price", PRICE, PRICE_LEAD, codes=("weighted_rate_bp", "weighted_all_in_bp"), legend=legend):
        rows = view.snapshot.rows("rates")
        points, fewer = figures.prices(rows), sum(1 for row in rows if row["amount_fen"] is None)
        left_out = words.FEWER_LEFT_OUT.fill(n=fewer)
        if not points:
            f.empty(view, left_out if fewer else NO_RATES)
            return
        f.draw(charts.price_lines(points, names, height=290), view.say(PRICE))
        if fewer:
            f.note(view, view.say(left_out))


def bands(view: View) -> None:
    with f.panel(view, "bands", BANDS, BANDS_LEAD):
        rows = sorted(view.snapshot.rows("rate_bands"), key=lambda row: row["from_bp"])
        if not any(row["draws"] for row in rows):
            f.empty(view, NO_RATES)
            return
        points = [
            {
                "band": f"{row['from_bp'] / 100:g}–{row['to_bp'] / 100:g} %",
                "draws": row["draws"],
                "money": figures.money(row["amount_fen"], view.language),
            }
            for row in rows
        ]
        f.draw(charts.bands(points, height=290), view.say(BANDS))


def declines(view: View) -> None:
    with f.panel(view, "declines", DECLINES, DECLINES_LEAD):
        rows = sorted(view.snapshot.rows("declines"), key=lambda row: (row["reason"] == "other", -row["n"]))
        if not rows:
            f.empty(view, NO_DECLINES)
            return
        items = [
            (
                view.say(words.OTHER) if row["reason"] == "other" else row["reason"],
                row["n"],
                f"n = {row['n']:,}",
                "",
                charts.GREY if row["reason"] == "other" else "#bf6a58",
            )
            for row in rows
        ]
        f.bar_list(view, figures.bars(items), long=True)


def _price(view: View, row: Row, name: str) -> str:
    """A bank's rate; nothing lent is no rate, and one that is held back is said to be so."""
    held = row[name] is None and row["drawn_fen"] != 0
    return view.say(words.FEWER) if held else figures.percent(row[name])


def products(view: View) -> None:
    head = view.names(words.COLUMNS)
    with f.panel(view, "products", PRODUCTS):
        rows = sorted(view.snapshot.rows("products"), key=lambda row: -(row["drawn_fen"] or 0))
        if not rows:
            f.empty(view, NOTHING)
            return
        body = [
            [
                f"{figures.title(row, view.language)} · {view.bank(row['bank'])}",
                f"{row['submitted']:,}",
                _rate(row),
                figures.money(row["drawn_fen"], view.language),
            ]
            for row in rows
        ]
        f.table(view, [head[code] for code in ("product", "submitted", "approval", "drawn")], body)


def questions(view: View) -> dict[str, Question]:
    """Applications of each bank, all and by outcome; what it lent."""
    out: dict[str, Question] = {}
    for row in view.snapshot.rows("banks"):
        bank, name = row["bank"], figures.title(row, view.language, "name")
        out[bank] = ("applications", {"bank": bank}, f"{name} · {view.say(APPLICATIONS)}")
        for outcome in ("approved", "declined"):
            said = f"{name} · {view.say(APPLICATIONS)} · {view.say(words.OUTCOMES[outcome])}"
            out[f"{bank}:{outcome}"] = ("applications", {"bank": bank, "state": outcome}, said)
        out[f"{bank}:draws"] = ("draws", {"bank": bank}, f"{name} · {view.say(DRAWS)}")
    return out
