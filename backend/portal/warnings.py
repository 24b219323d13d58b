"""Early warnings: what is said of the firm and how to mend it; a bank's tasks; what a guarantor may see."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.kit.errors import Answer
from backend.kit.words import Words
from backend.loans import views as loans
from backend.parties import views as parties
from backend.portal import speak
from backend.portal.door import Door, FirmDoor, Sent, door_of
from backend.portal.pages import watching as pages
from backend.portal.pages.shared import Choice, Form
from backend.scoring.warnings import actions, views

router = APIRouter()
Desk = Depends(door_of("bank_officer", "guarantor_officer"))
Officer = Depends(door_of("bank_officer"))


@router.get("/warnings")
def mine(door: FirmDoor) -> HTMLResponse:
    """What is said of this firm."""
    with door.house.reading() as (session, at):
        told = views.shown_to(session, door.firm.id, at)
        cards = tuple(
            _card(each, told=tuple(speak.party(session, bank) for bank in told.get(each.id, ())))
            for each in views.of_firm(session, door.firm.id)
        )
    return door.show("firm/warnings.html", pages.FirmWarnings(cards))


@router.get("/desk/warnings")
def desk(door: Door = Desk) -> HTMLResponse:
    """A bank's tasks; for a guarantor what it may see."""
    code, guarantor = door.who.party.code, door.who.actor.role == "guarantor_officer"
    with door.house.reading() as (session, at):
        if guarantor:
            names = {each.firm_id for each in loans.guarantees(session, code) if each.state == "granted"}
            found = views.of_firms(session, names, recipient=code, at=at)
            page = pages.WarningDesk(seen=tuple(_card(each, firm=parties.firm(session, each.firm_id).name) for each in found))
        else:
            page = pages.WarningDesk(tuple(_row(session, each) for each in views.tasks(session, code, at)))
    return door.show("desk/warnings.html", page)


@router.get("/desk/warnings/{task_id}")
def task(task_id: str, door: Door = Officer) -> HTMLResponse:
    """One task."""
    return _show(door, task_id)


@router.post("/desk/warnings/{task_id}")
def answer(task_id: str, typed: Sent, door: Door = Officer) -> Response:
    """Say what was found."""
    try:
        with door.house.writing() as (session, at):
            actions.answer(
                session,
                door.who.actor,
                party=door.who.party.code,
                task_id=task_id,
                outcome=typed.text("outcome"),
                words=typed.text("words"),
                at=at,
            )
    except Answer as error:
        return door.again(error, typed, lambda form, status: _show(door, task_id, form, status))
    return Door.go("/desk/warnings", "warning_answered")


def _show(door: Door, task_id: str, form: Form | None = None, status: int = 200) -> HTMLResponse:
    with door.house.reading() as (session, at):
        found = views.task(session, door.who.party.code, task_id, at)
        row, words = _row(session, found), found.task.words
    choices = tuple(Choice(code, said) for code, said in actions.OUTCOMES.items())
    return door.show("desk/warning.html", pages.WarningTaskPage(row, choices, words, form or Form()), status)


def _row(session: Session, found: views.TaskView) -> pages.WarningRow:
    task = found.task
    return pages.WarningRow(
        id=task.id,
        firm=parties.firm(session, task.firm_id).name,
        colour=found.colour,
        due_on=task.due_on,
        late=found.late,
        card=_card(found.notice) if found.notice else None,
        answered=actions.OUTCOMES[task.outcome] if task.outcome else None,
    )


def _card(notice: views.Notice, *, firm: str | None = None, told: tuple[Words, ...] = ()) -> pages.WarningCard:
    return pages.WarningCard(
        title=notice.title,
        colour=notice.colour,
        opened_on=notice.opened_on,
        rests_on=_rests_on(notice),
        way=notice.way,
        firm=firm,
        told=told,
    )


def _rests_on(notice: views.Notice) -> Words | None:
    """Value, limit, day and source in one sentence; of a neighbour only that there is trouble."""
    if notice.value is None or notice.limit is None or notice.as_of is None:
        return notice.value
    source = speak.known(f"source.{notice.source}", "source.other")
    day = speak.value("registered_on", notice.as_of)
    return speak.both("warnings.rests_on", value=notice.value, limit=notice.limit, day=day, source=source)
