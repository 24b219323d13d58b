"""The table of rules × doors: what a rule refuses, every door refuses by the same code and sentence, and nothing is written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from backend.api import routers
from backend.cli import app as command
from backend.kit.errors import CreditBridgeError
from backend.portal import routes
from tests import postgres
from tests.doors import scene as scenes
from tests.doors.scene import Scene
from tests.stage import Stage

TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "rules.yaml").read_text(encoding="utf-8"))
DOORS = ("api", "page", "file", "command")
CELLS = [
    pytest.param(row, door, id=f"{row['rule']}, {row['act']}: {door}".replace(" ", "_"))
    for row in TABLE["rows"]
    for door in DOORS
    if isinstance(row[door], list)
]


@pytest.fixture(scope="session")
def sqlite_scene(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("doors")
    shutil.copy(sqlite_template, folder / "creditbridge.db")
    with closing(Stage(f"sqlite:///{folder / 'creditbridge.db'}", folder)) as stage:
        yield scenes.made(stage, folder)


@pytest.fixture(scope="session")
def postgresql_scene(
    postgres_admin: str, postgres_template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("doors")
    with (
        postgres.fresh_database(postgres_admin, f"creditbridge_{worker_id}_doors_test", postgres_template) as url,
        closing(Stage(url, folder)) as stage,
    ):
        yield scenes.made(stage, folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest) -> Scene:
    """One for each make and test process, whatever the order: a hundred days take longer than all the cells, and no cell writes.

    Processes that share a run take cells from each other in pieces: a scene of the module was made anew for each piece.
    """
    found: Scene = request.getfixturevalue(f"{request.param}_scene")
    return found


def by_api(scene: Scene, who: str, where: str, body: Any) -> tuple[str, str, int]:
    """Code, the Chinese sentence, status."""
    method, path = where.split(" ", 1)
    status, answer = scene.person(who).ask(method, path, body)
    assert status >= 400, f"{where}: {answer}"
    return answer["type"].rsplit(":", 1)[1], answer["words"]["zh"], status


def by_file(scene: Scene, who: str, where: str, body: str) -> tuple[str, str, int]:
    """The refusal of the file as a whole, or of its only row; a row has no status of its own."""
    headers = {"authorization": f"Bearer {scene.person(who).token}", "content-type": "text/csv"}
    answer = scene.stage.client.post(where, content=body.encode(), headers=headers)
    said = answer.json()
    if answer.status_code >= 400:
        return said["type"].rsplit(":", 1)[1], said["words"]["zh"], answer.status_code
    assert (said["done"], said["refused"]) == (0, 1), said
    return said["rows"][0]["code"], said["rows"][0]["words"]["zh"], 0


def by_page(scene: Scene, who: str, where: str, fields: dict[str, str]) -> tuple[str, int]:
    """The page that comes back, as text, and its status. The form is sent as it stands, whether or not the page shows it."""
    browser = scene.browser(who)
    token = browser.get("/" if who == "firm" else "/desk/operator" if who == "operator" else "/").page.xpath(
        "//input[@name='csrf']/@value"
    )
    answer = browser.client.post(where, data={**fields, "csrf": token[0]})
    assert answer.status_code >= 400, f"{where}: {answer.status_code}"
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", answer.text)), answer.status_code


def by_command(scene: Scene, words: list[str], monkeypatch: pytest.MonkeyPatch) -> CreditBridgeError:
    said = {"MODE": "sandbox", "VAR": str(scene.folder / "var"), "PASSWORD_COST": "cheapest"}
    said["DATABASE_URL"] = scene.stage.settings.database_url
    for name, value in said.items():
        monkeypatch.setenv(f"CREDITBRIDGE_{name}", value)
    done = CliRunner().invoke(command, words)
    assert isinstance(done.exception, CreditBridgeError), (done.exit_code, done.output, done.exception)
    return done.exception


def expected(scene: Scene, row: dict[str, Any]) -> str | None:
    """The sentence as the API says it, where there is one."""
    if not isinstance(row["api"], list):
        return None
    who, where, body = scene.filled(row["api"])
    return by_api(scene, who, where, body)[1]


@pytest.mark.parametrize(("row", "door"), CELLS)
def test_every_cell_of_the_table(scene: Scene, row: dict[str, Any], door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sentence, cell = expected(scene, row), scene.filled(row[door])
    if door == "page":
        scene.browser(cell[0])
    before = scene.kept()
    if door == "page":
        text, status = by_page(scene, *cell)
        who, where, body = scene.filled(row["api"])
        assert status == by_api(scene, who, where, body)[2]
        if row["code"] != "not_found":
            assert re.sub(r"\s+", "", str(sentence)) in text, text[:2000]
    elif door == "command":
        error = by_command(scene, cell, monkeypatch)
        assert error.code == row["code"]
        assert sentence in (None, error.words.zh)
    else:
        code, said, _ = (by_api if door == "api" else by_file)(scene, *cell)
        assert code == row["code"], said
        if sentence is not None and row["code"] != "not_found":
            assert said.endswith(sentence)
    after = scene.kept()
    assert {name for name in after if after[name] != before[name]} == set(), "nothing was written"


def test_the_table_is_whole() -> None:
    assert len({row["rule"] for row in TABLE["rows"]}) >= 20
    assert len(TABLE["rows"]) >= 45
    for row in TABLE["rows"]:
        for door in DOORS:
            cell = row[door]
            assert isinstance(cell, list) or len(cell.split()) >= 3, f"{row['rule']}, {door}: say why there is no such door"


def writing_routes() -> list[str]:
    """Every route that takes something in: of the API as `METHOD path`, of the portal too."""
    found = []
    for router in [*routers(sandbox=True), *(module.router for module in routes.MODULES)]:
        for route in router.routes:
            for method in sorted(getattr(route, "methods", set()) - {"GET", "HEAD", "OPTIONS"}):
                found.append(f"{method} {re.sub(r'{[^}]+}', '*', route.path)}")  # type: ignore[attr-defined]  # routers hold API routes only
    return found


def played() -> list[str]:
    """What the table itself plays, with `*` for any name."""
    rows = TABLE["rows"]
    asked = [row["api"][1] for row in rows if isinstance(row["api"], list)]
    asked += [f"POST {row[door][1]}" for row in rows for door in ("page", "file") if isinstance(row[door], list)]
    return asked


def fits(route: str, pattern: str) -> bool:
    return fnmatchcase(route, pattern) or fnmatchcase(route, pattern.replace("* ", "[PD]*"))


def test_a_writing_route_that_the_table_does_not_name_is_found() -> None:
    names = played()
    elsewhere = [pattern for patterns in TABLE["elsewhere"].values() for pattern in patterns]
    unnamed = []
    for route in writing_routes():
        shape = re.compile(re.escape(route).replace(r"\*", "[^/ ]+") + "$")
        if not any(shape.match(each) for each in names) and not any(fits(route, each) for each in elsewhere):
            unnamed.append(route)
    assert unnamed == [], "name them in rules.yaml: a row, or the test that plays them"
    stale = [each for each in elsewhere if not any(fits(route, each) for route in writing_routes())]
    assert stale == [], "no such route any more"
    for test in TABLE["elsewhere"]:
        assert Path(test).exists(), test
