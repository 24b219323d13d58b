"""Whatever the published description allows, and whatever it forbids, is answered: by those who may enter, never with 5xx, and
with a status that the description names.

schemathesis makes the calls, right and wrong ones, from the description itself. Short here: one route in six, another six on the
other database; `--full-proofs` plays every route at length.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from tests.stage import Person, Stage
from tests.stories.test_who_may_enter import may_enter


def sent(person: Person, case: Any) -> tuple[int, str, str]:
    """The case as a call: (status, media type, what was sent)."""
    query = "&".join(f"{bent(name)}={bent(value)}" for name, value in (case.query or {}).items())
    path = case.formatted_path + (f"?{query}" if query else "")
    headers = {"authorization": f"{person.scheme} {person.token}"}
    for name, value in (case.headers or {}).items():
        if name.lower() != "authorization":
            headers[name] = str(value).encode("latin-1", "replace").decode("latin-1")
    body = None if isinstance(case.body, NotSet) else case.body
    content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    if content is not None and "content-type" not in {name.lower() for name in headers}:
        headers["content-type"] = case.media_type or "application/json"
    answer = person.client.request(case.method, path, content=content, headers=raw(headers))
    return answer.status_code, answer.headers.get("content-type", ""), f"{case.method} {path} {(content or b'')[:300]!r}"


def bent(value: Any) -> str:
    """A part of a query in whatever bytes it comes to."""
    text = value if isinstance(value, str) else json.dumps(value)
    return quote(text.encode("utf-8", "surrogatepass"))


def raw(headers: dict[str, str]) -> Any:
    return {name: value.encode("latin-1") for name, value in headers.items()}


def test_nothing_that_the_description_says_or_forbids_breaks_us(
    stage: Stage, everybody: dict[str, Person], pytestconfig: pytest.Config
) -> None:
    full = pytestconfig.getoption("--full-proofs")
    examples, step, first = (120, 1, 0) if full else (1, 6, 0 if stage.database.is_sqlite else 3)
    app: Any = stage.client.app
    described = schemathesis.openapi.from_dict(app.openapi())
    broke: list[str] = []
    calls = 0
    for operation in [found.ok() for found in described.get_all_operations()][first::step]:
        # The clock stays where it is moved, `settle` waits for what that brought, and a person signed out is nobody.
        where = (operation.method.upper(), operation.path)
        if where[1].startswith("/api/sandbox") or where[1].endswith("/snapshot") or where == ("DELETE", "/api/session"):
            continue
        role = next((each for each in sorted(may_enter(*where)) if each in everybody), "firm_owner")
        for mode in GenerationMode:
            cases = operation.as_strategy(generation_mode=mode)
            calls += played(cases, everybody[role], examples, broke, named=frozenset(operation.definition.raw["responses"]))
    assert broke == []
    assert calls >= (5000 if full else 10)


def played(cases: Any, who: Person, examples: int, broke: list[str], *, named: frozenset[str]) -> int:
    """So many cases sent by this person; how many there were, and in `broke` what should not be: `named` are the statuses that
    the description knows."""
    tried = 0

    @seed(20251130)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def call(case: Any) -> None:
        nonlocal tried
        status, kind, words = sent(who, case)
        tried += 1
        if status >= 500 or str(status) not in named or (status >= 400 and kind != "application/problem+json"):
            broke.append(f"{status} {kind}: {words}")

    with suppress(Unsatisfiable):  # where nothing is asked for, nothing can be asked for wrongly
        call()
    return tried
