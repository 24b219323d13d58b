"""Conditions as a product file writes them: one fact, one operator, one threshold, checked against the fact's kind.

Operators: at_least, at_most, is, is_not, one_of, not_one_of, starts_with_one_of (a region or an industry), within_days and
at_least_days_ago (a day, counted to the day of the facts), count_at_least (a list).

>>> Criterion.model_validate({"id": "sales", "fact": "sales_12m_fen", "op": "at_least", "value": "100万元"}).value
100000000
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, SerializerFunctionWrapHandler, model_serializer, model_validator

from backend.kit.policy import Strict
from backend.kit.words import Words
from products import industry
from products.vocabulary import fact, typed

Op = Literal[
    "at_least", "at_most", "is", "is_not", "one_of", "not_one_of", "starts_with_one_of",
    "within_days", "at_least_days_ago", "count_at_least",
]  # fmt: skip
Knows = Literal["platform", "bank"]
Answer = Literal["yes", "no", "unknown"]
Discloses = Literal["exact", "direction", "none"]

_KINDS: dict[str, tuple[str, ...]] = {
    "at_least": ("fen", "bp", "int", "date"),
    "at_most": ("fen", "bp", "int", "date"),
    "within_days": ("date",),
    "at_least_days_ago": ("date",),
    "count_at_least": ("list",),
    "starts_with_one_of": ("text",),
}
_LISTS = ("one_of", "not_one_of", "starts_with_one_of")
_ORDERED = ("at_least", "at_most", "within_days", "at_least_days_ago", "count_at_least")
_COUNTS = ("within_days", "at_least_days_ago", "count_at_least")


def _test_value(code: str, op: str, value: Any) -> Any:
    """The threshold in the fact's own unit; ValueError if operator, fact and value do not fit together."""
    kind = fact(code).kind
    if kind not in _KINDS.get(op, ("fen", "bp", "int", "bool", "date", "text")):
        remedy = f"it is for {', '.join(_KINDS[op])}" if op in _KINDS else "use count_at_least"
        raise ValueError(f"the test “{op}” cannot be made on {code}, which is of kind {kind}; {remedy}")
    if op in _LISTS:
        if not isinstance(value, (list, tuple)) or not value:
            raise ValueError(f"the test “{op}” needs a list like [A, B]")
        return tuple(typed(code, one) for one in value)
    if op in _COUNTS:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(f"the test “{op}” needs a whole number of {'entries' if op == 'count_at_least' else 'days'}")
        return value
    return typed(code, value)


class Test(Strict):
    """One comparison of one fact with one threshold."""

    __test__ = False  # pytest: not a test class
    fact: str
    op: Op
    value: Any

    @model_validator(mode="before")
    @classmethod
    def _fits(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("fact"), str) and "value" in data:
            op = data.get("op")
            known = op in get_args(Op)
            fact(data["fact"])
            return {**data, "value": _test_value(data["fact"], str(op), data["value"])} if known else data
        return data


class Growing(Strict):
    """A part that may learn new keys. Those in LATER are written down only when they say something: a block that does not use
    them keeps the digest that matches cite."""

    LATER: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        fields = type(self).model_fields
        silent = {name for name in self.LATER if getattr(self, name) == fields[name].default}
        return {name: value for name, value in data.items() if name not in silent}


class Criterion(Growing):
    """One condition. With `knows: bank` only the bank can be sure: a known fact may still say no, a missing one asks nobody.

    `discloses` says how much of it a firm may read: the threshold (`exact`), only whether more or less is better (`direction`),
    or that there is such a condition and no more (`none`). `only_for` names the industries it is asked of.
    """

    LATER = frozenset({"discloses", "only_for"})
    id: str
    knows: Knows = "platform"
    discloses: Discloses = "exact"
    only_for: tuple[Annotated[str, AfterValidator(industry.checked)], ...] = ()
    title: Words | None = None
    fact: str | None = None
    op: Op | None = None
    value: Any = None
    way: Words | None = None

    @model_validator(mode="before")
    @classmethod
    def _fits(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        code, op = data.get("fact"), data.get("op")
        if data.get("discloses", "exact") != "exact" and data.get("way") is not None:
            raise ValueError("a way would tell what “discloses” keeps back; remove way or write “discloses: exact”")
        if code is None:
            if data.get("knows", "platform") == "platform":
                raise ValueError("a criterion without a fact is one only the bank can check; add “knows: bank” or a fact")
            if "title" not in data:
                raise ValueError("a criterion without a fact needs a title in both languages")
            return data
        fact(code)
        if op is None or "value" not in data:
            raise ValueError("a criterion with a fact needs “op” and “value”")
        if data.get("discloses") == "direction" and op not in _ORDERED:
            raise ValueError(f"the test “{op}” has no direction; write “discloses: none” or “discloses: exact”")
        known = op in get_args(Op)
        return {**data, "value": _test_value(code, str(op), data["value"])} if known else data
