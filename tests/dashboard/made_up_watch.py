"""The made-up snapshot's tables of strength and monitoring: a pool of forty loans, five bands of uplift, two cards."""

from __future__ import annotations

from typing import Any

WAN = 1_000_000  # fen in 万元
MONTHS = [f"2025-{month:02d}" for month in range(1, 9)]
Rows = list[dict[str, Any]]


def _bars() -> Rows:
    heights = [1210, 1630, 1820, 1540, 1290, 1010, 780, 590, 440, 330, 250, 190, 140, 100, 80, 60, 45, 30, 22, 15, 9, 6, 4, 2]
    edges = [(5 * n * WAN, 5 * (n + 1) * WAN) for n in range(len(heights))]
    return [
        {"pool": "city_pool", "from_fen": low, "to_fen": high, "cases": cases}
        for (low, high), cases in zip(edges, heights, strict=True)
    ]


def _worlds() -> Rows:
    found = []
    for share, leverage, pd in ((1, 1, 1), (0.75, 1, 1), (1.25, 1, 1), (1, 1.5, 1), (1, 1, 3), (1.25, 1.5, 2)):
        need95, need999 = round(55 * share * leverage * pd**0.8), round(110 * share * leverage * pd**0.5)
        row = {"pool": "city_pool", "share_times": float(share), "leverage_times": float(leverage), "pd_times": float(pd)}
        money = {"expected": round(18 * share * leverage * pd), "need95": need95, "need999": need999}
        money |= {"missing95": 0, "missing999": max(0, need999 - 198)}
        found.append(row | {f"{name}_fen": wan * WAN for name, wan in money.items()})
    return found


def _stress() -> dict[str, Any]:
    wan = {"owed": 1500, "cash": 1980, "expected": 18, "need95": 55, "granular95": 42, "before95": 92, "error95": 1}
    wan |= {"need999": 110, "error999": 3, "granular999": 76, "before999": 184}
    counts = {"loans": 41, "firms": 38, "assessed": 29, "failed": 1, "draws": 20_000, "window_loans": 12, "minimum_loans": 20}
    chances = {"nothing": 4120, "short": 0, "warn": 1480, "pause": 530, "largest": 4420, "correlation": 1200, "pd": 300}
    row: dict[str, Any] = {"pool": "city_pool", "cover_months": 1320.0, "equal_firms": 21.4, "lgd_bp": 6000, "hidden": 0}
    money = {f"{name}_fen": amount * WAN for name, amount in wan.items()}
    return row | money | counts | {f"{name}_bp": bp for name, bp in chances.items()}


def _band(band: str, loans: int, defaults: int, difference: int | None, *, hidden: bool = False) -> dict[str, Any]:
    said = {
        "defaults": defaults,
        "rate_bp": 10_000 * defaults // loans,
        "low_bp": 6_000 * defaults // loans,
        "high_bp": 16_000 * defaults // loans + 300,
        "matched": loans - 2 if difference is not None else 0,
        "matched_defaults": defaults,
        "partners_defaults": defaults,
        "difference_bp": difference,
        "difference_low_bp": None if difference is None else difference - 310,
        "difference_high_bp": None if difference is None else difference + 290,
        "left_out": 2,
    }
    whole = {"band": band, "loans": loans, "firms": loans - 1, "hidden": int(hidden)}
    return whole | (dict.fromkeys(said) if hidden else said)


def _finding(coefficient: str, e_value: float | None, *, since: str | None = None) -> dict[str, Any]:
    told = e_value is not None
    return {
        "programme": "hubei_shuyidai",
        "title_zh": "数易贷数据资产增信",
        "title_en": "Data loan uplift",
        "coefficient": coefficient,
        "e_value": e_value,
        "line": 80.0,
        "lifted": 61,
        "lifted_defaults": 4 if told else None,
        "others": 240,
        "others_defaults": 11 if told else None,
        "alert": int(e_value > 80) if e_value is not None else None,
        "open_since": since,
        "hidden": int(not told),
    }


def _sweep(month: str, place: int) -> dict[str, Any]:
    row = {
        "day": f"{month}-21",
        "firms": 20 + 9 * place,
        "green": 18 + 8 * place,
        "yellow": 1 + place // 2,
        "red": 1 + place // 3,
    }
    return (
        row
        | dict.fromkeys(("opened", "worsened", "improved", "closed", "ended", "stars", "circles"), 0)
        | {
            "tasks": 3,
            "nothing_opened": 7,
        }
    )


