"""The way to yes: the smallest set of changes that would make a product's answer a yes, easiest first.

Proposed are only things a firm can do: authorise an item, wait until a day, repair a record, ask for another amount, bring a
guarantee, be recognised, repay, reach a figure that it moves itself (`efforts.yaml`). Never a fact it cannot change, never a
condition that the bank does not disclose; of trades only the direction. What an authorised record must then show is said with
it: nobody promises what it holds. If one obstacle cannot be moved, there is no way, and it says so instead of half a way.

Every obstacle but one kind has exactly one remedy, so the smallest set is the union of remedies; a limit that is a sum may be
lifted by one part or another, and there each is tried. A proof applies 10,000 ways and tries every smaller set.

>>> from products.catalogue import load
>>> terms = load().get("invoice_credit_loan", date(2025, 6, 1))
>>> poor = State({"sales_12m_fen": 80_000_000}, FirmView("enterprise"), date(2025, 6, 1))
>>> [(step.kind, step.item or step.fact) for step in find(terms, poor).steps][:1]
[('authorise', 'TAX04')]
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import combinations, product
from typing import Any

from backend.kit.words import Words
from backend.matching import targets, way_words
from backend.matching.changes import Blocked, State, Step, Way, apply, apply_all, eligible, limit_of
from backend.matching.conditions import Part, Question, asked_by, number, question_of, reaches
from backend.matching.efforts import Efforts, in_force_on, repairable
from products import industry, scope, size
from products.criteria import Criterion
from products.limits import base_fen
from products.rules import FirmView
from products.schema import ProductTerms
from products.vocabulary import fact

__all__ = ["Blocked", "FirmView", "State", "Step", "Way", "apply", "eligible", "find", "limit_of"]
Bounds = dict[str, list[tuple[Question, Criterion | None]]]


@lru_cache(maxsize=4096)
def _questions(terms: ProductTerms, day: date) -> tuple[tuple[tuple[Question, Criterion], ...], tuple[Question, ...]]:
    """What a product's criteria ask of facts of that day, and what its scope asks, as comparisons."""
    own = tuple((question, one) for one in terms.block.criteria if (question := question_of(one, day)) is not None)
    scopes = [
        one
        for one in asked_by(terms, day).questions
        if one.fact in ("region", "industry") and one.form in ("within", "not_within") and not one.only_for
    ]
    if terms.block.regions:
        scopes.append(Question("region", "prefix", terms.block.regions))
    return own, tuple(scopes)


def find(terms: ProductTerms, state: State) -> Way:
    """The smallest way to a yes from here, or what stands in it for good."""
    if eligible(terms, state):
        return Way(())
    ways = list(_tried(terms, state, in_force_on(state.day)))
    good = [way for way in ways if not way.blocked]
    return min(good, key=lambda way: (len(way.steps), way.effort)) if good else ways[0]


def _tried(terms: ProductTerms, state: State, efforts: Efforts) -> Iterator[Way]:
    """Every way there is a choice of: what an unknown industry may be, and which part lifts a limit that is a sum."""
    known = state.values.get("industry") or state.firm.industry
    asks = any(one.fact == "industry" and one.counts for one in asked_by(terms, state.day).questions)
    asks = asks or any(criterion.only_for for criterion in terms.block.criteria)
    for name in targets.industries(terms) if known is None and asks else [None]:
        extras: list[tuple[str, int] | None] = [None]
        enough = asked_by(terms, state.day).enough
        enough_now = (base_fen(terms, state.values)[0] or 0) >= terms.min_fen
        if enough.take == "sum" and enough.always is None:
            extras += [(part.fact, place) for place, part in enumerate(enough.parts) if part.table is None]
        for extra in extras:
            try:
                way = _Search(terms, state, efforts, name, extra[1] if extra else None).way()
            except Blocked as stop:
                way = Way((), (stop.words,))
            yield way
            if enough_now and not way.blocked:
                break  # the limit stands in nobody's way: lifting a part of it would change nothing


