"""The only place that joins things together: settings, database, rooms, banks, worker, doors.

`create_platform` joins what works without the web (the command line uses it too); `create_app` puts the doors in front.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from backend import migrate
from backend.api import routers
from backend.api.described import DescribedApp
from backend.applications import handlers as applications
from backend.applications import resuming
from backend.applications.asking import Desk, Tape, collects
from backend.consents.model import SandboxSigner
from backend.credit_data import gather
from backend.credit_data.sources.exchange import FrontDatabase
from backend.doors import Platform, is_known
from backend.gate import Gate
from backend.kit import addresses, clock
from backend.kit.crypto import Sealer
from backend.kit.database import Database
from backend.kit.errors import CreditBridgeError, Invalid, Misconfigured, NotFound
from backend.kit.words import Words
from backend.loans import handlers as loans
from backend.loans import uplifted
from backend.loans.intake import Intake
from backend.parties import actions as parties
from backend.parties import admission, passwords, views
from backend.portal import routes as portal
from backend.refusing import headers_of, problem, status_of, unfit
from backend.reporting import handler as snapshots
from backend.scoring import handlers as scoring
from backend.scoring.warnings import sweeping
from backend.settings import Settings, sandbox_secret
from backend.steps.calendar import Calendar, Kind
from backend.steps.model import Handler
from backend.worker import Worker
from lender_adapters import port, registry
from lender_adapters.port import Lender
from products import catalogue
from risk_compensation.live import statements
from risk_compensation.play import checking


def create_platform(settings: Settings, *, bank_transports: Mapping[str, httpx.BaseTransport] | None = None) -> Platform:
    """Join the rooms. `bank_transports` lets a test put a sandbox bank in without a socket."""
    sealer = Sealer(bytes.fromhex(settings.record_key))
    database = Database(settings.database, sealer)
    if database.is_sqlite:
        Path(database.url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        migrate.migrate(database)
    else:
        migrate.demand_current(database)
    with database.reading() as session:
        checking.insist(pool.scheme for pool in statements.pools(session))
    tape = Tape()
    lenders = {
        code: registry.build(
            code,
            base_url=settings.lenders[code],
            secrets=registry.sandbox_secrets(code, bytes.fromhex(settings.signing_key)).platform
            if settings.sandbox
            else _bank_secrets(settings, code),
            transport=(bank_transports or {}).get(code),
            recorder=tape.record,
        )
        for code in settings.lenders
    }
    products = catalogue.load()
    intake = Intake(sealer)
    desk = Desk(lenders, tape, sealer, products, intake.take, intake.next_look, settings.operator_capacity)
    signing = SandboxSigner(bytes.fromhex(settings.signing_key))
    handlers: dict[str, Handler] = {
        gather.KIND: gather.Gather(FrontDatabase(settings.departments), sealer, uplifted.gathered),
        **applications.handlers(desk),
        **loans.handlers(sealer, signing),
        **scoring.handlers(),
        snapshots.KIND: snapshots.BuildSnapshot(database, settings.snapshots),
    }
    worker = Worker(database, handlers, calendar=_calendar(settings, lenders), pause_seconds=0.5)
    house = Platform(
        database=database,
        sandbox=settings.sandbox,
        password_cost=settings.password_cost,
        secure_cookies=settings.secure_cookies,
        operator_capacity=settings.operator_capacity,
        dashboard_url=settings.dashboard_url,
        signing=signing,
        sealer=sealer,
        catalogue=products,
        lenders=lenders,
        worker=worker,
        trusted_proxies=addresses.networks(settings.trusted_proxies),
        password_workers=settings.password_workers,
        password_line=settings.password_line,
    )
    return house


def _calendar(settings: Settings, lenders: Mapping[str, Lender]) -> Calendar:
    """What returns here. A sandbox's firms are not gathered anew each month: its clock runs too fast for that."""
    files = [collects(each) for each in lenders.values() if each.manifest.answers == "daily_file"]
    kinds: list[Kind] = [*files, resuming.RESUMES, *loans.RETURN, *scoring.RETURN]
    if not settings.sandbox:
        kinds.append(sweeping.FETCHES)
    if settings.snapshot_minutes:
        kinds.append(snapshots.builds(timedelta(minutes=settings.snapshot_minutes)))
    return Calendar(kinds)


