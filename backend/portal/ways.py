"""The way to yes as a page shows it: matching's smallest set, said without codes, and for each step what to press.

Records to authorise are one step with one link, and so are records that arrive by themselves. A way is short where what the firm
itself must do comes to no more than `SHORT` of matching's points: an authorisation, a repair, or a wait of some months, but not
a recognition beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from backend.credit_data import views as credit_data
from backend.doors import around
from backend.kit.clock import day_of
from backend.kit.errors import NotFound
from backend.kit.words import Words
from backend.matching import inputs, way_words
from backend.matching.changes import State, Step, Way
from backend.matching.views import KeptMatch, KeptRun
from backend.matching.way import find
from backend.portal import facts, language, speak
from backend.portal.door import Door
from backend.portal.pages import matching as pages
from backend.vocabulary.facts import definitions
from backend.whitelists import views as whitelists
from products.directory import group_left
from products.scope import CALL, outside
from products.vocabulary import item_title

SHORT = 8
PRESS = {"repair": "/credit-file", "repay": "/loans"}


class Ways:
    """The ways of one firm's newest matches, from one reading of its records."""

    def __init__(self, session: Session, door: Door, run: KeptRun, at: datetime) -> None:
        file = credit_data.read(session, door.who.actor, firm_id=door.firm.id, purpose="pre_loan", recipient="platform", at=at)
        self.session, self.door, self.run = session, door, run
        self._banks: dict[str, Words] = {}
        self.values = inputs.values_of(file.facts)
        self.firm = inputs.view_of(door.firm)
        self.grades = {name: one.grade for name, one in whitelists.listings(session, door.firm.id, day_of(at)).items()}
        self.around = around(door.house, session, door.firm.id, day_of(at))

    def to(self, row: KeptMatch) -> pages.WayToYes | None:
        """The way from this answer to a yes; None for a yes, and for a product that is no longer offered."""
        if row.answer == "yes":
            return None
        try:
            terms = self.door.house.catalogue.get(row.product, row.policy_on)
        except NotFound:
            return None
        grade = self.grades.get(terms.whitelist_programme or "")
        room = self.around.headroom.get(terms.scheme or "")
        state = State(
            self.values, self.firm, self.run.facts_on, grade, self.run.amount_fen,
            capacity_fen=self.run.capacity_fen, headroom_fen=room, uplift_bp=row.uplift_bp,
            group_left_fen=group_left(row.bank, self.around.owed, self.run.policy_on),
        )  # fmt: skip
        return shown(find(terms, state), row.product, at_the_bank=terms.at_the_bank)

    def bank(self, code: str) -> Words:
        """A bank's name, looked up once for a page."""
        if code not in self._banks:
            self._banks[code] = speak.party(self.session, code)
        return self._banks[code]

    def elsewhere(self) -> tuple[pages.Elsewhere, ...]:
        """Products for other regions, each with where it may be had."""
        found = []
        for terms in self.door.house.catalogue.on(self.run.policy_on):
            if outside(terms, self.values.get("region") or self.firm.region) is not None:
                served = speak.joined(
                    [facts.region(code if len(code) == 2 else code.ljust(6, "0")) for code in terms.block.regions]
                )
                words = speak.both("matches.serves", where=served)
                found.append(pages.Elsewhere(terms.title, self.bank(terms.bank), words))
        return tuple(found)


def shown(way: Way, product: str, *, at_the_bank: bool = False) -> pages.WayToYes:
    """A way in words, with a link for each step that can be pressed."""
    if not way.steps:
        why = way.blocked[0] if way.blocked else way_words.NONE
        return pages.WayToYes(blocked=None if why == CALL else why, call=why == CALL)
    opened = [step for step in way.steps if step.kind == "authorise"]
    coming = [step for step in way.steps if step.kind == "arrive"]
    steps = [*_authorised(opened)]
    effort = max((step.effort for step in opened), default=0)
    for step in way.steps:
        if step.kind not in ("authorise", "arrive"):
            steps.append(_step(step, product, at_the_bank))
            effort += step.effort
    if coming:
        steps.append(pages.WayStep("arrive", speak.both("path.arrive"), tuple(_record(step) for step in coming)))
    return pages.WayToYes(tuple(steps), short=effort <= SHORT)


def _authorised(steps: Sequence[Step]) -> list[pages.WayStep]:
    """One document for the firm's records, one for a person's own."""
    kinds = {definition.item: definition.consent for definition in definitions().values()}
    found = []
    for kind in ("firm", "person"):
        mine = [step for step in steps if (kinds.get(step.item or "") == "person") == (kind == "person")]
        if mine:
            href = f"/authorise/new/{kind}?items={','.join(step.item or '' for step in mine)}"
            words = speak.both("path.authorise", n=len(mine)) if len(mine) > 1 else speak.both("path.authorise_one")
            found.append(pages.WayStep("authorise", words, tuple(_record(step) for step in mine), href))
    return found


def _record(step: Step) -> tuple[Words, Words | None]:
    """A record's name, and what it must show where that is told."""
    item = step.item or ""
    head = way_words.know(item, step.kind == "arrive", {})
    tail = Words(step.words.zh.removeprefix(head.zh).lstrip("；"), step.words.en.removeprefix(head.en).lstrip("; "))
    return item_title(item), tail if tail.zh and tail.en else None


def _step(step: Step, product: str, at_the_bank: bool) -> pages.WayStep:
    if step.kind == "wait" and step.until is not None:
        until = Words(language.day(step.until, "zh"), language.day(step.until, "en"))
        return pages.WayStep("wait", speak.both("path.wait", day=until, what=speak.fact(step.fact or "")))
    if step.kind == "ask" and step.amount_fen is not None:
        return pages.WayStep("ask", step.words, href=f"/matches?amount={language.plain_wan(step.amount_fen)}#need")
    if step.kind == "guarantee":
        return pages.WayStep("guarantee", step.words, href=None if at_the_bank else f"/apply?product={product}")
    return pages.WayStep(step.kind, _first_large(step.words), href=PRESS.get(step.kind))


def _first_large(words: Words) -> Words:
    return Words(words.zh, words.en[:1].upper() + words.en[1:])


def is_amount(text: str) -> bool:
    """Whether a link's amount may be put into a form."""
    return text.replace(".", "", 1).isdigit() and len(text) < 12
