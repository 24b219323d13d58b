"""违约: how much is past due, in which class, how cohorts of draws age, and where."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from backend.kit.words import Words
from dashboard import charts, drilldown, figures, words
from dashboard import furniture as f
from dashboard.drilldown import Question
from dashboard.furniture import View
from dashboard.pages.overview import reach
from dashboard.snapshot import Row

FIRST = ("npl_bp", "overdue30_bp", "overdue90_bp", "default12_bp", "outstanding_fen")
CLASSES = Words("五级分类", "Five-category class")
CLASSES_LEAD = Words(
    "余额按平台依逾期天数每日认定的类别；次级、可疑、损失合计为不良。",
    "Outstanding by the class the platform gives each day from days past due; substandard, doubtful and loss are non-performing.",
)
BUCKETS = Words("逾期天数", "Days past due")
BUCKETS_LEAD = Words(
    "余额按目前逾期天数分段，自最早未足额偿还的到期日起算。",
    "Outstanding by days past due now, counted from the first due day not fully paid.",
)
VINTAGES = Words("按放款月份的违约走势", "Default by month of drawing")
VINTAGES_OWN = Words(
    "每条线是同一个月首次放款的贷款：横轴为放款后第几个月，纵轴为到那时为止曾逾期的放款金额占该批放款总额的比例。"
    "无还本续贷仍算在最初放款的那一批，不另算一笔。颜色由深到浅，表示放款由早到晚。",
    "Each line is the loans first drawn in one month: across, months on book; up, the share of the amount drawn that was ever "
    "past due by then. A loan renewed without repayment goes on in its first cohort and is not counted again. From dark to "
    "light: from earlier to later cohorts.",
)
WHERE = Words("违约在哪里", "Where default stands")
NO_BOOK = Words("还没有贷款余额，因此没有逾期可言。", "Nothing is outstanding yet, so nothing can be past due.")
YOUNG = Words(
    "贷款还太新：放款满一个月后才有走势。", "The loans are too young: curves begin once a month has passed since a draw."
)
TONES = {"normal": charts.GREEN, "watch": charts.GOLD, "substandard": "#bf6a58", "doubtful": charts.BRICK, "loss": "#6d1f16"}
BUCKET_TONES = dict(zip(words.BUCKETS, (charts.GREEN, "#dcb77c", charts.GOLD, "#bf6a58", charts.BRICK, "#6d1f16"), strict=True))


def draw(view: View) -> None:
    """The page."""
    f.kpi_cards(view, figures.kpis(view.snapshot, FIRST), first="npl_bp")
    left, right = st.columns(2)
    with left:
        split(view, "classes", CLASSES, CLASSES_LEAD, "cls", words.CLASSES, TONES, ("npl_bp",))
    with right:
        split(view, "dpd_buckets", BUCKETS, BUCKETS_LEAD, "bucket", words.BUCKETS, BUCKET_TONES, ("overdue30_bp", "overdue90_bp"))
    vintages(view)
    reach(view, "defaults", ("overdue90_fen", "drawn_fen"), WHERE)
    drilldown.draw(view, "defaults", questions(view))


def split(
    view: View,
    name: str,
    title: Words,
    lead: Words,
    key: str,
    labels: dict[str, Words],
    tones: dict[str, str],
    codes: tuple[str, ...],
) -> None:
    """The whole book split by one code: amount, share, and number of draws."""
    with f.panel(view, name, title, lead, codes=codes):
        rows = figures.ordered(view.snapshot.rows(name), key, labels)
        known = [row["outstanding_fen"] for row in rows]
        # with a part held back, the parts that are shown are not the whole
        whole = None if None in known else sum(known)
        if whole == 0 or not any(row["draws"] for row in rows):
            f.empty(view, NO_BOOK)
            return
        items = [
            (
                view.say(labels[row[key]]) if row[key] in labels else str(row[key]),
                float(row["outstanding_fen"] or 0),
                figures.money_in_full(row["outstanding_fen"], view.language),
                (f"{figures.percent(figures.part_bp(row['outstanding_fen'], whole))} · " if whole else "")
                + f"n = {row['draws']:,}",
                tones.get(row[key], ""),
            )
            for row in rows
        ]
        f.bar_list(view, figures.bars(items))


def vintages(view: View) -> None:
    """Curves, and below them the same numbers as a table with the cells of unripe cohorts hatched."""
    rows = view.snapshot.rows("vintages")
    with f.panel(view, "vintages", VINTAGES, words.IMMATURE, codes=("vintages", "default12_bp"), own=VINTAGES_OWN):
        if not rows:
            f.empty(view, YOUNG)
            return
        measure = f.choice(
            view,
            words.SHOW,
            view.names({"ever90_fen": words.EVER["ever90_fen"], "ever30_fen": words.EVER["ever30_fen"]}),
            "vintage-measure",
        )
        points = figures.vintages(rows, measure)
        fewer = len({row["cohort"] for row in rows if row["drawn_fen"] is None})
        if not points:
            f.empty(view, words.FEWER_LEFT_OUT.fill(n=fewer) if fewer else YOUNG)
            return
        f.draw(charts.curves(points, height=320, mob=view.say(words.MOB), cohort=view.say(words.COHORT)), view.say(VINTAGES))
        if fewer:
            f.note(view, view.say(words.FEWER_LEFT_OUT.fill(n=fewer)))
        with st.expander(view.say(words.TABLE)):
            f.html(view, vintage_table(view, rows, measure))


def vintage_table(view: View, rows: Sequence[Row], measure: str) -> str:
    """Cohorts down, months on book across."""
    ages = sorted({row["mob"] for row in rows})
    known = {(row["cohort"], row["mob"]): row for row in rows}
    # a phone has room for four ages
    narrow = {age: "" if age in (3, 6, 12, 24) else " opt" for age in ages}
    head = "".join(f'<th scope="col" class="{narrow[age]}">{age}</th>' for age in ages)
    body = ""
    for cohort in sorted({row["cohort"] for row in rows}):
        first = next(row for row in rows if row["cohort"] == cohort)
        body += f"<tr><td>{escape(str(cohort))} <small>n = {first['draws']:,}</small></td>"
        if first["drawn_fen"] is None:
            body += f'<td colspan="{len(ages)}" style="text-align:left">{view.say(words.FEWER)}</td></tr>'
            continue
        for age in ages:
            row = known.get((cohort, age))
            text = figures.percent(figures.part_bp(row[measure] or 0, row["drawn_fen"] or 0)) if row else ""
            body += f'<td class="{"raw" if row and not row["mature"] else ""}{narrow[age]}">{text}</td>'
        body += "</tr>"
    corner = f'<th scope="col">{view.say(words.COHORT)} \\ {view.say(words.MOB)}</th>'
    return f.scrolling(corner + head, body)


def questions(view: View) -> dict[str, Question]:
    """Draws in one class, and draws so many days past due."""
    out: dict[str, Question] = {}
    for key, labels, name in (("cls", words.CLASSES, CLASSES), ("bucket", words.BUCKETS, BUCKETS)):
        for code, label in labels.items():
            out[f"{key}:{code}"] = ("draws", {key: code}, f"{view.say(name)} · {view.say(label)}")
    return out
