"""The sentences of criteria: each names the fact, its value and what the product asks for, in both languages.

>>> asked("sales_12m_fen", "at_least", 100_000_000).en
'at least 100.00 万元'
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from backend.kit.words import Words
from products.vocabulary import fact, item_title, show

_ASKED = {
    "at_least": Words("不低于 {v}", "at least {v}"),
    "at_most": Words("不高于 {v}", "at most {v}"),
    "is": Words("为 {v}", "{v}"),
    "is_not": Words("不为 {v}", "not {v}"),
    "one_of": Words("属于 {v}", "one of {v}"),
    "not_one_of": Words("不属于 {v}", "none of {v}"),
    "starts_with_one_of": Words("以 {v} 开头", "beginning with {v}"),
    "within_days": Words("在近 {v} 天内", "within the last {v} days"),
    "at_least_days_ago": Words("距今至少 {v} 天", "at least {v} days ago"),
    "count_at_least": Words("不少于 {v} 项", "at least {v}"),
}


@lru_cache(maxsize=8192, typed=True)
def asked(code: str, op: str, value: Any) -> Words:
    """What is asked of a fact, without its name."""
    if op in ("within_days", "at_least_days_ago", "count_at_least"):
        text = Words(str(value), str(value))
    elif isinstance(value, tuple):
        parts = [show(code, one) for one in value]
        text = Words("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))
    else:
        text = show(code, value)
    pattern = _ASKED[op]
    return Words(pattern.zh.format(v=text.zh), pattern.en.format(v=text.en))


def met(code: str, op: str, threshold: Any, value: Any, want: Words | None = None) -> Words:
    """The fact satisfies the criterion. `want` is what `asked` says, where it is at hand."""
    title, have, want = fact(code).title, show(code, value), want or asked(code, op, threshold)
    return Words(f"{title.zh}：{have.zh}，符合要求（{want.zh}）", f"{title.en}: {have.en}, which meets what is asked ({want.en})")


def failed(code: str, op: str, threshold: Any, value: Any, want: Words | None = None) -> Words:
    """The fact does not satisfy the criterion."""
    title, have, want = fact(code).title, show(code, value), want or asked(code, op, threshold)
    return Words(f"{title.zh}：{have.zh}，产品要求{want.zh}", f"{title.en}: {have.en}; the product asks for {want.en}")


def missing(code: str, want: Words) -> Words:
    """The fact is not known; that is not a no."""
    title = fact(code).title
    return Words(
        f"{title.zh}：尚不知道，无法判断是否{want.zh}",
        f"{title.en}: not known yet, so {want.en} can be neither confirmed nor denied",
    )


def bank_checks(title: Words) -> Words:
    """Only the bank can tell."""
    return Words(f"{title.zh}：由银行核查", f"{title.en}: the bank will check")


@lru_cache(maxsize=1024)
def way_to_know(code: str, withheld: bool) -> Words:
    """How a missing fact becomes known: authorise it, or wait for the source."""
    word = fact(code)
    item = item_title(word.item)
    if word.consent == "none":
        return Words(
            f"等待“{item.zh}”数据到达；公开信息无需授权",
            f"wait for the {item.en} data to arrive; public records need no authorisation",
        )
    if withheld:
        return Words(f"授权查询“{item.zh}”（{word.item}）", f"authorise “{item.en}” ({word.item})")
    return Words(
        f"授权“{item.zh}”（{word.item}）；如已授权，数据源尚未提供该项，可等待或提出补正",
        f"authorise “{item.en}” ({word.item}); if that is done, the source has delivered nothing yet: wait, or ask it to correct",
    )


def way_to_yes(code: str, op: str, threshold: Any) -> Words:
    """What would turn a no into a yes."""
    title, want = fact(code).title, asked(code, op, threshold)
    return Words(
        f"待{title.zh}{want.zh}后重新匹配；如数据有误，可提出异议",
        f"match again once the {title.en}: {want.en}; if the record is wrong, object to it",
    )


_MORE = ("at_least", "within_days", "count_at_least")


def direction(code: str, op: str) -> Words:
    """Which way a fact counts, without the threshold. For a day, later is `more`."""
    title = fact(code).title
    if op in ("within_days", "at_least_days_ago") or fact(code).kind == "date":
        later = op in _MORE
        return Words(
            f"{title.zh}（越{'近' if later else '早'}越好）", f"{title.en} ({'later' if later else 'earlier'} is better)"
        )
    more = op in _MORE
    return Words(f"{title.zh}（越{'高' if more else '低'}越好）", f"{title.en} ({'more' if more else 'less'} is better)")


def hidden(answer: str, named: Words | None) -> Words:
    """The answer to a criterion whose threshold the bank does not publish; `named` where its direction may be told."""
    told = named or Words("银行未公开的一项条件", "a condition that the bank does not publish")
    said = {
        "yes": Words("符合要求", "met"),
        "no": Words("未达到要求", "not met"),
        "unknown": Words("尚不知道，无法判断", "not known yet"),
    }[answer]
    return Words(f"{told.zh}：{said.zh}", f"{told.en}: {said.en}")
