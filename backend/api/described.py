"""What a route may answer besides its good answer, said once for all of them by kind of route.

Who must come in may be told 401, and 404 where the door or the thing does not exist for him; what takes something 422; what
takes a body also 400, 413 and 415; what changes something 403 and 409; and anybody 414 and 503. A route adds with `responses=`
only what is its own, and says it better where it can. All of it is problem+json.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from backend.api.bank_system import Problem
from backend.doors import bank_system, someone

SAID = {
    400: "What was sent is no JSON, or cannot be read.",
    401: "Nobody is signed in, or the credentials are not known.",
    403: "Refused; `type` says why.",
    404: "There is no such thing, or it is not yours: the two look the same.",
    409: "It stands where this cannot happen, or somebody was faster; `type` says which.",
    413: "Too large.",
    414: "The address is too long.",
    415: "Not sent as JSON.",
    422: "Not right; `place` names the first wrong field.",
    429: "Too many at once, or too many tries: `Retry-After` says when to come again.",
    503: "Not now: `Retry-After` says when to come again.",
}
BUSY: dict[int | str, dict[str, Any]] = {429: {"model": Problem, "description": SAID[429]}}
NOT_RIGHT: dict[int | str, dict[str, Any]] = {401: {"model": Problem, "description": "The login or the password is not right."}}
_MEDIA = "application/problem+json"
_REFERENCE = {"$ref": "#/components/schemas/Problem"}


class DescribedApp(FastAPI):
    """The application, whose description names every status that a route may answer."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            found = super().openapi()
            for unused in ("HTTPValidationError", "ValidationError"):
                found["components"]["schemas"].pop(unused, None)
            for each in iter_route_contexts(self.routes):
                route, path = each.original_route, each.path_format or ""
                for verb, described in found["paths"].get(path, {}).items():
                    if isinstance(route, APIRoute) and verb.upper() in (each.methods or ()):
                        _complete(described["responses"], statuses(route, path, verb))
        return super().openapi()


def statuses(route: APIRoute, path: str, verb: str) -> set[int]:
    """What a route of this kind may answer besides its good answer."""
    found = {414, 422, 503}
    asks = set(_asks(route.dependant))
    if asks & {someone, bank_system}:
        found |= {401, 404}
    if "{" in path:
        found.add(404)
    if verb != "get":
        found |= {400, 403, 409, 413, 415}
    return found


def _asks(dependant: Dependant) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _asks(each)


def _complete(responses: dict[str, Any], may: set[int]) -> None:
    """A problem for each of these; what the route says of one itself stays."""
    for status in sorted(may | {int(each) for each in responses if each.isdigit() and each >= "400"}):
        said = responses.get(str(status), {}).get("description")
        own = said if said not in (None, "Validation Error") else SAID[status]
        responses[str(status)] = {"description": own, "content": {_MEDIA: {"schema": _REFERENCE}}}
