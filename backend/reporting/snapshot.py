"""The published snapshot: one SQLite file for whoever watches over the market, and the manifest that names it with its SHA-256.

All figures are read in one transaction. The file is written aside and renamed, the manifest is replaced last: a reader who begins
with the manifest always finds a whole file. The same database on the same day gives the same bytes; when it was built stands in
the manifest only.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session
from sqlite_utils import Database as File

from backend.kit.clock import day_of
from backend.kit.crash import crashpoint
from backend.kit.database import Database
from backend.reporting import figures_applications as applications
from backend.reporting import figures_cells as cells
from backend.reporting import figures_consents as consents
from backend.reporting import figures_kpis as kpis
from backend.reporting import figures_loans as loans
from backend.reporting import figures_pools as pools
from backend.reporting import figures_strength as strength
from backend.reporting import figures_vintages as aging
from backend.reporting import figures_watch as watch
from backend.reporting.book import Book, read
from backend.reporting.columns import COLUMNS
from backend.reporting.holding import hold
from backend.reporting.model import DEFINITIONS, VERSION
from backend.reporting.reckon import Row

Progress = Callable[[str, int, int], None]
KEPT = 5
ABANDONED_SECONDS = 3600

FIGURES: dict[str, Callable[[Book], list[Row]]] = {
    "kpis": kpis.kpis,
    "needs_monthly": applications.needs_monthly,
    "applications_monthly": applications.applications_monthly,
    "banks": applications.banks,
    "products": applications.products,
    "rates": loans.rates,
    "rate_bands": loans.rate_bands,
    "declines": applications.declines,
    "book_monthly": loans.book_monthly,
    "classes": loans.classes,
    "dpd_buckets": loans.dpd_buckets,
    "vintages": aging.vintages,
    "cells": cells.cells,
    "pools": pools.pools,
    "pool_monthly": pools.pool_monthly,
    "pool_ratios": pools.pool_ratios,
    "pool_accounts": pools.pool_accounts,
    "claims": pools.claims,
    "consents_monthly": consents.consents_monthly,
    "stress": strength.stress,
    "stress_bars": strength.stress_bars,
    "stress_worlds": strength.stress_worlds,
    "honesty_bands": watch.honesty_bands,
    "honesty_findings": watch.honesty_findings,
    "warning_sweeps": watch.warning_sweeps,
    "warning_indicators": watch.warning_indicators,
    "warning_regions": watch.warning_regions,
    "card_months": watch.card_months,
    "card_groups": watch.card_groups,
    "card_alerts": watch.card_alerts,
}


def build(database: Database, folder: Path, at: datetime, progress: Progress | None = None) -> Path:
    """Build and publish the snapshot of the business day of `at`; answers the file's path.

    `progress` hears (table, done, of how many). Raises whatever reading or writing raises; what was published before stays.
    """
    day = day_of(at)
    with _one_moment(database) as session:
        tables = figures(session, day, progress)
    folder.mkdir(parents=True, exist_ok=True)
    _clear_abandoned(folder)
    aside = folder / f".building-{os.getpid()}-{time.time_ns()}.db"
    try:
        _write(aside, tables)
        sha256 = hashlib.sha256(aside.read_bytes()).hexdigest()
        path = folder / f"snapshot-{day:%Y%m%d}-{sha256[:12]}.db"
        _flush(aside)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    crashpoint("snapshot_written")
    said = {
        "file": path.name,
        "sha256": sha256,
        "day": day.isoformat(),
        "built_at": at.isoformat(timespec="seconds"),
        "definitions_version": VERSION,
    }
    aside = aside.with_suffix(".json")
    aside.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    _flush(aside)
    os.replace(aside, folder / "manifest.json")
    _flush(folder)
    _prune(folder, path)
    return path


def figures(session: Session, day: date, progress: Progress | None = None) -> dict[str, list[Row]]:
    """Every table of the snapshot as it is written: without what may not be shown (`holding.py`)."""
    return hold(*reckoned(session, day, progress))


def reckoned(session: Session, day: date, progress: Progress | None = None) -> tuple[dict[str, list[Row]], Book]:
    """Every table as it is reckoned, and the book behind it. For `figures`, and for proving the sums; never published."""
    book = read(session, day)
    tables: dict[str, list[Row]] = {"meta": _meta(day), "definitions": [each.row() for each in DEFINITIONS]}
    for number, (name, figure) in enumerate(FIGURES.items()):
        if progress is not None:
            progress(name, number, len(FIGURES))
        tables[name] = figure(book)
    if progress is not None:
        progress("done", len(FIGURES), len(FIGURES))
    return tables, book


def _meta(day: date) -> list[Row]:
    """`built_at` is the day: the moment would change the file's digest without any change of content."""
    about: dict[str, Any] = {
        "day": day.isoformat(),
        "built_at": day.isoformat(),
        "definitions_version": VERSION,
        "lpr_1y_bp": loans.lpr_bp(day),
    }
    return [{"key": key, "value": None if value is None else str(value)} for key, value in about.items()]


@contextmanager
def _one_moment(database: Database) -> Iterator[Session]:
    """A reading session in which every statement sees the same moment. SQLite's transactions do so by themselves."""
    with database.reading() as session:
        if not database.is_sqlite:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def _write(path: Path, tables: dict[str, list[Row]]) -> None:
    file = File(path)
    try:
        for name, rows in tables.items():
            file.table(name).create(COLUMNS[name])
            file.table(name).insert_all(rows)
    finally:
        file.close()


def _flush(path: Path) -> None:
    """Down to the disk, so that a power cut after the rename finds the bytes."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear_abandoned(folder: Path) -> None:
    """What a builder that died left behind; a builder at work is younger."""
    for each in folder.glob(".building-*"):
        with suppress(FileNotFoundError):
            if time.time() - each.stat().st_mtime > ABANDONED_SECONDS:
                each.unlink()


def _prune(folder: Path, newest: Path) -> None:
    """Keep the last five files, the newest among them."""
    others = [each for each in folder.glob("snapshot-*.db") if each != newest]
    for each in sorted(others, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)[KEPT - 1 :]:
        each.unlink(missing_ok=True)
