"""Joins the portal's routers and its static files to the application."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles

from backend.kit.errors import NotFound
from backend.portal import (
    authorise,
    bank_claim,
    bank_desk,
    bank_money,
    costs,
    credit,
    entry,
    fund_desk,
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
    fund_years,
    issuer_desk,
    issuer_appeals,
    listings,
    operator_desk,
    renewals,
    warnings,
)

__all__ = ["error_page", "install"]


def install(app: FastAPI) -> None:
    """Every page, the style sheet, and a page for addresses that nobody has."""
    app.mount("/static/portal", StaticFiles(directory=FOLDER / "static"), name="portal-static")
    for module in MODULES:
        app.include_router(module.router, include_in_schema=False)

    @app.exception_handler(404)
    async def nowhere(request: Request, error: HTTPException) -> Response:
        if request.url.path.startswith(("/api/", "/static/")):
            return JSONResponse({"detail": "Not Found"}, 404)
        return error_page(request, NotFound())
