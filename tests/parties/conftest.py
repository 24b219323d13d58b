"""The doors of the parties' room, on each make of database; and many callers at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from fastapi.testclient import TestClient

from backend.doors import OWN_HEADER
from backend.kit.database import Database
from tests.stage import Stage

T = TypeVar("T")


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(database.engine.url.render_as_string(hide_password=False), tmp_path)
    yield made
    made.close()


def caller(stage: Stage, address: str = "203.0.113.1") -> TestClient:
    """Somebody with a browser of his own, at that address: it keeps cookies, and its calls say so."""
    return TestClient(stage.client.app, base_url="http://platform", client=(address, 50_000), headers={OWN_HEADER: "1"})


def at_once(deeds: Sequence[Callable[[], T]]) -> list[T]:
    """What each answers, all begun at the same moment in threads of their own."""
    start, answers = threading.Barrier(len(deeds)), list[T | BaseException]()

    def play(deed: Callable[[], T]) -> None:
        start.wait()
        try:
            answers.append(deed())
        except BaseException as error:
            answers.append(error)

    threads = [threading.Thread(target=play, args=(deed,)) for deed in deeds]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return [answer for answer in answers if not isinstance(answer, BaseException)]
