"""What JSON bodies look like, and how rows become JSON."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import inspect

from backend.kit import bounds


class Body(BaseModel):
    """A request body: an unknown key is refused (no mass assignment), and so is what no calendar and no database could hold."""

    model_config = ConfigDict(extra="forbid", str_max_length=4000)

    @field_validator("*")
    @classmethod
    def _within(cls, value: Any) -> Any:
        """Moments say their zone, days lie within two centuries, whole numbers within 64 bits (a number may come as text)."""
        if isinstance(value, datetime) and value.tzinfo is None:
            raise PydanticCustomError("zone_missing", "a moment needs its zone, such as 2026-03-01T09:00:00+08:00")
        if isinstance(value, date) and not bounds.FIRST_YEAR <= value.year <= bounds.LAST_YEAR:
            raise PydanticCustomError("day_far_away", bounds.FAR_AWAY.en)
        if isinstance(value, int) and abs(value) > bounds.MOST_WHOLE:
            raise PydanticCustomError("too_large", "the number is too large")
        return value


class SignUp(Body):
    uscc: str
    name: str = Field(max_length=200)
    legal_rep: str = Field(max_length=100)
    person: str = Field(max_length=100)
    login: str = Field(max_length=64)
    password: str = Field(max_length=200)
    region: str | None = Field(default=None, max_length=12)
    industry: str | None = Field(default=None, max_length=8)
    founded_on: date | None = None


class Staff(Body):
    login: str = Field(max_length=64)
    password: str = Field(max_length=200)
    name: str = Field(max_length=100)


class SignIn(Body):
    login: str = Field(max_length=64)
    password: str = Field(max_length=200)


class PowerBody(Body):
    agent_name: str = Field(max_length=100)
    items: list[str]
    valid_from: datetime
    valid_to: datetime
    document: str


class SignBody(Body):
    name: str
    capacity: str = "legal_representative"
    power_id: str | None = None


class ConsentBody(Body):
    kind: str
    items: list[str]
    purpose: str
    recipients: list[str]
    valid_from: datetime
    valid_to: datetime
    subject_person: str | None = None
    signer: SignBody | None = None


class ChoiceBody(Body):
    product: str
    way: str


class NeedBody(Body):
    amount_fen: int = Field(gt=0, le=10**13)
    months: int = Field(gt=0, le=120)
    purpose: str
    choices: list[ChoiceBody] = Field(min_length=1, max_length=3)


class IndicationBody(Body):
    product: str = Field(max_length=64)
    amount_fen: int = Field(gt=0, le=10**13)
    months: int = Field(gt=0, le=120)


class WordsBody(Body):
    words: str


class DrillDown(Body):
    figure: str
    cell: dict[str, Any]
    purpose: str


def row(thing: Any, *leave_out: str) -> dict[str, Any]:
    """A table row as JSON: days and moments as ISO text, Decimals as text, bytes never."""
    found = {}
    for column in inspect(type(thing)).column_attrs:
        value = getattr(thing, column.key)
        if column.key in leave_out or isinstance(value, bytes):
            continue
        found[column.key] = plain(value)
    return found


def plain(value: Any) -> Any:
    """Any value as JSON."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "as_dict"):
        return value.as_dict()
    if hasattr(value, "__table__"):
        return row(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value
