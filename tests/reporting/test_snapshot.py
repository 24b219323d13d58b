"""Publishing: whole or not at all, the same bytes for the same content, and nobody's name in them."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.kit.database import Database
from backend.reporting import snapshot
from backend.reporting.columns import COLUMNS
from risk_compensation.live import contribute
from tests.reporting.makers import AT, BELL, DAY, a_consent, a_draw, a_firm, the_book
from tests.risk_compensation.pools import FUND, POOL, WAN, a_pool


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def test_the_manifest_names_a_whole_file_by_its_digest(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        the_book(session)
        for number in range(1, 6):
            a_firm(session, f"g{number}")
            a_draw(session, f"j{number}", f"g{number}", BELL, 1_000_000, date(2025, 1, 5), date(2026, 9, 1), 400)
    path = snapshot.build(database, tmp_path / "new", AT)
    said = manifest(tmp_path / "new")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == said["sha256"]
    assert path.name == said["file"] == f"snapshot-20260331-{said['sha256'][:12]}.db"
    assert (said["day"], said["built_at"]) == ("2026-03-31", "2026-03-31T18:00:00+08:00")
    with sqlite3.connect(path) as file:
        names = {row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        drawn = file.execute("SELECT value, typeof(value) FROM kpis WHERE code = 'drawn_fen'").fetchone()
    file.close()
    assert names == set(COLUMNS)
    assert drawn == (15_000_000, "integer"), "no float holds money"


def test_the_same_content_has_the_same_digest_whenever_it_is_built(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        the_book(session)
    first = snapshot.build(database, tmp_path, AT)
    again = snapshot.build(database, tmp_path, AT + timedelta(hours=2))
    assert first == again
    assert manifest(tmp_path)["built_at"] == "2026-03-31T20:00:00+08:00", "only the manifest knows when"
    with database.writing() as session:
        a_firm(session, "one-more")
    assert snapshot.build(database, tmp_path, AT).name != first.name


def test_no_name_of_a_firm_or_person_is_published(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        the_book(session)
    body = snapshot.build(database, tmp_path, AT).read_bytes()
    for text in ("甲乙丙", "张三丰", "91330200"):
        assert text.encode() not in body


def test_a_builder_that_fails_leaves_what_was_published(database: Database, tmp_path: Path) -> None:
    snapshot.build(database, tmp_path, AT)
    before = manifest(tmp_path)
    with database.writing() as session:
        the_book(session)

    def trips(what: str, done: int, total: int) -> None:
        if done == total:
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        snapshot.build(database, tmp_path, AT, trips)
    assert manifest(tmp_path) == before
    assert [each.name for each in tmp_path.glob("snapshot-*.db")] == [before["file"]]
    assert list(tmp_path.glob(".building-*")) == []


def test_a_power_cut_between_file_and_manifest_leaves_the_old_manifest(tmp_path: Path, sqlite_template: Path) -> None:
    url = f"sqlite:///{tmp_path}/creditbridge.db"
    (tmp_path / "creditbridge.db").write_bytes(sqlite_template.read_bytes())
    database = Database(url)
    folder = tmp_path / "snapshots"
    snapshot.build(database, folder, AT)
    before = manifest(folder)
    with database.writing() as session:
        the_book(session)
    code = (
        "import sys; from datetime import datetime; from pathlib import Path\n"
        "from backend.kit.database import Database; from backend.reporting import snapshot\n"
        "snapshot.build(Database(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))"
    )
    run = [sys.executable, "-c", code, url, str(folder), AT.isoformat()]
    died = subprocess.run(run, env=os.environ | {"CREDITBRIDGE_CRASH_AT": "snapshot_written"}, check=False)
    assert died.returncode == -signal.SIGKILL
    assert manifest(folder) == before
    assert hashlib.sha256((folder / before["file"]).read_bytes()).hexdigest() == before["sha256"]
    snapshot.build(database, folder, AT)
    assert manifest(folder)["sha256"] != before["sha256"], "the next builder publishes"
    database.dispose()


def test_a_reader_never_sees_half_a_file(database: Database, tmp_path: Path) -> None:
    snapshot.build(database, tmp_path, AT)
    stop, faults = threading.Event(), []

    def watch() -> None:
        while not stop.is_set():
            said = manifest(tmp_path)
            if hashlib.sha256((tmp_path / said["file"]).read_bytes()).hexdigest() != said["sha256"]:
                faults.append(said)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for number in range(4):
            with database.writing() as session:
                a_firm(session, f"w{number}")
            snapshot.build(database, tmp_path, AT)
    finally:
        stop.set()
        watcher.join()
    assert faults == []


def test_the_last_five_files_are_kept_and_what_a_dead_builder_left_is_cleared(database: Database, tmp_path: Path) -> None:
    (tmp_path / ".building-1-1.db").write_bytes(b"half")
    os.utime(tmp_path / ".building-1-1.db", (0, 0))
    (tmp_path / ".building-2-2.db").write_bytes(b"at work")
    for days in range(7):
        snapshot.build(database, tmp_path, AT + timedelta(days=days))
    names = sorted(each.name for each in tmp_path.glob("snapshot-*.db"))
    assert len(names) == 5
    assert names[-1] == manifest(tmp_path)["file"]
    assert names[0].startswith("snapshot-20260402")
    assert [each.name for each in tmp_path.glob(".building-*")] == [".building-2-2.db"]


def test_the_builder_tells_how_far_it_is(database: Database, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []

    def note(what: str, done: int, total: int) -> None:
        heard.append((what, done, total))

    snapshot.build(database, tmp_path, AT, note)
    assert heard[0][1:] == (0, len(snapshot.FIGURES))
    assert heard[-1] == ("done", len(snapshot.FIGURES), len(snapshot.FIGURES))


def test_all_figures_are_of_one_moment(database: Database, tmp_path: Path) -> None:
    """What is signed and paid in while the snapshot is being built is in no table of it."""
    with database.writing() as session:
        the_book(session)
        a_pool(session)

    def meanwhile(what: str, done: int, total: int) -> None:
        if done == 1:
            with database.writing() as session:
                contribute(session, POOL, FUND, 500, "later", DAY)
                session.add(a_consent("f1", AT - timedelta(days=1)))

    path = snapshot.build(database, tmp_path, AT, meanwhile)
    with sqlite3.connect(path) as file:
        signed = file.execute("SELECT sum(signed) FROM consents_monthly").fetchone()
        cash = file.execute("SELECT cash_fen FROM pools").fetchone()
        end = file.execute("SELECT cash_end_fen FROM pool_monthly ORDER BY month DESC").fetchone()
    file.close()
    assert signed in ((0,), (None,))
    assert cash == end == (7_000 * WAN,)
