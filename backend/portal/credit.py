"""The credit file, the firm's own view of itself, and who read its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from backend.audit import views as audit
from backend.audit.views import LogLine
from backend.consents import views as consents
from backend.consents.model import PURPOSES
from backend.credit_data import views as credit_data
from backend.credit_data.model import CreditFile
from backend.kit.clock import day_of
from backend.kit.errors import NotFound
from backend.kit.words import Words
from backend.parties import views as parties
from backend.portal import facts, fresh, listings, speak
from backend.portal.door import FirmDoor
from backend.portal.pages import firm as pages
from backend.scoring import actions as scoring
from backend.scoring import scorecard, selection
from backend.scoring import views as assessments
from backend.scoring.scorecard import ScoreReason
from backend.scoring.views import CreditAssessment
from backend.scoring.whatif import Proposal
from backend.vocabulary.facts import definitions
from backend.whitelists import programme as programmes
from backend.whitelists import views as whitelists

router = APIRouter()
# What the trail says of each act; the rest is said in general words.
READINGS = (
    "document.read",
    "facts.read",
    "facts.swept",
    "consent.missing",
    "records.gathered",
    "matching.matched",
    "regulator.read_trail",
)


@router.get("/credit-file")
def credit_file(door: FirmDoor) -> HTMLResponse:
    """Every record with source and day; what is missing and how to authorise it; the firm's own view of itself."""
    firm = door.firm
    with door.house.writing() as (session, at):
        file = credit_data.read(session, door.who.actor, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=at)
        opened = fresh.authorised(session, firm.id, at)
        found = assessments.latest(session, firm.id)
        if opened and (found is None or fresh.changed_since(session, firm.id, found.at, at)):
            found = scoring.assess(session, door.who.actor, firm_id=firm.id, sealer=door.house.sealer, at=at)
        page = pages.CreditFilePage(
            groups=facts.groups(file.facts, door.language),
            missing=_missing(file) if opened else (),
            grade=_grade(found, selection.what_if(file.facts, day_of(at))) if opened and found is not None else None,
            listings=tuple(
                (_programme(name), each.grade, each.expires_on)
                for name, each in whitelists.listings(session, firm.id, day_of(at)).items()
            ),
            removed=listings.removed(session, firm.uscc, day_of(at)),
            gathering=fresh.gathering(session, firm.id, at),
            authorised=opened,
        )
    return door.show("firm/credit_file.html", page)


@router.get("/readers")
def readers(door: FirmDoor) -> HTMLResponse:
    """Who read what, when, why and under which authorisation; refused readings too. The firm's own looks are left out."""
    firm = door.firm
    with door.house.reading() as (session, at):
        lines = audit.trail(session, firm_id=firm.id, actions=READINGS, limit=300)
        signed = {each.id: each.signed_at for each in consents.of_firm(session, firm.id, at)}
        foreign = [line for line in lines if line.party_id != firm.party_id]
        named = parties.titles(session, {line.party_id for line in foreign if line.party_id is not None})
        rows = tuple(_reading(line, named, signed) for line in foreign)
    return door.show("firm/readers.html", pages.Readers(rows))


def _missing(file: CreditFile) -> tuple[pages.MissingFacts, ...]:
    withheld: dict[str, list[Words]] = {}
    for code, item in file.withheld.items():
        withheld.setdefault(item, []).append(definitions()[code].title)
    absent: dict[str, list[Words]] = {}
    for code in file.absent:
        definition = definitions()[code]
        if definition.consent == "firm":
            absent.setdefault(definition.item, []).append(definition.title)
    return (
        *(
            pages.MissingFacts(speak.item(item), "withheld", tuple(titles), f"/authorise/new/firm?items={item}")
            for item, titles in withheld.items()
        ),
        *(pages.MissingFacts(speak.item(item), "absent", tuple(titles)) for item, titles in absent.items()),
    )


def _programme(code: str) -> Words:
    try:
        return programmes.find(code).title
    except NotFound:
        return speak.both("programme.other")


def _grade(found: CreditAssessment, better: Sequence[Proposal]) -> pages.GradeView:
    return pages.GradeView(
        grade=found.grade,
        reasons=tuple(pages.GradeReason(_dated(each), each.points > 0, each.way) for each in found.reasons),
        capacity_fen=found.debt_capacity_fen,
        capacity_words=found.capacity_words,
        card=scorecard.current(found.facts_on, found.card).title,
        facts_on=found.facts_on,
        not_assessed=found.not_assessed,
        what_if=tuple((line.words, line.way) for line in better[:3]),
    )


def _dated(reason: ScoreReason) -> Words:
    """A reason with the day and the source of its fact."""
    words = reason.words
    if reason.as_of is None:
        return words
    source = speak.known(f"source.{reason.source}", "source.other")
    return Words(f"{words.zh}（{reason.as_of}，{source.zh}）", f"{words.en} ({reason.as_of}, {source.en})")


def _reading(line: LogLine, named: Mapping[str, Words], signed: Mapping[str, datetime | None]) -> pages.Reading:
    details = line.details or {}
    used = [signed[each] for each in details.get("consents", ()) if signed.get(each)]
    newest = max((each for each in used if each is not None), default=None)
    return pages.Reading(
        at=line.at,
        who=named.get(line.party_id or "", speak.PLATFORM),
        what=speak.known(f"reading.{line.action.replace('.', '_')}", "reading.other"),
        items=tuple(speak.item(code) for code in details.get("items", ())),
        purpose=details.get("purpose") if details.get("purpose") in PURPOSES else None,
        refused=line.action == "consent.missing",
        consent_signed_on=day_of(newest) if newest else None,
    )
