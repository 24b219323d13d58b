"""Roles, kinds of party, and the unified social credit code 统一社会信用代码.

GB 32100-2015 (domain §2.1 [V]): 18 characters, alphabet without I O S V Z, check character mod 31; positions 9–17 are an
organisation code (GB 11714) with its own check. Some early real codes fail a check: those are *suspect*, not refused.

>>> uscc(" 91130600738737199k ")
('91130600738737199K', 'valid')
>>> uscc("91130600738737190K")[1]
'suspect'
>>> subject_type("92120116000000035D")
'sole_trader'
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from stdnum.cn import uscc as national
from stdnum.exceptions import ValidationError

from backend.kit.errors import Invalid
from backend.kit.words import Words

ROLES = (
    "firm_owner",
    "firm_staff",
    "bank_system",
    "bank_officer",
    "guarantor_officer",
    "fund_maker",
    "fund_checker",
    "whitelist_issuer",
    "regulator",
    "operator",
)

# Which kind of party a role may belong to.
ROLE_OF = {
    "firm": ("firm_owner", "firm_staff"),
    "bank": ("bank_system", "bank_officer"),
    "guarantor": ("guarantor_officer",),
    "fund": ("fund_maker", "fund_checker"),
    "issuer": ("whitelist_issuer",),
    "regulator": ("regulator",),
    "operator": ("operator",),
}

SubjectType = Literal["enterprise", "sole_trader", "cooperative", "other"]

_SHAPE = re.compile(r"^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$")
_ORG = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def organisation_check(first_eight: str) -> str:
    """The check character of an organisation code, GB 11714.

    >>> organisation_check("73873719")
    '9'
    """
    rest = (11 - sum(_ORG.index(c) * w for c, w in zip(first_eight, _ORG_WEIGHTS, strict=True)) % 11) % 11
    return "X" if rest == 10 else str(rest)


def uscc(text: str, *, place: str = "uscc") -> tuple[str, str]:
    """Normalise a credit code; ('code', 'valid' | 'suspect'). A wrong shape is refused."""
    code = unicodedata.normalize("NFKC", text).strip().upper()
    if not _SHAPE.match(code):
        raise Invalid(
            place,
            Words(
                "统一社会信用代码应为 18 位数字或大写字母(不含 I、O、S、V、Z),请对照营业执照",
                "a unified social credit code has 18 digits or capitals (no I, O, S, V, Z); see the business licence",
            ),
            code="uscc_shape",
        )
    try:
        national.validate(code)
    except ValidationError:
        return code, "suspect"
    return code, "valid" if organisation_check(code[8:16]) == code[16] else "suspect"


def subject_type(code: str) -> SubjectType:
    """What kind of borrower a code stands for (domain §2.1): 91, 92, 93, or other."""
    kinds: dict[str, SubjectType] = {"91": "enterprise", "92": "sole_trader", "93": "cooperative"}
    return kinds.get(code[:2], "other")
