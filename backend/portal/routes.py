"""Joins the portal's routers and its static files to the application."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from backend.portal import (
    authorise,
    bank_claim,
    bank_desk,
    bank_money,
    costs,
    credit,
    entry,
    fund_desk,
    fund_money,
    fund_years,
    guarantor_desk,
    home,
    issuer_appeals,
    issuer_desk,
    listings,
    loans,
    matches,
    needs,
    offers,
    operator_desk,
    renewals,
    warnings,
)
from backend.portal.door import error_page
from backend.portal.render import FOLDER

MODULES = (
    home,
    entry,
    authorise,
    credit,
    matches,
    costs,
    needs,
    offers,
    loans,
    bank_desk,
    bank_money,
    bank_claim,
    guarantor_desk,
    fund_desk,
    fund_money,
    fund_years,
    issuer_desk,
    issuer_appeals,
    listings,
    operator_desk,
    renewals,
    warnings,
)

__all__ = ["error_page", "install", "moved"]


def install(app: FastAPI) -> None:
    """Every page, and the style sheet."""
    app.mount("/static/portal", StaticFiles(directory=FOLDER / "static"), name="portal-static")
    for module in MODULES:
        app.include_router(module.router, include_in_schema=False)


def moved(request: Request, error: HTTPException) -> Response | None:
    """A page's address with a slash too many at its end leads to the page; the way there names no host."""
    path: str = request.scope["path"]
    people = error.status_code == 404 and request.method == "GET" and not path.startswith(("/api/", "/static/", "//"))
    if not people or not path.endswith("/") or path == "/":
        return None
    query = request.scope["query_string"].decode("latin-1")
    return RedirectResponse(path.rstrip("/") + (f"?{query}" if query else ""), status_code=307)
