"""What a file that somebody hands in must be: not empty, and called by a name rather than by a way to somewhere.

>>> fit("流水.pdf", b"%PDF", "files.0")
>>> fit("流水.pdf", b" \\n", "files.0")
Traceback (most recent call last):
backend.kit.errors.Invalid: files.0: the file is empty; choose it again
"""

from __future__ import annotations

import re

from backend.kit.errors import Invalid
from backend.kit.words import Words

EMPTY = Words("文件是空的，请重新选择文件", "the file is empty; choose it again")
BAD_NAME = Words("文件名不能为空，也不能含有路径或控制字符", "a file has a name, without a path and without control characters")
_BAD_NAME = re.compile(r"[\x00-\x1f\x7f/\\\ud800-\udfff]")


def fit(name: str, body: bytes, place: str) -> None:
    """Nothing if it is sound; Invalid `empty_file` or `file_name` at its place."""
    if not body or body.isspace() or body == b"\xef\xbb\xbf":  # a byte order mark alone is nothing either
        raise Invalid(place, EMPTY, code="empty_file")
    if not name.strip(" .") or _BAD_NAME.search(name):
        raise Invalid(place, BAD_NAME, code="file_name")
