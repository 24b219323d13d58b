"""资金池: where the pool's money is, what it carries, how far from its lines it stands, and what was claimed."""

from __future__ import annotations

from html import escape

import streamlit as st

from backend.kit.money import wan
from backend.kit.words import Words
from dashboard import charts, drilldown, figures, words
from dashboard import furniture as f
from dashboard.furniture import View
from dashboard.pages import pool_strength
from dashboard.snapshot import Row

HEADROOM = Words("承担上限用了多少", "How much of its limit the pool uses")
HEADROOM_LEAD = Words(
    "承担上限由专户现金乘以方案规定的放大倍数得出；可用额度 = 承担上限 − 已承担 − 已预留。",
    "The limit is cash times the scheme's multiple; headroom is what commitments and reservations leave of it.",
)
LINES = Words("距预警线与暂停线", "Distance to the warning and pause lines")
LINES_LEAD = Words(
    "达到预警线须提示，达到暂停线则暂停新增业务，恢复由基金方决定。",
    "At the warning line all are told; at the pause line new loans stop until the fund reopens it.",
)
FLOWS = Words("每月收支", "Money in and out by month")
FLOWS_LEAD = Words(
    "线上为收入，线下为支出；折线为月末现金。", "In above the line, out below it; the line is cash at the month's end."
)
ACCOUNTS = Words("科目余额表", "Trial balance")
ACCOUNTS_LEAD = Words(
    "复式记账：每笔分录有借有贷，两栏合计必须相等。",
    "Double entry: each entry names a debit and a credit, so the two columns must agree.",
)
RATIOS = Words("比率", "Ratios")
CLAIMS = Words("代偿申请", "Claims")
CLAIMS_LEAD = Words("按月；中位天数从申请到拨付。", "By month; median days from filing to payment.")
PARTIES = Words("一般贷款的损失分担：", "An ordinary loss is shared:")
LIMIT = Words("承担上限", "limit")
LOANS = Words("在保贷款笔数", "loans carried")
NO_POOL = Words("还没有设立资金池。", "No pool has been opened yet.")
NO_FLOWS = Words("资金池还没有收支。", "No money has moved in or out of the pool yet.")
NO_ACCOUNTS = Words("资金池还没有任何分录。", "The pool's book has no entries yet.")
NO_CLAIMS = Words("还没有代偿申请。", "No claim has been filed yet.")
NO_LINE = Words(
    "还没有可比的数字：比率要等到有责任登记之后才有意义。", "No ratio yet: it has a meaning only once liabilities are registered."
)
# The side on which an account grows, domain §6.4 [D]; every other account grows on the credit side.
DEBIT_SIDE = frozenset({"pool_cash", "receivable", "write_off", "party_loss", "off_balance"})
TONES = {"commitments": charts.GREEN, "reserved": charts.GOLD, "available": "#bcd3cd"}


def draw(view: View) -> None:
    """The page."""
    pools = view.snapshot.rows("pools")
    if not pools:
        f.empty(view, NO_POOL)
        return
    names = {row["pool"]: figures.title(row, view.language) for row in pools}
    picked = f.choice(view, words.WHICH_POOL, names, "pool") if len(names) > 1 else pools[0]["pool"]
    pool = next(row for row in pools if row["pool"] == picked)
    headroom(view, pool)
    left, right = st.columns([3, 2])
    with left:
        flows(view, picked)
    with right:
        lines(view, pool)
        ratios(view, picked)
    pool_strength.draw(view, picked)
    left, right = st.columns(2)
    with left:
        accounts(view, picked)
    with right:
        claims(view, picked)
    drilldown.draw(
        view, "pool", {code: ("claims", {"pool": code}, f"{view.say(CLAIMS)} · {name}") for code, name in names.items()}
    )


def headroom(view: View, pool: Row) -> None:
    tone = {"paused": " stop", "closed": " stop", "warn": " warn", "warned": " warn", "warning": " warn"}.get(pool["state"], "")
    state = view.say(words.STATES.get(pool["state"], Words(pool["state"], pool["state"])))
    cards = [
        ("cash_fen", Words("专户现金", "cash in custody")),
        ("commitments_fen", words.HOLD["commitments"]),
        ("reserved_fen", words.HOLD["reserved"]),
        ("available_fen", words.HOLD["available"]),
    ]
    unit = view.say(words.WAN)
    tones = {"cash_fen": " first"}
    body = "".join(f.card(view.say(name), wan(pool[code] or 0), unit, tone=tones.get(code, "")) for code, name in cards)
    badge = f'<span class="cb-state{tone}">{escape(state)}</span>'
    body += f.card(view.say(LOANS), f"{pool['loans'] or 0:,}", below=badge)
    f.html(view, f'<div class="cb-kpis">{body}</div>')
    if parties := pool.get(f"parties_{view.language}"):
        f.note(view, f"{view.say(PARTIES)} {parties}")
    with f.panel(view, "headroom", HEADROOM, HEADROOM_LEAD, legend=f.keys(view.names(words.HOLD), TONES)):
        parts = {code: max(pool[f"{code}_fen"] or 0, 0) for code in ("commitments", "reserved", "available")}
        whole = sum(parts.values())
        if not whole:
            f.empty(view, NO_FLOWS)
            return
        strip = "".join(f'<b style="width:{100 * fen / whole:.2f}%;background:{TONES[code]}"></b>' for code, fen in parts.items())
        said = "; ".join(f"{view.say(words.HOLD[code])} {wan(fen)}" for code, fen in parts.items())
        f.html(view, f'<div class="cb-hold" role="img" aria-label="{said}">{strip}</div>')
        shares = [f"{view.say(words.HOLD[code])} {figures.percent(figures.part_bp(fen, whole))}" for code, fen in parts.items()]
        f.note(view, f"{view.say(LIMIT)} {wan(whole)} {view.say(words.WAN)} · {' · '.join(shares)}")


