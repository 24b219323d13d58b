"""What is watched beside the market: honesty of the uplifts, early warning, the cards. The rooms that watch are asked.

Held back here, because other rooms do not know what is published beside: bands and findings behind which fewer than five firms
stand, and those that would betray them by subtraction. Regions of fewer than five and groups of fewer than ten firms are left out
by the rooms themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.kit.errors import CreditBridgeError
from backend.kit.words import Words
from backend.loans import honesty
from backend.reporting.book import Book
from backend.reporting.labels import label
from backend.reporting.reckon import Row, grouped
from backend.reporting.suppression import few, held_back
from backend.scoring import scorecard
from backend.scoring.monitoring import limits
from backend.scoring.monitoring import views as monitoring
from backend.scoring.warnings import thresholds
from backend.scoring.warnings import views as warnings
from backend.uplifts import programme

# ---------------------------------------------------------------- honesty of the uplifts


def _honest(book: Book) -> Mapping[str, list[dict[str, Any]]]:
    if "honesty" not in book.kept:
        book.kept["honesty"] = honesty.figures(book.session, book.day)
    found: Mapping[str, list[dict[str, Any]]] = book.kept["honesty"]
    return found


def honesty_bands(book: Book) -> list[Row]:
    """Bands of uplift with their defaults, and matched partners'. Counts of loans and firms stay."""
    rows = _honest(book)["bands"]
    hidden = held_back({row["band"]: row["behind"] for row in rows})
    found = []
    for row in rows:
        gone = row["band"] in hidden
        compared = not gone and row["matched"] > 0 and not few(row["partners"])
        said: Row = {"band": row["band"], "loans": row["loans"], "firms": len(row["behind"]), "hidden": int(gone)}
        said |= {
            "defaults": None if gone else row["defaults"],
            "rate_bp": None if gone else _bp(row["defaults"] / row["loans"]),
            "low_bp": None if gone else _bp(row["rate_low"]),
            "high_bp": None if gone else _bp(row["rate_high"]),
            "matched": None if gone else row["matched"],
            "matched_defaults": row["matched_defaults"] if compared else None,
            "partners_defaults": row["partners_defaults"] if compared else None,
            "left_out": None if gone else row["left_out"],
        }
        for name in ("difference", "difference_low", "difference_high"):
            said[f"{name}_bp"] = _bp(row[name]) if compared else None
        found.append(said)
    return found


def honesty_findings(book: Book) -> list[Row]:
    """Each coefficient of each programme's terms, and since when an alert stands open."""
    since = {(each["programme"], each["coefficient"]): each["found_on"] for each in _honest(book)["alerts"]}
    found = []
    for _, rows in grouped(_honest(book)["findings"], lambda row: (row["programme"], row["policy_digest"])).items():
        whole = [row for row in rows if row["coefficient"] == "all"]
        small = any(few(row["behind"]) or few(row["partners"]) for row in whole)
        hidden = held_back({row["coefficient"]: row["behind"] for row in rows if row not in whole})
        for row in rows:
            gone = small or row["coefficient"] in hidden or few(row["partners"])
            title = _programme(row["programme"])
            said: Row = {
                "programme": row["programme"],
                "title_zh": title.zh,
                "title_en": title.en,
                "coefficient": row["coefficient"],
                "line": float(row["line"]),
                "lifted": row["lifted"],
                "others": row["others"],
                "open_since": since.get((row["programme"], row["coefficient"])),
                "hidden": int(gone),
            }
            said |= dict.fromkeys(("e_value", "lifted_defaults", "others_defaults", "alert"))
            if not gone:
                said |= {"e_value": float(row["e_value"]), "alert": int(row["alert"])}
                said |= {name: row[name] for name in ("lifted_defaults", "others_defaults")}
            found.append(said)
    return found


def _bp(share: float) -> int:
    return round(share * 10_000)


def _programme(code: str) -> Words:
    try:
        return programme.load(code).title
    except CreditBridgeError:
        return Words(code, code)


# ---------------------------------------------------------------- early warning


def _warned(book: Book) -> dict[str, list[dict[str, Any]]]:
    if "warnings" not in book.kept:
        book.kept["warnings"] = warnings.figures(book.session, book.day)
    found: dict[str, list[dict[str, Any]]] = book.kept["warnings"]
    return found


def warning_sweeps(book: Book) -> list[Row]:
    return [dict(row) for row in _warned(book)["warning_sweeps"]]


def warning_indicators(book: Book) -> list[Row]:
    """Alerts by indicator at their highest colour, and what banks answered."""
    titles = {each.code: each.title for each in thresholds.on(book.day).indicators}
    titles[thresholds.NEIGHBOUR] = warnings.TIED_TITLE
    return [_titled(row, titles.get(row["indicator"], Words(row["indicator"], row["indicator"]))) for row in _rows(book)]


