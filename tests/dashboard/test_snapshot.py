"""The dashboard shows a whole published file or one clear sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.snapshot import NoSnapshot, Shelf, SnapshotBroken
from tests.dashboard import made_up


def test_a_published_snapshot_is_read_with_its_day_and_digest(tmp_path: Path) -> None:
    digest = made_up.publish(tmp_path)
    shot = Shelf(tmp_path).current()
    assert (shot.digest, shot.day, shot.short) == (digest, "2025-08-31", digest[:12])
    assert len(shot.rows("needs_monthly")) == 8
    assert shot.rows("no_such_table") == ()


def test_the_same_digest_is_read_once_and_a_new_one_replaces_it(tmp_path: Path) -> None:
    made_up.publish(tmp_path)
    shelf = Shelf(tmp_path)
    first = shelf.current()
    assert shelf.current() is first
    made_up.publish(tmp_path, day="2025-09-01")
    assert shelf.current().day == "2025-09-01"
    assert first.day == "2025-08-31"


def test_a_half_written_file_beside_the_published_one_is_never_read(tmp_path: Path) -> None:
    made_up.publish(tmp_path)
    (tmp_path / ".building-next.db").write_bytes(b"half")
    (tmp_path / "snapshot-20250901-000000000000.db").write_bytes(b"not yet named by the manifest")
    assert Shelf(tmp_path).current().day == "2025-08-31"


def test_a_file_that_differs_from_its_digest_is_refused_in_one_sentence(tmp_path: Path) -> None:
    made_up.publish(tmp_path)
    name = json.loads((tmp_path / "manifest.json").read_text())["file"]
    with (tmp_path / name).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(SnapshotBroken, match="does not match its digest") as found:
        Shelf(tmp_path).current()
    assert "摘要不符" in found.value.words.zh


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"file": "x.db"}', "cannot be read"),
        ("gone", "missing"),
        ("out", "outside"),
    ],
)
def test_a_bad_manifest_is_one_sentence(tmp_path: Path, manifest: str, sentence: str) -> None:
    made_up.publish(tmp_path)
    path = tmp_path / "manifest.json"
    if manifest in ("gone", "out"):
        said = json.loads(path.read_text())
        said["file"] = "snapshot-none.db" if manifest == "gone" else "../x.db"
        said["sha256"] = "0" * 64
        manifest = json.dumps(said)
    path.write_text(manifest)
    with pytest.raises(SnapshotBroken, match=sentence):
        Shelf(tmp_path).current()


def test_nothing_published_yet_is_said_as_such(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshot, match="no snapshot has been published yet"):
        Shelf(tmp_path).current()


def test_reading_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    made_up.publish(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    Shelf(tmp_path).current()
    assert sorted(path.name for path in tmp_path.iterdir()) == before
