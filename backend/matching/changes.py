"""One change towards a yes, the state it changes, and whether a state is a yes. Pure; `way` finds the smallest set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from backend.kit.words import Words
from backend.matching.single import closures
from products.limits import base_fen
from products.rules import FirmView
from products.schema import ProductTerms

Kind = Literal["authorise", "arrive", "wait", "repair", "ask", "guarantee", "recognise", "repay", "reach"]


@dataclass(frozen=True, slots=True)
class State:
    """Where a firm stands with a product. The three `…_fen` caps are those of a match; None is no such cap."""

    values: Mapping[str, Any]
    firm: FirmView
    day: date
    grade: str | None = None
    amount_fen: int | None = None
    guaranteed: bool = False
    capacity_fen: int | None = None
    headroom_fen: int | None = None
    uplift_bp: int = 0
    group_left_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One change. `sets` is what it does to facts (or what the record must show), for applying it; it is not shown."""

    kind: Kind
    effort: int
    words: Words
    fact: str | None = None
    item: str | None = None
    until: date | None = None
    amount_fen: int | None = None
    grade: str | None = None
    sets: tuple[tuple[str, Any], ...] = field(default=(), repr=False)

    def as_dict(self) -> dict[str, Any]:
        """As it is shown: no target beside its own sentence."""
        return {
            "kind": self.kind, "effort": self.effort, "words": self.words.as_dict(), "fact": self.fact, "item": self.item,
            "until": self.until.isoformat() if self.until else None, "amount_fen": self.amount_fen,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """The steps, easiest first; or what cannot be moved, and then no steps."""

    steps: tuple[Step, ...]
    blocked: tuple[Words, ...] = ()

    @property
    def effort(self) -> int:
        return sum(step.effort for step in self.steps)

    def as_dict(self) -> dict[str, Any]:
        return {"steps": [step.as_dict() for step in self.steps], "blocked": [words.as_dict() for words in self.blocked]}


class Blocked(Exception):  # an answer inside this module, never seen outside
    """Something stands in the way that this firm cannot or may not be told to move."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def limit_of(terms: ProductTerms, state: State) -> int:
    """What could be lent in this state, under every cap; 0 if that cannot be worked out."""
    base, _ = base_fen(terms, state.values)
    if base is None:
        return 0
    step = terms.block.limit.round_down_to
    caps = [terms.max_fen, base * (10_000 + (state.uplift_bp if terms.uplift_programme else 0)) // 10_000]
    if state.capacity_fen is not None:
        caps.append(max(0, state.capacity_fen) // step * step)
    if state.group_left_fen is not None:
        caps.append(max(0, state.group_left_fen) // step * step)
    if state.headroom_fen is not None and terms.scheme is not None:
        caps.append(max(0, state.headroom_fen) // step * step)
    return min(caps)


def eligible(terms: ProductTerms, state: State) -> bool:
    """A yes for what is asked, with a guarantee where one is needed."""
    if closures(terms, state.day)(state.values, state.firm, state.grade) != "yes":
        return False
    if terms.guarantor_required and not state.guaranteed:
        return False
    most = limit_of(terms, state)
    return most >= terms.min_fen and (state.amount_fen is None or terms.min_fen <= state.amount_fen <= most)


def apply(state: State, step: Step) -> State:
    """The state after one change."""
    return apply_all(state, (step,))


def apply_all(state: State, steps: Iterable[Step]) -> State:
    """The state after these changes, one after the other; the facts are copied once."""
    values = dict(state.values)
    for step in steps:
        values.update(step.sets)
        state = _moved(state, step)
    return replace(state, values=values)


def _moved(state: State, step: Step) -> State:
    """What a change does beside the facts."""
    if step.kind == "wait" and step.until is not None:
        return replace(state, day=step.until)
    if step.kind == "ask":
        return replace(state, amount_fen=step.amount_fen)
    if step.kind == "guarantee":
        return replace(state, guaranteed=True)
    if step.kind == "recognise":
        return replace(state, grade=step.grade)
    if step.kind == "repay" and step.amount_fen is not None:
        return replace(state, capacity_fen=(state.capacity_fen or 0) + step.amount_fen)
    return state