def _rows(book: Book) -> list[dict[str, Any]]:
    return _warned(book)["warning_indicators"]


def warning_regions(book: Book) -> list[Row]:
    return [_labelled(row, label("region", row["region"])) for row in _warned(book)["warning_regions"]]


# ---------------------------------------------------------------- the cards


def _carded(book: Book) -> dict[str, list[dict[str, Any]]]:
    if "cards" not in book.kept:
        book.kept["cards"] = monitoring.figures(book.session, book.day)
    found: dict[str, list[dict[str, Any]]] = book.kept["cards"]
    return found


def card_months(book: Book) -> list[Row]:
    """Each card's months: how well it sorts, whether its probabilities mean what they say, how its mix moved."""
    rules, found = limits.on(book.day), []
    for row in _carded(book)["card_months"]:
        said = {name: row[name] for name in ("card", "assessed", "firms", "outcomes", "bad", "psi", "alerts")}
        said |= {"month": row["month"][:7], "hidden": int(bool(row["assessed"]) and row["psi"] is None)}
        said |= {"psi_watch": float(rules.psi_watch), "psi_act": float(rules.psi_act)}
        for name in ("auc", "ks", "brier", "slope"):
            said |= {name: row[name], f"{name}_low": row[f"{name}_low"], f"{name}_high": row[f"{name}_high"]}
        for name in ("expected", "observed", "observed_low", "observed_high"):
            said[f"{name}_bp"] = None if row[name] is None else _bp(row[name])
        found.append(_titled(said, _card(book, row["card"])))
    return found


def card_groups(book: Book) -> list[Row]:
    """The newest month's groups beside the best one."""
    found = []
    for row in _carded(book)["card_groups"]:
        said = {name: value for name, value in row.items() if name not in ("month", "group", "favoured", "drew")}
        said |= {"cell": row["group"], "favoured_bp": _bp(row["favoured"]), "drew_bp": _bp(row["drew"])}
        found.append(_labelled(said, group_words(row["dimension"], row["group"])))
    return found


def card_alerts(book: Book) -> list[Row]:
    """What is alarming in the newest month, in words."""
    found = []
    for row in _carded(book)["card_alerts"]:
        what = alert_words(row["what"])
        said = {name: row[name] for name in ("card", "colour", "value", "validated")}
        found.append(said | {"what_zh": what.zh, "what_en": what.en})
    return found


def _card(book: Book, code: str) -> Words:
    try:
        return scorecard.current(book.day, code).title
    except CreditBridgeError:
        return Words(code, code)


def group_words(dimension: str, group: str) -> Words:
    """A group of a card's firms.

    >>> group_words("size", "100-500").en, group_words("size", "2000+").zh, group_words("ownership", "sole_trader").en
    ('sales 100–500 万元', '年开票 2000 万元以上', 'sole trader')
    """
    if dimension == "size" and group != "unknown":
        if group.endswith("+"):
            return Words(f"年开票 {group[:-1]} 万元以上", f"sales over {group[:-1]} 万元")
        said = group.replace("-", "–")
        return Words(f"年开票 {said} 万元", f"sales {said} 万元")
    return label("subject_type" if dimension == "ownership" else dimension, group)


_WHAT = {
    "auc": Words("区分能力 AUC", "AUC"),
    "ks": Words("区分能力 KS", "KS"),
    "brier": Words("Brier 分", "Brier score"),
    "slope": Words("校准斜率", "calibration slope"),
    "level": Words("预期违约率与实际不符", "expected failures beside those that happened"),
    "psi": Words("等级分布 PSI", "PSI of the grades"),
    "favoured": Words("A–C 级占比偏低", "share of grades A to C"),
    "drew": Words("获得用信的占比偏低", "share that drew"),
}


def alert_words(what: str) -> Words:
    """What an alert of the cards is about.

    >>> alert_words("psi 2026-05").en, alert_words("favoured industry C").en, alert_words("auc").zh
    ('PSI of the grades, 2026-05', 'share of grades A to C, manufacturing', '区分能力 AUC')
    """
    kind, *rest = what.split(" ", 2)
    words = _WHAT.get(kind, Words(kind, kind))
    if not rest:
        return words
    more = group_words(*rest) if len(rest) == 2 else Words(rest[0], rest[0])
    return Words(f"{words.zh}：{more.zh}", f"{words.en}, {more.en}")


def _titled(row: Mapping[str, Any], title: Words) -> Row:
    return {**row, "title_zh": title.zh, "title_en": title.en}


def _labelled(row: Mapping[str, Any], words: Words) -> Row:
    return {**row, "label_zh": words.zh, "label_en": words.en}