def _month(card: str, month: str, place: int) -> dict[str, Any]:
    told = card == "general" and place > 1
    names = {"general": ("通用评分卡", "general card"), "sole_trader": ("个体工商户评分卡", "sole trader card")}[card]
    row: dict[str, Any] = {"card": card, "title_zh": names[0], "title_en": names[1], "month": month, "hidden": int(not told)}
    row |= {"assessed": 14 * place, "firms": 12 * place, "outcomes": 5 * place, "bad": place, "alerts": int(told)}
    row |= {"psi": round(0.04 + 0.03 * place, 4) if told else None, "psi_watch": 0.1, "psi_act": 0.25}
    for name, value in (("auc", 0.78), ("ks", 0.45), ("brier", 0.06), ("slope", 0.93)):
        for end, apart in (("", 0.0), ("_low", -0.05), ("_high", 0.05)):
            row[f"{name}{end}"] = round(value + apart, 4) if told else None
    rates = ("expected_bp", "observed_bp", "observed_low_bp", "observed_high_bp")
    return row | dict(zip(rates, (620, 710, 400, 1190) if told else (None,) * 4, strict=True))


def _group(dimension: str, cell: str, zh: str, en: str, n: int, ratio: float) -> dict[str, Any]:
    row: dict[str, Any] = {"card": "general", "dimension": dimension, "cell": cell, "label_zh": zh, "label_en": en, "n": n}
    row |= {"psi": 0.12, "favoured_bp": 6000, "drew_bp": 4100}
    for kind, value in (("favoured", ratio), ("drew", None if cell == "F" else ratio)):
        for end, times in (("", 1.0), ("_low", 0.8), ("_high", 1.2)):
            row[f"{kind}_ratio{end}"] = None if value is None else round(value * times, 4)
    return row


def tables() -> dict[str, Rows]:
    """The tables by name."""
    indicators = (
        ("sales", "近三个月开票销售额同比", "invoiced sales of three months over a year", 9, 4),
        ("enforcement", "被列为被执行人", "named as a judgment debtor", 0, 6),
        ("neighbour", "关联企业风险", "trouble at a tied firm", 5, 0),
    )
    ningbo = {"region": "330299", "label_zh": "浙江宁波 330299", "label_en": "Ningbo, Zhejiang 330299"}
    alert = {"what_zh": "A–C 级占比偏低：批发和零售业", "what_en": "share of grades A to C, wholesale and retail"}
    return {
        "stress": [_stress()],
        "stress_bars": _bars(),
        "stress_worlds": _worlds(),
        "honesty_bands": [
            _band("0", 240, 11, None),
            _band("10–15%", 30, 1, -120),
            _band("15–20%", 22, 2, 240),
            _band("20–25%", 6, 0, None, hidden=True),
            _band("25–30%", 3, 1, None, hidden=True),
        ],
        "honesty_findings": [
            _finding("all", 1.234),
            _finding("rights", 96.5, since="2025-07-01"),
            _finding("trades", 0.31),
            _finding("booked", None),
        ],
        "warning_sweeps": [_sweep(month, place) for place, month in enumerate(MONTHS)],
        "warning_indicators": [
            {"indicator": code, "title_zh": zh, "title_en": en, "yellow": yellow, "red": red, "confirmed": red}
            | {"false_alarm": 1, "resolved": 2}
            for code, zh, en, yellow, red in indicators
        ],
        "warning_regions": [ningbo | {"colour": colour, "firms": n} for colour, n in (("RED", 6), ("YELLOW", 9))],
        "card_months": [_month(card, month, place) for card in ("general", "sole_trader") for place, month in enumerate(MONTHS)],
        "card_groups": [
            _group("region", "330299", "浙江宁波 330299", "Ningbo, Zhejiang 330299", 64, 1.0),
            _group("industry", "C", "制造业", "manufacturing", 40, 1.0),
            _group("industry", "F", "批发和零售业", "wholesale and retail", 24, 0.62),
            _group("size", "100-500", "年开票 100–500 万元", "sales 100–500 万元", 31, 0.9),
        ],
        "card_alerts": [{"card": "general", "colour": "watch", "value": 0.62, "validated": "≥0.80"} | alert],
    }
