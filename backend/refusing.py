"""What each kind of error is to whoever asked: its status, its headers, its problem+json; one table for every door."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException

from backend.gate import Unfit
from backend.kit.errors import (
    Busy,
    Conflict,
    CreditBridgeError,
    Garbled,
    Invalid,
    NotFound,
    Refused,
    TooMany,
    Unreachable,
)
from backend.kit.words import Words


class SignInNeeded(Refused):
    """Nobody is signed in: 401 for programs, the sign-in page for people."""

    def __init__(self) -> None:
        super().__init__(Words("请先登录", "please sign in first"), code="sign_in_needed")


def status_of(error: CreditBridgeError) -> int:
    """The HTTP status of each branch of the error tree."""
    table: tuple[tuple[type[CreditBridgeError], int], ...] = (
        (SignInNeeded, 401),
        (NotFound, 404),
        (Invalid, 422),
        (Conflict, 409),
        (TooMany, 429),
        (Refused, 401 if error.code == "sign_in" else 403),
        (Unreachable, 503),
        (Garbled, 502),
    )
    return error.status if isinstance(error, Unfit) else next((status for kind, status in table if isinstance(error, kind)), 500)


def headers_of(error: CreditBridgeError) -> dict[str, str]:
    """What an answer says beside its body: when to come again, which methods there are, that the connection ends."""
    if isinstance(error, Unfit):
        return error.headers
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after)}
    return {"Retry-After": "1" if isinstance(error, Busy) else "10"} if isinstance(error, Unreachable) else {}


BROKEN = Words("系统暂时不可用,请稍后再试", "something is broken here; please try again later")
_OF_HTTP = {
    400: Words("请求有误，无法读取", "the request cannot be read"),
    405: Words("此地址不支持这种操作", "this address does not take that method"),
    413: Words("内容过大", "too large"),
    415: Words("内容类型不对", "that kind of content is not taken"),
}


def unfit(error: HTTPException) -> CreditBridgeError:
    """What the web framework itself said no to, as one of ours."""
    if error.status_code == 404:
        return NotFound()
    words = _OF_HTTP.get(error.status_code, BROKEN if error.status_code >= 500 else _OF_HTTP[400])
    return Unfit(error.status_code, words, code=f"http_{error.status_code}", headers=dict(error.headers or {}))


def problem(error: CreditBridgeError) -> dict[str, Any]:
    """The error as problem+json (RFC 9457), with its sentence in both languages."""
    status = status_of(error)
    words = error.words if status < 500 or isinstance(error, Busy) else BROKEN
    body: dict[str, Any] = {
        "type": f"urn:creditbridge:{error.code}",
        "title": words.en,
        "status": status,
        "words": words.as_dict(),
    }
    if isinstance(error, Invalid):
        body["place"] = error.place
    return body
