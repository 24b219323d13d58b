"""Signs that a bank's systems are being looked after, or that its clock and ours differ: they pass by themselves.

>>> from datetime import UTC, datetime
>>> now = datetime(2025, 1, 3, 8, 0, tzinfo=UTC)
>>> retry_after({"retry-after": "120"}, now), retry_after({"retry-after": "Fri, 03 Jan 2025 08:05:00 GMT"}, now)
(120.0, 300.0)

By the bank's own clock, where it says what that is; what is past, negative or no time at all asks for nothing:

>>> retry_after({"retry-after": "Fri, 03 Jan 2025 08:05:00 GMT", "date": "Fri, 03 Jan 2025 08:04:00 GMT"}, now)
60.0
>>> [retry_after({"retry-after": text}, now) for text in ("-5", "soon", "", "Fri, 03 Jan 2025 07:00:00 GMT", "²")]
[None, None, None, None, None]
>>> is_web_page({}, b"\\xef\\xbb\\xbf <!doctype HTML><html>"), is_web_page({}, b'{"a": "<html>"}'), is_web_page({}, b"<Msg/>")
(True, False, False)
>>> clock_differs({"date": "Fri, 03 Jan 2025 08:02:00 GMT"}, now), clock_differs({"date": "Fri, 03 Jan 2025 08:00:05 GMT"}, now)
(True, False)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# More than a signature's time may travel; a bank whose clock is off by so much will refuse ours as stale, or soon.
CLOCKS_MAY_DIFFER = 30
_BEFORE = rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,400}?-->\s*)*"
_PAGE = re.compile(_BEFORE + rb"<(?:!doctype\s+html|html)\b", re.I | re.S)
_SECONDS = re.compile(r"\d{1,12}", re.ASCII)


def is_web_page(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether this is a page for people, by what it says it is or by how it begins. No bank's dialect is one."""
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml") or _PAGE.match(body[:1024]) is not None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that an answer asks us to wait, if it does so intelligibly (RFC 9110 §10.2.3: a number, or a date)."""
    said = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(said):
        return float(said)
    then = _moment(said)
    if then is None:
        return None
    seconds = (then - (_moment(headers.get("date", "")) or now)).total_seconds()
    return seconds if seconds > 0 else None


def clock_differs(headers: Mapping[str, str], now: datetime) -> bool:
    """Whether the answer's own date says that the bank's clock and ours are apart."""
    said = _moment(headers.get("date", ""))
    return said is not None and abs((said - now).total_seconds()) > CLOCKS_MAY_DIFFER


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
