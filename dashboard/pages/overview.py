"""概览: the platform at a glance: figures, the road by month, who is reached, consents."""

from __future__ import annotations

import streamlit as st

from backend.kit.words import Words
from dashboard import charts, drilldown, figures, words
from dashboard import furniture as f
from dashboard.drilldown import Question
from dashboard.furniture import View

FIRST = ("drawn_fen", "outstanding_fen", "firms", "needs", "need_approval_bp", "weighted_rate_bp")
SECOND = ("first_loan_bp", "credit_loan_bp", "consents_live", "overdue90_bp", "uplift_fen", "unauthorised_reads")
NEEDS = Words("每月融资需求的结果", "What became of each month's needs")
NEEDS_LEAD = Words(
    "一项需求只计一次，不论投给几家银行；按提交月份归集。",
    "A need counts once however many banks it went to; by month of submission.",
)
BOOK = Words("贷款余额", "The book")
BOOK_LEAD = Words("月末余额，以及其中逾期的部分。", "Outstanding at each month's end, and what of it is past due.")
REACH = Words("谁得到了融资", "Who is reached")
REACH_LEAD = Words("按地区、行业、主体类型或成立年限查看。", "By region, industry, subject type or age of the firm.")
CONSENTS = Words("授权与读取", "Consents and readings")
CONSENTS_LEAD = Words(
    "每次读取都须有有效授权；没有授权的读取会被拒绝并记录。",
    "Each reading needs a live consent; one without it is refused and recorded.",
)
NOTHING = Words("还没有企业提交融资需求。", "No firm has submitted a need yet.")
NO_BOOK = Words("还没有用信，因此没有贷款余额。", "Nothing has been drawn yet, so there is no book.")
NO_CONSENTS = Words("还没有签署任何授权。", "No consent has been signed yet.")
NO_CELLS = Words("这一分组还没有数据。", "No data for this grouping yet.")


def draw(view: View) -> None:
    """The page."""
    shot = view.snapshot
    f.kpi_cards(view, figures.kpis(shot, FIRST), first="drawn_fen")
    f.kpi_cards(view, figures.kpis(shot, SECOND), alarm=("unauthorised_reads",))
    left, right = st.columns(2)
    with left:
        needs(view)
    with right:
        book(view)
    left, right = st.columns([3, 2])
    with left:
        reach(view, "overview", ("drawn_fen", "need_approval_bp", "weighted_rate_bp"))
    with right:
        consents(view)
    drilldown.draw(view, "overview", cell_questions(view))


def needs(view: View) -> None:
    rows, outcomes = view.snapshot.rows("needs_monthly"), ("approved", "pending", "withdrawn", "expired", "declined")
    names = {code: view.say(words.OUTCOMES[code]) for code in outcomes}
    with f.panel(
        view, "needs", NEEDS, NEEDS_LEAD, codes=("needs", "need_approval_bp"), legend=f.keys(names, charts.OUTCOME_COLOURS)
    ):
        if not rows:
            f.empty(view, NOTHING)
            return
        f.draw(charts.stacked_months(figures.stacked(rows, outcomes), names, charts.OUTCOME_COLOURS, height=260), view.say(NEEDS))


def book(view: View) -> None:
    rows, names = view.snapshot.rows("book_monthly"), view.names(words.BOOK)
    legend = f.keys({code: names[code] for code in ("outstanding", "overdue")}, charts.BOOK_COLOURS)
    with f.panel(view, "book", BOOK, BOOK_LEAD, codes=("outstanding_fen",), legend=legend):
        if not rows:
            f.empty(view, NO_BOOK)
            return
        points = []
        for row in sorted(rows, key=lambda row: row["month"]):
            texts = {f"{part}_text": figures.money_in_full(row[f"{part}_fen"], view.language) for part in words.BOOK}
            heights = {part: figures.drawn_height(row[f"{part}_fen"]) for part in words.BOOK}
            points.append({"month": row["month"], **heights, **texts})
        f.draw(charts.book(points, height=260, tips=names), view.say(BOOK))
        fewer = sum(1 for row in rows if None in (row["outstanding_fen"], row["overdue_fen"]))
        if fewer:
            f.note(view, view.say(words.FEWER_LEFT_OUT.fill(n=fewer)))


def measured(view: View, code: str) -> str:
    """What a measure of the cells is called."""
    return view.say(words.OVERDUE90) if code == "overdue90_fen" else view.figure(code)


def reach(view: View, key: str, measures: tuple[str, ...], name: Words = REACH) -> None:
    """One measure by one dimension, as bars; hidden groups are counted and said."""
    with f.panel(view, f"reach-{key}", name, REACH_LEAD, codes=measures):
        dimension = f.choice(view, words.BY, view.names(words.DIMENSIONS), f"{key}-dimension")
        measure = f.choice(view, words.SHOW, {code: measured(view, code) for code in measures}, f"{key}-measure")
        found = figures.cells(view.snapshot.rows("cells"), dimension, measure)
        unit = "bp" if measure.endswith("_bp") else "fen"
        n = "needs" if measure == "need_approval_bp" else "draws"
        items = [
            (
                figures.title(row, view.language, "label"),
                float(row[measure] or 0),
                figures.amount(row[measure], unit, view.language),
                f"n = {row[n] or 0:,}",
                "",
            )
            for row in found.shown
        ]
        if items:
            f.bar_list(view, figures.bars(items))
        elif not found.hidden:
            f.empty(view, NO_CELLS)
        if found.hidden:
            names = "、".join if view.language == "zh" else ", ".join
            held = names(figures.title(row, view.language, "label") for row in found.held)
            f.note(view, f"{view.say(words.HIDDEN.fill(n=found.hidden))} {held}")


def consents(view: View) -> None:
    rows, names = view.snapshot.rows("consents_monthly"), view.names(words.CONSENTS)
    shapes = dict.fromkeys(names, "line")
    with f.panel(
        view, "consents", CONSENTS, CONSENTS_LEAD, codes=("consents_live",), legend=f.keys(names, charts.CONSENT_COLOURS, shapes)
    ):
        if not rows:
            f.empty(view, NO_CONSENTS)
            return
        points = figures.stacked(rows, tuple(words.CONSENTS))
        f.draw(charts.lines(points, names, charts.CONSENT_COLOURS, height=260), view.say(CONSENTS))


def cell_questions(view: View) -> dict[str, Question]:
    """Firms' applications and draws in one published cell."""
    out: dict[str, Question] = {}
    for row in view.snapshot.rows("cells"):
        if not row["hidden"]:
            name = (
                f"{view.say(words.DIMENSIONS.get(row['dimension'], words.TOTAL))} · {figures.title(row, view.language, 'label')}"
            )
            out[f"{row['dimension']}:{row['cell']}"] = ("cells", {"dimension": row["dimension"], "cell": row["cell"]}, name)
    return out
