"""What a person may say of a day, an amount or a receipt, whatever it is said of: one sentence for each wrong, in every door.

A room calls these with the day of its own act, for no room asks the clock. Practice: nothing is booked that has not happened, and
no single movement of a regional fund comes near 10 billion yuan; a slip of the keyboard does. Below the bound no sum of amounts
and no multiple of the leverage leaves the database's whole numbers.

>>> from datetime import date
>>> not_after(date(2030, 1, 1), date(2025, 5, 6), "on")
Traceback (most recent call last):
backend.kit.errors.Invalid: on: 2030-01-01 lies after today, 2025-05-06
>>> size_fen(0, "amount_fen")
Traceback (most recent call last):
backend.kit.errors.Invalid: amount_fen: the amount must be positive
>>> named(" TG-0001 ", "receipt_no")
'TG-0001'
"""

from __future__ import annotations

from datetime import date

from backend.kit.errors import Invalid
from backend.kit.words import Words

MOST_FEN = 10**12
NAME_CHARS = 80


def not_after(day: date, today: date, place: str) -> date:
    """The day, which has come. Invalid `future_day` otherwise."""
    if day > today:
        raise Invalid(place, Words(f"{day} 晚于今天（{today}）", f"{day} lies after today, {today}"), code="future_day")
    return day


def not_before(day: date, first: date, place: str) -> date:
    """The day, which is not before there was anything to book it on. Invalid `too_early` otherwise."""
    if day < first:
        raise Invalid(place, Words(f"{day} 早于 {first}", f"{day} lies before {first}, when this began"), code="too_early")
    return day


def within(day: date, first: date, today: date, place: str) -> date:
    """The day, between the first that makes sense and today."""
    return not_before(not_after(day, today, place), first, place)


def size_fen(amount_fen: int, place: str, *, least: int = 1) -> int:
    """The amount, between `least` and what anybody can mean. Invalid `amount` otherwise."""
    if amount_fen < least:
        raise Invalid(
            place,
            Words("金额须为正", "the amount must be positive")
            if least > 0
            else Words("金额不能为负", "the amount is not negative"),
            code="amount",
        )
    if amount_fen > MOST_FEN:
        raise Invalid(place, Words("金额过大，最多 100 亿元", "the amount is above 10 billion yuan"), code="amount")
    return amount_fen


def named(text: str, place: str, *, most: int = NAME_CHARS) -> str:
    """A number or name that somebody else gave (a receipt's, a contract's), without the blanks around it. Invalid `missing`,
    `too_long`, or `unprintable`: no line ends or NUL stand in it."""
    found = text.strip()
    if not found:
        raise Invalid(place, Words("请填写编号", "give its number"), code="missing")
    if len(found) > most:
        raise Invalid(place, Words(f"最多 {most} 个字符", f"at most {most} characters"), code="too_long")
    if not found.isprintable():
        raise Invalid(place, Words("含有不可见字符", "it holds characters that cannot be printed"), code="unprintable")
    return found


def purpose(text: str) -> str:
    """For what somebody looks at what is not theirs: in words, not a keystroke. Invalid otherwise."""
    found = " ".join(text.split())
    if len(found) < 4:
        raise Invalid("purpose", Words("请写明查询目的", "say for what purpose you look"), code="purpose")
    return found[:500]
