"""The hands of the town's people: every act goes through a public door, as JSON over HTTP, with the actor's own session.

A refusal is an answer: `Said.refused` carries the platform's sentence. Anything unexpected stops the play with the place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.town.line import Line


class DoorError(RuntimeError):
    """A door answered something that the play does not know how to live with."""


@dataclass(frozen=True)
class Said:
    """What a door answered."""

    status: int
    body: Any

    @property
    def refused(self) -> str:
        """The sentence of a refusal, or nothing."""
        return str(self.body.get("title", "refused")) if self.status >= 400 and isinstance(self.body, dict) else ""


class Hand:
    """One signed-in person (or nobody yet) at the platform's JSON door."""

    def __init__(self, line: Line, login: str = "", password: str = "") -> None:
        self.line = line
        self.login = login
        self.password = password
        self.token = ""

    def sign_in(self) -> None:
        """Sign in, or again after the session ran out."""
        said = self.call("POST", "/api/session", {"login": self.login, "password": self.password})
        self.token = said["token"]

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Said:
        """One call; a refusal is an answer. A session that ran out is renewed once. Only a broken door raises."""
        sent = dict(headers or {})
        if self.password and not self.token and path != "/api/session":
            self.sign_in()
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        answer = self.line.ask(method, path, body, sent)
        if answer.status == 401 and self.password and path != "/api/session":
            self.sign_in()
            sent["authorization"] = f"Bearer {self.token}"
            answer = self.line.ask(method, path, body, sent)
        if answer.status >= 500:
            raise DoorError(f"{method} {path} as {self.login}: {answer.status} {str(answer.body)[:500]}")
        return Said(answer.status, answer.body)

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """One call that must succeed."""
        said = self.ask(method, path, body, headers)
        if said.status >= 400:
            raise DoorError(f"{method} {path} as {self.login}: {said.status} {said.body}")
        return said.body
