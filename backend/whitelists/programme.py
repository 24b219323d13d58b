"""A recognition programme as its file says it (`programmes/<programme>.yaml`).

Criteria must be objective and published: a list of names in their place was corrected as a breach of fair-competition review
(domain §0.6 [V]). So each criterion is something measured, a threshold, and where it is proved; a name or credit code is refused.

>>> from datetime import date
>>> terms(find("data_enterprises"), date(2025, 6, 1)).grade_names
('A', 'B', 'C')
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from backend.kit.dated import DatedBlock, DatedFile, in_force
from backend.kit.errors import NotFound, Refused
from backend.kit.policy import Strict, load_folder
from backend.kit.words import Words

FOLDER = Path(__file__).parent / "programmes"
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_FIRM_NAME = re.compile(r"(有限公司|股份公司|集团|\b(?:Ltd|Inc|LLC)\b)")
_NOT_A_NAME = (
    "criteria are measured, not named: say measure, at_least or at_most, and proof instead of a list of firms "
    "(公平竞争审查条例 art. 10(2), domain §0.6)"
)


class Criterion(Strict):
    """Something measured, its threshold, and where it is proved."""

    id: str
    measure: Words
    at_least: int | None = None
    at_most: int | None = None
    proof: Words

    @model_validator(mode="before")
    @classmethod
    def _not_a_name(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            raise ValueError(_NOT_A_NAME)
        text = str(data)
        if _CREDIT_CODE.search(text) or _FIRM_NAME.search(text):
            raise ValueError(_NOT_A_NAME)
        return data

    @model_validator(mode="after")
    def _one_threshold(self) -> Criterion:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a criterion says either at_least or at_most")
        return self

    @property
    def words(self) -> Words:
        zh = f"不少于 {self.at_least}" if self.at_least is not None else f"不多于 {self.at_most}"
        en = f"at least {self.at_least}" if self.at_least is not None else f"at most {self.at_most}"
        return Words(f"{self.measure.zh}{zh}", f"{self.measure.en}: {en}")


class Grade(Strict):
    """A recognition grade and what it takes."""

    grade: str
    meaning: Words


class Terms(DatedBlock):
    """A programme from one day to another."""

    objective: Words
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    grades: tuple[Grade, ...] = Field(min_length=1)
    longest_months: int = Field(gt=0)
    contact: Words

    @property
    def grade_names(self) -> tuple[str, ...]:
        return tuple(grade.grade for grade in self.grades)


class Commitment(DatedBlock):
    """What a bank promised to the programme as a whole: a floor whose progress is reported, never a cap on anybody."""

    bank: str
    at_least_wan: int = Field(gt=0)

    @property
    def at_least_fen(self) -> int:
        return self.at_least_wan * 1_000_000


class AppealTerms(DatedBlock):
    """Until when a removed firm may appeal, and by when it is answered, in days."""

    file_within_days: int = Field(gt=0)
    answer_within_days: int = Field(gt=0)


class Programme(DatedFile[Terms]):
    """One programme file."""

    code: str
    title: Words
    issuer: str
    commitments: tuple[Commitment, ...] = ()
    appeals: tuple[AppealTerms, ...] = Field(min_length=1)

    def appeal_terms(self, day: date) -> AppealTerms | None:
        """Within which days one appeals and is answered, as it holds on that day; None where nothing is said."""
        return in_force(self.appeals, day)


@cache
def programmes(folder: Path = FOLDER) -> dict[str, Programme]:
    """Every programme by code, read once per process; PolicyError with every fault."""
    return {programme.code: programme for programme in load_folder(folder, Programme)}


def find(code: str) -> Programme:
    """One programme; NotFound if there is none of that code."""
    found = programmes().get(code)
    if found is None:
        raise NotFound(Words(f"没有认定项目 {code}", f"there is no recognition programme {code}"), code="programme_not_found")
    return found


def terms(programme: Programme, day: date) -> Terms:
    """What the programme says on that day; Refused when it is not in force."""
    found = programme.on(day)
    if found is None:
        raise Refused(
            Words(f"{day} 该认定项目未生效", f"the recognition programme is not in force on {day}"), code="programme_not_in_force"
        )
    return found
