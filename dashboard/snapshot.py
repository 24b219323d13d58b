"""The published snapshot: one SQLite file and the manifest that names it with its SHA-256.

The publisher writes the file, then replaces the manifest; so whoever reads the manifest first always finds a whole file. All
tables are small aggregates (a few thousand rows at most) and are read at once: a page drawn while the next snapshot arrives is
still drawn from one snapshot.

>>> Shelf(Path("/nowhere")).current()
Traceback (most recent call last):
...
dashboard.snapshot.NoSnapshot: no snapshot has been published yet; the platform publishes one every few minutes
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.kit.errors import Fault
from backend.kit.words import Words

Row = Mapping[str, Any]
TABLES = (
    "meta",
    "definitions",
    "kpis",
    "needs_monthly",
    "applications_monthly",
    "banks",
    "products",
    "rates",
    "rate_bands",
    "declines",
    "book_monthly",
    "classes",
    "dpd_buckets",
    "vintages",
    "cells",
    "pools",
    "pool_monthly",
    "pool_ratios",
    "pool_accounts",
    "claims",
    "consents_monthly",
    "stress",
    "stress_bars",
    "stress_worlds",
    "honesty_bands",
    "honesty_findings",
    "warning_sweeps",
    "warning_indicators",
    "warning_regions",
    "card_months",
    "card_groups",
    "card_alerts",
)


DIFFERS = Words(
    "快照文件与清单的摘要不符(应为 {due}，实为 {found})，已拒绝显示",
    "the snapshot file does not match its digest (expected {due}, found {found}); it is not shown",
)


class NoSnapshot(Fault):
    """Nothing published yet."""

    def __init__(self) -> None:
        super().__init__(
            Words(
                "尚未发布快照；平台每隔几分钟发布一次",
                "no snapshot has been published yet; the platform publishes one every few minutes",
            )
        )


class SnapshotBroken(Fault):
    """The manifest or the file is not what the publisher wrote. Nothing of it is shown."""


@dataclass(frozen=True)
class Snapshot:
    """One day's published figures. `digest` is the SHA-256 of the file, `tables` its rows."""

    digest: str
    day: str
    built_at: str
    definitions_version: str
    tables: Mapping[str, tuple[Row, ...]]

    def rows(self, table: str) -> tuple[Row, ...]:
        return self.tables.get(table, ())

    @property
    def short(self) -> str:
        return self.digest[:12]


@dataclass
class Shelf:
    """The folder of snapshots. Keeps the last one read; reads again when the manifest names another digest."""

    folder: Path
    _kept: Snapshot | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def current(self) -> Snapshot:
        """The snapshot the manifest names now. Raises NoSnapshot or SnapshotBroken."""
        with self._lock:
            manifest = self._manifest()
            if self._kept is None or self._kept.digest != manifest["sha256"]:
                try:
                    self._kept = read(self.folder / manifest["file"], manifest)
                except FileNotFoundError:  # an old manifest read just as the publisher cleared its file away: read it once more
                    manifest = self._manifest()
                    try:
                        self._kept = read(self.folder / manifest["file"], manifest)
                    except FileNotFoundError as error:
                        raise SnapshotBroken(
                            Words(
                                f"清单所列快照文件 {manifest['file']} 不存在",
                                f"the snapshot file {manifest['file']} named by the manifest is missing",
                            )
                        ) from error
            return self._kept

    def _manifest(self) -> dict[str, str]:
        try:
            said = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
            manifest = {key: str(said[key]) for key in ("file", "sha256", "day", "built_at", "definitions_version")}
        except FileNotFoundError as error:
            raise NoSnapshot from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SnapshotBroken(Words("快照清单无法读取", "the snapshot's manifest cannot be read")) from error
        if Path(manifest["file"]).name != manifest["file"]:
            raise SnapshotBroken(Words("快照清单指向目录之外", "the snapshot's manifest points outside its folder"))
        return manifest


def read(path: Path, manifest: Mapping[str, str]) -> Snapshot:
    """Read a file whole, refuse it unless its bytes have the manifest's digest, and take its rows."""
    body = path.read_bytes()
    found = hashlib.sha256(body).hexdigest()
    if found != manifest["sha256"]:
        said = {"due": manifest["sha256"][:12], "found": found[:12]}
        raise SnapshotBroken(DIFFERS.fill(**said))
    try:
        tables = _tables(path)
    except sqlite3.DatabaseError as error:
        raise SnapshotBroken(Words("快照文件不是数据库", "the snapshot file is not a database")) from error
    return Snapshot(found, manifest["day"], manifest["built_at"], manifest["definitions_version"], tables)


def _tables(path: Path) -> dict[str, tuple[Row, ...]]:
    # immutable: the file is never written again, so SQLite needs neither locks nor a journal beside it
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        present = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
        tables: dict[str, tuple[Row, ...]] = {}
        for name in TABLES:
            if name in present:
                query = f"select * from [{name}]"  # noqa: S608 -- the name comes from TABLES above, never from the file
                tables[name] = tuple(dict(row) for row in connection.execute(query))
        return tables