def _bank_secrets(settings: Settings, code: str) -> dict[str, bytes]:
    """In production each bank's secrets come from the environment, by the names its manifest demands."""
    given = {"signing_key": settings.signing_key} | settings.bank_secrets.get(code, {})
    wanted = registry.lenders()[code].manifest.secrets
    missing = [name for name in wanted if name not in given]
    if missing:
        raise Misconfigured(f"CREDITBRIDGE_BANK_SECRETS is missing {', '.join(missing)} for {code}")
    return {name: bytes.fromhex(given[name]) for name in wanted}


def begin(house: Platform, settings: Settings) -> None:
    """What a start needs once: the banks as parties and what returns; in a sandbox also its first business day and an operator,
    whose password lies in var/secrets. The second start finds it all there."""
    with house.database.writing() as session:
        for code, lender in house.lenders.items():
            parties.add_party(session, kind="bank", code=code, name=lender.manifest.title.zh, name_en=lender.manifest.title.en)
    if settings.sandbox:
        _set_up_sandbox(house, settings)
    with house.database.writing() as session:
        house.worker.calendar.plan(session, clock.business_now(session))


def add_operator(house: Platform, *, login: str, password: str, name: str) -> None:
    """Someone who runs the platform; the first one is let in from the command line."""
    kept = passwords.hashed(password, house.password_cost)
    with house.database.writing() as session:
        admission.let_operator_in(session, login=login, password_hash=kept, name=name, at=clock.business_now(session))


def begin_to_work(house: Platform, settings: Settings) -> None:
    """What a worker in a process of its own needs before its first look: in a sandbox, the sandbox's clock. A worker that came
    before the server would plan all that returns by the machine's day, and nothing would return until that day."""
    if settings.sandbox and settings.sandbox_day is not None:
        with house.database.writing() as session:
            clock.start_at(session, clock.start_of(settings.sandbox_day) + timedelta(hours=8))


def _set_up_sandbox(house: Platform, settings: Settings) -> None:
    begin_to_work(house, settings)
    with house.database.reading() as session:
        known = views.login_known(session, "operator")
    if not known:
        add_operator(house, login="operator", password=sandbox_secret(settings.var, "operator_password"), name="运营")


def create_app(house: Platform, *, work: bool = True) -> FastAPI:
    """The web application: portal, API, and (for SQLite) the worker inside the same process."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        if work:
            house.worker.start()
        yield
        house.worker.stop()

    app = DescribedApp(
        title="CreditBridge 信桥",
        version="0.1.0",
        lifespan=life,
        docs_url="/api/docs",
        openapi_url="/api/openapi.json",
        redirect_slashes=False,  # its redirects would name whatever host the caller named; `portal.moved` answers people
    )
    app.state.platform = house
    for router in routers(sandbox=house.sandbox):
        app.include_router(router)
    portal.install(app)

    @app.exception_handler(CreditBridgeError)
    async def answer(request: Request, error: CreditBridgeError) -> Response:
        if request.scope["path"].startswith(("/api/", "/static/")):
            made: Response = JSONResponse(problem(error), status_of(error), media_type="application/problem+json")
        else:
            made = await run_in_threadpool(portal.error_page, request, error)
        made.headers.update(headers_of(error))
        return made

    @app.exception_handler(RequestValidationError)
    async def wrong_input(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["loc"][0] == "path":
            return await answer(request, NotFound())
        # Where a body may be one of several, its place begins with the kind that was tried: no field of the caller's.
        place = ".".join(str(part) for part in first["loc"] if part not in ("body", *port.KINDS)) or "body"
        fault = Invalid(place, Words(f"此项有误:{first['msg']}", f"not right: {first['msg']}"))
        return await answer(request, fault)

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            error = HTTPException(405, headers={"Allow": ", ".join(methods(app, request))})
        return portal.moved(request, error) or await answer(request, unfit(error))

    app.add_middleware(Gate, answer=answer, knows=lambda request: run_in_threadpool(is_known, request))
    return app


def methods(app: FastAPI, request: Request) -> list[str]:
    """What this address takes (RFC 9110 §15.5.6): the framework names the methods of the first route there only."""
    known = ("GET", "POST", "PUT", "PATCH", "DELETE")
    taken = [
        verb
        for verb in known
        if any(route.matches({**request.scope, "method": verb})[0] is Match.FULL for route in app.router.routes)
    ]
    return ["GET", "HEAD", *taken[1:]] if "GET" in taken else taken