def lines(view: View, pool: Row) -> None:
    code = pool.get("ratio") or ""
    with f.panel(view, "lines", LINES, LINES_LEAD, codes=(code,) if code else ()):
        if code:
            f.note(view, view.figure(code))
        places = figures.gauge(pool["ratio_bp"], pool["warn_bp"], pool["pause_bp"])
        if "warn" not in places and "pause" not in places:
            f.empty(view, NO_LINE)
            return
        marks, zones = "", ""
        for name, at in places.items():
            said = view.say(
                words.LINES[name].fill(
                    value=figures.percent(pool[{"now": "ratio_bp", "warn": "warn_bp", "pause": "pause_bp"}[name]])
                )
            )
            # a mark near an end is written towards the middle, so that it stays on a phone's screen
            shift = "0" if at < 12 else "-100%" if at > 60 else "-50%"
            low = ";margin-top:1.25rem" if name == "pause" and "warn" in places and at - places["warn"] < 45 else ""
            kind = "now" if name == "now" else "line"
            marks += f'<span class="m {kind}" style="left:{at}%;transform:translateX({shift}){low}">{said}</span>'
            if name == "now":
                marks += f'<span class="k" style="left:{at}%"></span>'
            else:
                zones += f'<span class="{name[0]}" style="left:{at}%"></span>'
        f.html(view, f'<div class="cb-gauge"><div class="t">{zones}</div>{marks}</div>')
        if "now" not in places:
            f.note(view, view.say(NO_LINE))
        elif (pool.get("breaker_loans") or 0) < (pool.get("minimum_loans") or 0):
            f.note(view, view.say(words.NOT_ACTING.fill(n=pool["breaker_loans"], least=pool["minimum_loans"])))


def ratios(view: View, pool: str) -> None:
    rows, head = figures.of_pool(view.snapshot.rows("pool_ratios"), pool), view.names(words.COLUMNS)
    if not rows:
        return
    with f.panel(view, "ratios", RATIOS, codes=tuple(row["code"] for row in rows)):
        body = [
            [
                view.figure(row["code"]),
                figures.percent(row["value_bp"]),
                f"{wan(row['numerator_fen'] or 0)} / {wan(row['denominator_fen'] or 0)}",
            ]
            for row in rows
        ]
        f.table(view, [head["ratio"], "%", f"{head['numerator']} / {head['denominator']}"], body)


def flows(view: View, pool: str) -> None:
    rows, names = figures.of_pool(view.snapshot.rows("pool_monthly"), pool), view.names(words.FLOWS)
    cash = view.say(Words("月末现金", "cash at month's end"))
    legend = f.keys({**names, "cash": cash}, {**charts.FLOW_COLOURS, "cash": charts.INK}, {"cash": "line"})
    with f.panel(view, "flows", FLOWS, FLOWS_LEAD, legend=legend):
        if not rows:
            f.empty(view, NO_FLOWS)
            return
        left = [
            {
                "month": row["month"],
                "part": "cash",
                "money": figures.height(row["cash_end_fen"]),
                "text": wan(row["cash_end_fen"] or 0),
            }
            for row in rows
        ]
        f.draw(charts.signed_months(figures.flows(rows), {**names, "cash": cash}, left, height=330), view.say(FLOWS))


def accounts(view: View, pool: str) -> None:
    rows = figures.of_pool(view.snapshot.rows("pool_accounts"), pool)
    with f.panel(view, "accounts", ACCOUNTS, ACCOUNTS_LEAD):
        if not rows:
            f.empty(view, NO_ACCOUNTS)
            return
        debit, credit = figures.two_columns(rows, DEBIT_SIDE)
        body = [
            [
                figures.short_title(row, view.language),
                wan(row["balance_fen"]) if row["account"] in DEBIT_SIDE else "",
                "" if row["account"] in DEBIT_SIDE else wan(row["balance_fen"]),
            ]
            for row in rows
        ]
        head = [
            view.say(words.COLUMNS["account"]),
            view.say(Words("借方(万元)", "debit (万元)")),
            view.say(Words("贷方(万元)", "credit (万元)")),
        ]
        f.table(view, head, body, total=[view.say(words.TOTAL), wan(debit), wan(credit)])
        f.note(view, view.say(words.BALANCED if debit == credit else words.UNBALANCED.fill(total=wan(debit - credit))))


def claims(view: View, pool: str) -> None:
    rows, head = figures.of_pool(view.snapshot.rows("claims"), pool), view.names(words.CLAIMS)
    with f.panel(view, "claims", CLAIMS, CLAIMS_LEAD):
        if not rows:
            f.empty(view, NO_CLAIMS)
            return
        counts = ("filed", "approved", "rejected", "paid")
        body = [
            [
                str(row["month"]),
                *[f"{row[code] or 0:,}" for code in counts],
                wan(row["payout_fen"] or 0),
                "—" if row["p50_days"] is None else f"{row['p50_days']:g}",
            ]
            for row in sorted(rows, key=lambda row: str(row["month"]))
        ]
        total = [
            view.say(words.TOTAL),
            *[f"{sum(row[code] or 0 for row in rows):,}" for code in counts],
            wan(sum(row["payout_fen"] or 0 for row in rows)),
            "",
        ]
        f.table(view, list(head.values()), body, total=total)
