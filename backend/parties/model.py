"""Roles, kinds of party, and the unified social credit code 统一社会信用代码.

GB 32100-2015 (domain §2.1 [V]): 18 characters, alphabet without I O S V Z, check character mod 31; positions 9–17 are an
organisation code (GB 11714) with its own check. Some early real codes fail a check: those are *suspect*, not refused.

>>> uscc(" 91130600738737199k ")
('91130600738737199K', 'valid')
>>> uscc("91130600738737190K")[1]
'suspect'
>>> subject_type("92120116000000035D")
'sole_trader'

A login is kept as compatible characters in lower case, so that what looks alike is one login, on whatever keyboard it is typed:

>>> login(" Ｌｉ.Ming ")
'li.ming'
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
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

# A bank's own system is no person: it has no login, only its client credentials.
PEOPLE_OF = {kind: tuple(role for role in roles if role != "bank_system") for kind, roles in ROLE_OF.items()}

# The kinds that the operator admits. Firms sign up themselves; the operator's own party is there from the beginning.
ADMITTED = ("bank", "guarantor", "fund", "issuer", "regulator")
# Words that are recipients of a consent, or parties, already: nobody may be admitted under them.
RESERVED = ("platform", "operator")

SubjectType = Literal["enterprise", "sole_trader", "cooperative", "other"]

_SHAPE = re.compile(r"^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$")
_CODE = re.compile(r"^[a-z][a-z0-9_]{1,63}$")
_MARKS = frozenset("._-@+")
# Letters by their class that show nothing: fillers of the Korean script.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
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


def folded(text: str) -> str:
    """A login as it is compared: compatible characters (Unicode NFKC), no space around, case folded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).strip().casefold())


def login(text: str, *, place: str = "login") -> str:
    """A new login in the form in which it is kept. What cannot be seen or typed is refused.

    >>> login("li\u200bming")
    Traceback (most recent call last):
    backend.kit.errors.Invalid: login: a login has letters, digits and . _ - @ + only, no spaces, at most 64 characters
    """
    kept = folded(text)
    if not kept:
        raise Invalid(place, Words("请填写此项", "please fill this in"), code="missing")
    fits = all((c in _MARKS or unicodedata.category(c)[0] in "LN") and c not in _BLANK_LETTERS for c in kept)
    if not fits or len(kept) > 64:
        raise Invalid(
            place,
            Words(
                "登录名只能用文字、数字和 . _ - @ +，不含空格，至多 64 位",
                "a login has letters, digits and . _ - @ + only, no spaces, at most 64 characters",
            ),
            code="login_shape",
        )
    return kept


def logins_of(text: str) -> tuple[str, ...]:
    """What a typed login may be kept as, best first: exactly as typed (some are older than the rule), else folded."""
    kept = [each for each in (text, folded(text)) if 0 < len(each) <= 64 and not re.search("[\0\ud800-\udfff]", each)]
    return tuple(dict.fromkeys(kept))


def written(place: str, text: str, *, most: int, needed: bool = True) -> str:
    """A name as it is kept: no space around, not empty, not too long, nothing in it that cannot be seen."""
    kept = unicodedata.normalize("NFC", text).strip()
    if not kept and needed:
        raise Invalid(place, Words("请填写此项", "please fill this in"), code="missing")
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in kept):
        raise Invalid(
            place,
            Words("此项含有不可见的字符，请重新输入", "there is a character in it that cannot be seen; type it again"),
            code="unseen",
        )
    if len(kept) > most:
        raise Invalid(place, Words(f"此项至多 {most} 个字", f"at most {most} characters"), code="too_long")
    return kept


def party_code(text: str) -> str:
    """The code under which a party is admitted. It begins with a letter, so that it can never be a firm's credit code."""
    if not _CODE.match(text) or text in RESERVED:
        raise Invalid(
            "code",
            Words(
                "机构代码以小写字母开头，由小写字母、数字和下划线组成（2 至 64 位），且不可用 platform、operator",
                "a party's code begins with a small letter and has small letters, digits and _ only (2 to 64);"
                " platform and operator are taken",
            ),
            code="party_code",
        )
    return text


@dataclass(frozen=True, slots=True)
class SignUpSheet:
    """What a firm signs up with, as it is kept."""

    uscc: str
    name: str
    legal_rep: str
    login: str
    person: str


def sign_up_sheet(*, uscc: str, name: str, legal_rep: str, login: str, person: str) -> SignUpSheet:
    """A sign-up without fault, or the first fault. Asks nobody, so a door may ask it before the password is hashed."""
    sheet = SignUpSheet(
        uscc="",
        name=written("name", name, most=200),
        legal_rep=written("legal_rep", legal_rep, most=100),
        login=_login(login),
        person=written("person", person, most=100),
    )
    code, state = _uscc(uscc)
    if state != "valid":
        raise Invalid(
            "uscc",
            Words("信用代码校验位不符,请对照营业执照", "the code's check character does not fit; see the business licence"),
            code="uscc_check",
        )
    return replace(sheet, uscc=code)


_login, _uscc = login, uscc  # under names that arguments do not hide