class _Search:
    """One try: each obstacle's one remedy, in turn."""

    def __init__(self, terms: ProductTerms, state: State, efforts: Efforts, name: str | None, lifted: int | None) -> None:
        self.terms, self.start, self.efforts, self.lifted = terms, state, efforts, lifted
        self.items: dict[str, dict[str, Any]] = {}  # what records must show, by item
        self.steps: list[Step] = []
        self.named = name

    def way(self) -> Way:
        state = self.start
        seen: dict[str, Any] = {"region": state.firm.region, "industry": state.firm.industry}
        seen["subject_type"] = state.firm.subject_type
        self.seen = seen | {code: value for code, value in state.values.items() if value is not None}
        if state.firm.subject_type not in self.terms.subject_types:
            raise Blocked(way_words.fixed("subject_type"))
        if self.named is not None:
            self._shown("industry", self.named)
        self.day = self._waited()
        for code, bounds in self._bounds().items():
            self._settle(code, bounds)
        self._settle_size()
        self._beside()
        opened = self._opened()
        after = apply_all(state, [*opened, *self.steps])
        self._asked(after)
        steps = tuple(sorted([*opened, *self.steps], key=lambda step: (step.effort, step.kind, step.fact or step.item or "")))
        if not eligible(self.terms, apply_all(state, steps)):
            raise Blocked(way_words.NONE)
        return Way(steps)

    def _opened(self) -> list[Step]:
        """Records that must become known, as steps."""
        steps = []
        for item, shows in self.items.items():
            open_ = fact(next(iter(shows))).consent == "none"
            told = [code for code in shows if code not in self._kept_back()]
            words = way_words.know(item, open_, {code: self._want(code) for code in told})
            effort = self.efforts.arrive if open_ else self.efforts.authorise
            steps.append(Step("arrive" if open_ else "authorise", effort, words, item=item, sets=tuple(shows.items())))
        return steps

    def _kept_back(self) -> set[str]:
        return {one.fact for one in self.terms.block.criteria if one.fact is not None and one.discloses != "exact"}

    def _want(self, code: str) -> Words | None:
        """What the product asks of a record, as its own sentences say it."""
        found = [way_words.want(one) for one in self.terms.block.criteria if one.fact == code and one.op is not None]
        return way_words.joined(found) if found else None

    def _shown(self, code: str, value: Any) -> None:
        self.items.setdefault(fact(code).item, {})[code] = value
        self.seen[code] = value

    def _concerned(self, criterion: Criterion) -> bool:
        mine = self.seen.get("industry")
        return not criterion.only_for or (mine is not None and industry.within(mine, criterion.only_for))

    def _waited(self) -> date:
        """Until when time alone must pass: the latest of all days that are too young."""
        until, latest = self.start.day, None
        for criterion in self.terms.block.criteria:
            value = self.seen.get(criterion.fact or "")
            if criterion.op != "at_least_days_ago" or value is None or not self._concerned(criterion):
                continue
            ready = value + timedelta(days=criterion.value)
            if ready > until:
                if criterion.discloses != "exact":
                    raise Blocked(scope.CALL)
                until, latest = ready, criterion
        if latest is not None:
            months = -(-(until - self.start.day).days // 30)
            words = way_words.wait(until, latest.fact or "")
            self.steps.append(Step("wait", self.efforts.wait_per_month * months, words, fact=latest.fact, until=until))
        return until

    def _bounds(self) -> Bounds:
        """What is asked of each fact, by criteria, by scope and by the limit."""
        found: Bounds = {}
        asked = asked_by(self.terms, self.day)
        own, scopes = _questions(self.terms, self.day)
        for question, criterion in own:
            if self._concerned(criterion):
                found.setdefault(question.fact, []).append((question, criterion))
        for question in scopes:
            found.setdefault(question.fact, []).append((question, None))
        enough = asked.enough
        if enough.always is False:
            raise Blocked(way_words.NONE)
        for place, part in enumerate(enough.parts):
            bound = self._part(part, place)
            if bound is not None:
                found.setdefault(part.fact, []).append((bound, None))
        return found

    def _part(self, part: Part, place: int) -> Question | None:
        enough = asked_by(self.terms, self.day).enough
        missing = self.seen.get(part.fact) is None
        if enough.always:
            return None if part.optional else Question(part.fact, "known", None)
        if enough.take == "sum" and place != self.lifted and not (missing and not part.optional):
            return None
        need = enough.least_fen
        if enough.take == "sum" and not missing:
            need -= sum(
                max(0, int(targets.amount(other, self.seen.get(other.fact))))
                for number_, other in enumerate(enough.parts)
                if number_ != place
            )
        if part.table is not None:
            grades = [grade for grade, amount in part.table if amount >= need]
            best = max(part.table, key=lambda one: one[1])[0]
            return Question(part.fact, "in", frozenset(grades or ([] if enough.take == "least" else [best])))
        least = reaches(part, need)
        if least is None:
            if enough.take == "least":
                raise Blocked(way_words.NONE)
            return Question(part.fact, "known", None)
        return Question(part.fact, "ge", least)

    def _settle(self, code: str, bounds: list[tuple[Question, Criterion | None]]) -> None:
        """This fact's one remedy, if it needs one."""
        value = self.seen.get(code)
        questions = [question for question, _ in bounds]
        if value is None:
            counting = [(question, criterion) for question, criterion in bounds if question.counts]
            if not counting:
                return
            if any(criterion is not None and criterion.discloses == "none" for _, criterion in counting):
                raise Blocked(scope.CALL)
            self._shown(code, targets.solve(code, questions, None))
            return
        failing = [(question, criterion) for question, criterion in bounds if not targets.holds(question, value)]
        if not failing:
            return
        if any(criterion is not None and criterion.discloses != "exact" for _, criterion in failing):
            raise Blocked(scope.CALL)
        wanted = targets.solve(code, questions, value)
        own = next((one.way for _, one in failing if one is not None and one.way is not None), None)
        self._change(code, number(value), number(wanted), wanted, own)

    def _change(self, code: str, now: Any, then: Any, wanted: Any, own: Words | None) -> None:
        reach = self.efforts.reach.get(code)
        if repairable(code, self.day) and not isinstance(now, str) and then < now:
            words = way_words.repaired(code, own, self.day)
            self.steps.append(Step("repair", self.efforts.repair, words, fact=code, sets=((code, wanted),)))
        elif reach is not None and not isinstance(now, str) and (then > now) == (reach.better == "more"):
            words = way_words.reached(code, wanted, reach.better, tells=reach.tells == "target")
            self.steps.append(Step("reach", reach.effort, words, fact=code, sets=((code, wanted),)))
        else:
            raise Blocked(way_words.fixed(code))
        self.seen[code] = wanted

    def _settle_size(self) -> None:
        wanted, mine = set(self.terms.block.sizes), self.seen.get("industry")
        if not wanted or self.start.firm.subject_type == "sole_trader":
            if wanted and not wanted & {"micro", "small"}:
                raise Blocked(way_words.SIZE)
            return
        # What we ourselves say a record must show may as well show more.
        ours = {code: value for shows in self.items.values() for code, value in shows.items()}
        before = {code: value for code, value in self.seen.items() if code not in ours}
        may_be = size.possible(mine, self.seen, self.day) if mine is not None else None
        if may_be is None or set(may_be) <= wanted:
            return
        free = [code for codes in size.FACTS.values() for code in codes[-1:] if before.get(code) is None]
        free = [code for code in free if not any(before.get(other) is not None for other in targets.same_size(code))]
        for count in range(len(free) + 1):
            for codes in combinations(free, count):
                for values in product(*(targets.size_values(mine or "", code, ours.get(code), self.day) for code in codes)):
                    tried = self.seen | dict(zip(codes, values, strict=True))
                    may_be = size.possible(mine or "", tried, self.day)
                    if may_be is not None and set(may_be) <= wanted:
                        for code, value in zip(codes, values, strict=True):
                            self._shown(code, value)
                        return
        raise Blocked(way_words.SIZE)

    def _beside(self) -> None:
        """Recognition, guarantee, and what debt or the pool leaves."""
        block, state = self.terms.block, self.start
        if block.whitelist is not None and block.whitelist.required and state.grade not in block.whitelist.grades:
            grade = block.whitelist.grades[0]
            self.steps.append(Step("recognise", self.efforts.recognise, block.whitelist.way, grade=grade))
        if self.terms.guarantor_required and not state.guaranteed:
            self.steps.append(Step("guarantee", self.efforts.guarantee, way_words.GUARANTEE))
        step = block.limit.round_down_to
        least = -(-self.terms.min_fen // step) * step
        if state.headroom_fen is not None and self.terms.scheme is not None and state.headroom_fen < least:
            raise Blocked(way_words.POOL)
        if state.group_left_fen is not None and state.group_left_fen < least:
            raise Blocked(way_words.GROUP)
        if state.capacity_fen is not None and state.capacity_fen < least:
            short = least - max(0, state.capacity_fen) if state.capacity_fen >= 0 else least - state.capacity_fen
            owed = self.seen.get("bnk_outstanding_fen")
            if owed is None or owed < short:
                raise Blocked(way_words.CAPACITY)
            self.steps.append(Step("repay", self.efforts.repay, way_words.repay(short), amount_fen=short))

    def _asked(self, after: State) -> None:
        amount, most = after.amount_fen, limit_of(self.terms, after)
        if amount is None or most < self.terms.min_fen or self.terms.min_fen <= amount <= most:
            return
        fits = max(self.terms.min_fen, min(amount, most))
        self.steps.append(Step("ask", self.efforts.ask, way_words.ask(fits, less=fits < amount), amount_fen=fits))
