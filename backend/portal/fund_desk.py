"""The fund's desk: a maker reviews, says what receipts say, proposes to reopen; a checker approves, instructs, pauses, reopens.
What moves money is confirmed in `fund_money`.

Never one person for both. The pool's own rules refuse what is not lawful; the desk only shows who may do what next.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.kit.clock import day_of
from backend.kit.errors import Answer, Invalid, NotFound
from backend.kit.words import Words
from backend.loans import claim_acts, clocks, fund_acts, pool_money
from backend.portal import claim_page, fund_pools, speak, waiting_money
from backend.portal.door import Door, Sent, Typed, door_of
from backend.portal.pages import desk as pages
from backend.portal.pages.shared import Form
from risk_compensation import scheme
from risk_compensation.ledger import ACCOUNTS, Account, why
from risk_compensation.live import Opinion, PoolView, proposals, statements
from risk_compensation.live import views as pool_views

router = APIRouter(prefix="/desk/fund")
Fund = Depends(door_of("fund_maker", "fund_checker"))
Maker = Depends(door_of("fund_maker"))
Checker = Depends(door_of("fund_checker"))
_DONE = {"pause": "pool_paused", "reopen": "pool_reopened", "propose": "reopening_proposed"}


@router.get("")
def desk(door: Door = Fund) -> HTMLResponse:
    """The claims of this fund's pools: those that wait for this hand first."""
    role = door.who.actor.role
    with door.house.reading() as (session, at):
        own = _pools(session, door)
        day, codes = day_of(at), [pool.code for pool in own]
        cases = sorted(pool_views.claim_cases(session, pools=codes), key=lambda each: each.pool.code)
        found = [(each.claim, claim_page.row(session, each, clocks.of_claim(session, each, day), day)) for each in cases]
        paid = {code: sum(each.claim.paid_fen for each in cases if each.pool.code == code) for code in codes}
        cards = tuple(_pool(session, pool, paid[pool.code], day) for pool in own)
        proposed = pool_money.of_fund(session, door.who.actor)
        told = {each.loan for each in proposed if each.loan is not None}
        waits = [claim_acts.next_of_fund(role, each, day, told=each.loan in told) != "nothing" for each, _ in found]
        money = waiting_money.rows(session, proposed)
    mine = tuple(row for (_, row), my_turn in zip(found, waits, strict=True) if my_turn)
    others = tuple(row for (_, row), my_turn in reversed(list(zip(found, waits, strict=True))) if not my_turn)
    return door.show("desk/fund.html", pages.FundDesk(role.removeprefix("fund_"), cards, mine, others, money))


@router.get("/pool")
def pool_page(door: Door = Fund) -> HTMLResponse:
    """The first of this fund's pools."""
    with door.house.reading() as (session, _):
        own = _pools(session, door)
    if not own:
        raise NotFound()
    return statement(door, own[0].code, Form())


@router.get("/pool/{code}")
def one_pool(code: str, door: Door = Fund) -> HTMLResponse:
    """One pool's statement and book."""
    return statement(door, code, Form())


@router.post("/pool/{verb}")
def pause_or_reopen(verb: str, typed: Sent, door: Door = Fund) -> Response:
    """Stop new loans of the pool, a bank or the guarantor, or take them again; old claims are paid all the same."""
    if verb not in _DONE or door.who.actor.role != ("fund_maker" if verb == "propose" else "fund_checker"):
        raise NotFound()
    code, party, actor = typed.text("pool"), typed.text("party") or None, door.who.actor
    try:
        words = _words(typed)
        with door.house.writing() as (session, at):
            if verb == "propose":
                fund_acts.propose_reopening(session, actor, pool=code, words=words, party=party, at=at)
            else:
                fund_acts.set_pool(session, actor, pool=code, paused=verb == "pause", words=words, party=party, at=at)
    except Answer as error:
        return door.again(error, typed, lambda form, status: statement(door, code, form, status))
    return Door.go(f"/desk/fund/pool/{code}", _DONE[verb])


@router.get("/claims/{claim_no}")
def claim(claim_no: str, door: Door = Fund) -> HTMLResponse:
    """One claim: the loss and how it is shared, the checks, what happens next."""
    return claim_page.show(door, claim_no, Form())


