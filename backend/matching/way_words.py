"""The sentences of a way to yes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from backend.kit.money import wan
from backend.kit.words import Words
from backend.repair import model as repair
from products import sentences
from products.criteria import Criterion
from products.vocabulary import fact, item_title, show

NONE = Words("目前没有可行的办法；请选择其他产品", "nothing that you can do would change this now; choose another product")
SIZE = Words("该产品不面向本企业规模", "this product is made for firms of another size")
GROUP = Words(
    "您在该银行（集团）的贷款已接近其对一家企业的总额度；偿还一部分后重新匹配",
    "what you have at this bank's group comes near its limit for one firm; match again after repaying some of it",
)
POOL = Words("风险补偿资金池暂无空间，企业无法改变", "the compensation pool has no room now; a firm cannot change that")
CAPACITY = Words("偿债能力不足，且已知贷款还清也不够", "the debt capacity is too low, even if all known loans were repaid")
GUARANTEE = Words("由担保机构出具担保（平台转交申请）", "bring a guarantor's letter; the platform passes the request on")


def joined(parts: Sequence[Words]) -> Words:
    """Several clauses as one."""
    return Words("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))


def want(criterion: Criterion) -> Words:
    """What a criterion asks of its fact."""
    code = criterion.fact or ""
    asked = sentences.asked(code, criterion.op or "", criterion.value)
    return Words(f"{fact(code).title.zh}{asked.zh}", f"{fact(code).title.en} {asked.en}")


def know(item: str, open_: bool, wants: Mapping[str, Words | None]) -> Words:
    """A record that must become known, and what it must show."""
    title = item_title(item)
    head = (
        Words(f"等待“{title.zh}”数据到达", f"wait for the {title.en} data to arrive")
        if open_
        else Words(f"授权“{title.zh}”（{item}）", f"authorise “{title.en}” ({item})")
    )
    told = [each for each in wants.values() if each is not None]
    if not told:
        return head
    shows = joined(told)
    return Words(f"{head.zh}；记录须显示：{shows.zh}", f"{head.en}; the record must show: {shows.en}")


def wait(until: date, code: str) -> Words:
    """Time alone does it."""
    title = fact(code).title
    return Words(f"等到 {until}：届时{title.zh}已满要求", f"wait until {until}: by then enough time has passed ({title.en})")


def repaired(code: str, own: Words | None, day: date) -> Words:
    """Where a record is repaired."""
    title, where = fact(code).title, own or repair.way_for(code, day) or Words("", "")
    return Words(f"修复记录“{title.zh}”：{where.zh}", f"repair the record ({title.en}): {where.en}")


def reached(code: str, wanted: Any, better: str, *, tells: bool) -> Words:
    """A figure that the firm moves; of some only the direction is told."""
    title = fact(code).title
    if not tells:
        more = Words("持续增加", "goes up over time") if better == "more" else Words("持续减少", "goes down over time")
        return Words(f"{title.zh}{more.zh}有帮助", f"it helps if this {more.en}: {title.en}")
    value = show(code, wanted)
    return Words(f"{title.zh}达到 {value.zh}", f"bring this to {value.en}: {title.en}")


def fixed(code: str) -> Words:
    """A fact that a firm cannot change."""
    title = fact(code).title
    return Words(f"{title.zh}不能由企业改变", f"a firm cannot change this: {title.en}")


def repay(amount_fen: int) -> Words:
    """Debt that stands in the way."""
    return Words(f"先偿还已有贷款 {wan(amount_fen)} 万元", f"first repay {wan(amount_fen)} 万元 of existing loans")


def ask(amount_fen: int, *, less: bool) -> Words:
    """Another amount."""
    zh, en = ("不超过", "at most") if less else ("不少于", "at least")
    return Words(f"申请{zh} {wan(amount_fen)} 万元", f"ask for {en} {wan(amount_fen)} 万元")