@router.post("/claims/{claim_no}/review")
def review(claim_no: str, typed: Sent, door: Door = Maker) -> Response:
    """The maker's opinion."""
    opinions: dict[str, Opinion] = {"accept": "approve", "supplement": "supplement", "reject": "reject"}
    opinion = opinions.get(typed.text("outcome"))

    def act(session: Session, at: datetime) -> None:
        if opinion is None:
            raise Invalid("", Words("请选择结论", "please choose an outcome"))
        fund_acts.review_claim(session, door.who.actor, claim_no=claim_no, opinion=opinion, words=_words(typed), at=at)

    return _do(door, claim_no, typed, act, "reviewed")


@router.post("/claims/{claim_no}/approve")
def approve(claim_no: str, typed: Sent, door: Door = Checker) -> Response:
    """The checker's decision."""

    def act(session: Session, at: datetime) -> None:
        outcome = typed.text("outcome")
        if outcome not in ("approve", "reject"):
            raise Invalid("", Words("请选择结论", "please choose an outcome"))
        if outcome == "approve":
            fund_acts.approve_claim(session, door.who.actor, claim_no=claim_no, words=_words(typed), at=at)
        else:
            reasons = typed.several("reasons")
            fund_acts.reject_claim(session, door.who.actor, claim_no=claim_no, reasons=reasons, words=_words(typed), at=at)

    return _do(door, claim_no, typed, act, "approved")


@router.post("/claims/{claim_no}/instruct")
def instruct(claim_no: str, typed: Sent, door: Door = Checker) -> Response:
    """Tell the custody bank to pay."""

    def act(session: Session, at: datetime) -> None:
        typed.agreed("sure")
        fund_acts.instruct_payment(session, door.who.actor, claim_no=claim_no, at=at)

    return _do(door, claim_no, typed, act, "instructed")


@router.post("/claims/{claim_no}/pay")
def pay(claim_no: str, typed: Sent, door: Door = Maker) -> Response:
    """Say what the custody bank's receipt says; the checker confirms it."""

    def act(session: Session, at: datetime) -> None:
        pool_money.propose_payment(
            session,
            door.who.actor,
            claim_no=claim_no,
            receipt_no=typed.text("receipt_no"),
            amount_fen=typed.yuan_fen("amount"),
            on=typed.day("paid_on"),
            at=at,
        )

    return _do(door, claim_no, typed, act, "proposed")


@router.post("/claims/{claim_no}/reject")
def reject(claim_no: str, typed: Sent, door: Door = Checker) -> Response:
    """No after all, before anything is paid: fraud was found after the approval, or while a rule has put the claim off."""

    def act(session: Session, at: datetime) -> None:
        reasons = typed.several("reasons")
        fund_acts.reject_claim(session, door.who.actor, claim_no=claim_no, reasons=reasons, words=_words(typed), at=at)

    return _do(door, claim_no, typed, act, "rejected", "reject")


@router.post("/claims/{claim_no}/write_off")
def write_off(claim_no: str, typed: Sent, door: Door = Checker) -> Response:
    """Write off what another person proposed to write off."""

    def act(session: Session, at: datetime) -> None:
        typed.agreed("sure")
        fund_acts.write_off(session, door.who.actor, claim_no=claim_no, at=at)

    return _do(door, claim_no, typed, act, "written_off")


@router.post("/claims/{claim_no}/propose")
def propose(claim_no: str, typed: Sent, door: Door = Maker) -> Response:
    """Propose to write off the rest."""

    def act(session: Session, at: datetime) -> None:
        fund_acts.propose_write_off(session, door.who.actor, claim_no=claim_no, words=_words(typed), at=at)

    return _do(door, claim_no, typed, act, "write_off_proposed", "propose")


@router.post("/claims/{claim_no}/claw_back")
def claw_back(claim_no: str, typed: Sent, door: Door = Maker) -> Response:
    """Fraud: say what the payee returned; the checker confirms it."""

    def act(session: Session, at: datetime) -> None:
        receipt = typed.text("receipt_no")
        pool_money.propose_claw_back(session, door.who.actor, claim_no=claim_no, receipt_no=receipt, words=_words(typed), at=at)

    return _do(door, claim_no, typed, act, "proposed", "claw_back")


def _do(
    door: Door, claim_no: str, typed: Typed, act: Callable[[Session, datetime], None], done: str, later: str = ""
) -> Response:
    try:
        with door.house.writing() as (session, at):
            claim_page.own_claim(session, door, claim_no)
            act(session, at)
    except Answer as error:
        places = {"amount_fen": "amount", "on": "paid_on"}
        return door.again(error, typed, lambda form, status: claim_page.show(door, claim_no, form, status, later), **places)
    return Door.go(f"/desk/fund/claims/{claim_no}", done)


def _words(typed: Typed) -> Words:
    return Words(typed.text("words"), typed.text("words"))


def _pools(session: Session, door: Door) -> list[PoolView]:
    return [pool for pool in statements.pools(session) if pool.fund == door.who.party.code]


def own_pool(session: Session, door: Door, code: str) -> PoolView:
    """A pool of this fund; another's is as good as missing."""
    for pool in _pools(session, door):
        if pool.code == code:
            return pool
    raise NotFound()


def _pool(session: Session, pool: PoolView, paid_fen: int, day: date) -> pages.PoolCard:
    room = statements.headroom(session, pool, day)
    fund = statements.party_statement(session, pool.code, pool.fund, day)
    history = statements.pool_history(session, pool.code)
    words = Words.of(history[-1].words) if history and room.state != "open" else None
    return pages.PoolCard(
        id=pool.code,
        title=scheme.scheme(pool.scheme).title,
        state=str(room.state),
        cash_fen=room.cash_fen,
        commitments_fen=room.commitments_fen,
        reserved_fen=room.reserved_fen,
        available_fen=room.available_fen,
        paid_out_fen=paid_fen,
        recovered_fen=fund.returned_fen,
        state_words=words,
    )


def statement(door: Door, code: str, form: Form, status: int = 200, refused: str = "") -> HTMLResponse:
    """A pool's page; `refused` names the form that comes back with its sentence: year, paid_in, or else the pause's."""
    with door.house.reading() as (session, at):
        pool, day = own_pool(session, door, code), day_of(at)
        lines: list[pages.BookLine] = []
        given: dict[str, int] = {}
        booked = statements.journal(session, code)
        named = {entry.loan for _, entries in booked for entry in entries if entry.loan}
        loans = pool_views.loans(session, named) if named else {}
        names = {each.reference: speak.firm(session, each.firm) for each in loans.values()}
        paid = sum(each.paid_fen for each in statements.claims(session, code))
        for booking, entries in booked:
            for entry in entries:
                what, name = why(entry), names.get(entry.loan or "", "")
                said = Words(f"{name}：{what.zh}", f"{name}: {what.en}") if name else what
                lines.append(pages.BookLine(booking.on, said, _account(entry.debit), _account(entry.credit), entry.amount_fen))
                if entry.credit == Account.CAPITAL and entry.party:
                    given[entry.party] = given.get(entry.party, 0) + entry.amount_fen
        page = pages.PoolPage(
            pool=_pool(session, pool, paid, day),
            day=day,
            lines=tuple(reversed(lines[-200:])),
            funders=tuple((speak.party_or(session, code), fen) for code, fen in given.items()),
            may_pause=fund_pools.may_pause(session, pool, door.who.actor.role),
            stops=fund_pools.stops(session, pool, door.who.actor.role),
            year=fund_pools.year_end(session, pool, day, door.who.actor.role),
            may_pay_in=door.who.actor.role == "fund_maker",
            money=waiting_money.rows(session, proposals.waiting(session, [code])),
            year_form=form if refused == "year" else Form(),
            paid_in_form=form if refused == "paid_in" else Form(),
            form=Form() if refused else form,
        )
    return door.show("desk/pool.html", page, status)


def _account(code: str) -> Words:
    """The account's short name: what stands before the colon."""
    words = ACCOUNTS[Account(code)].words
    return Words(words.zh.split("：")[0], words.en.split(":")[0])
