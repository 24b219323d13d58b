"""The messages kept in each bank's `examples/` are read as they were when they were written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from lender_adapters import port, registry
from lender_adapters.bell_tower_bank import wire as bell
from lender_adapters.conformance.trial import Trial
from lender_adapters.dialect import Refusal, from_tree, to_tree
from lender_adapters.harbour_bank import wire as harbour
from lender_adapters.orchard_bank import wire as orchard

FOLDER = Path(registry.__file__).parent
KEY = registry.sandbox_secrets("orchard_bank").bank["file_key"]
STORY = ["Received", "Decided", "ContractSigned", "Drawn", "Repaid"]


def _example(bank: str, name: str) -> bytes:
    return (FOLDER / bank / "examples" / name).read_bytes()


def _sent(code: str) -> port.Submission:
    with Trial.sandboxed(code) as trial:
        return trial.a_submission()


def test_harbours_examples_are_read_and_written_alike() -> None:
    raw = _example("harbour_bank", "submit.json")
    sent = _sent("harbour_bank")
    assert from_tree(port.Submission, harbour.loads(raw), harbour.STYLE) == sent
    assert harbour.dumps(to_tree(sent, harbour.STYLE)) == raw
    assert from_tree(port.Receipt, harbour.loads(_example("harbour_bank", "receipt.json")), harbour.STYLE).reference == "app_1"
    assert from_tree(Refusal, harbour.loads(_example("harbour_bank", "refusal.json")), harbour.STYLE).code == "too_late"
    raw = _example("harbour_bank", "reports.json")
    reports = harbour.read_reports(raw)
    assert [type(report).__name__ for report in reports] == STORY
    assert harbour.reports(reports) == raw


def test_bell_towers_examples_are_read_and_written_alike() -> None:
    raw = _example("bell_tower_bank", "submit.xml")
    opened, sent = bell.read(raw), _sent("bell_tower_bank")
    assert from_tree(port.Submission, opened.body, bell.STYLE) == sent
    assert bell.write(opened.tran, opened.serial, to_tree(sent, bell.STYLE)) == raw
    assert bell.read(_example("bell_tower_bank", "refusal.xml")).ret == "E105"
    assert bell.read(_example("bell_tower_bank", "receipt.xml")).body["AppNo"] == "app_1"
    raw = _example("bell_tower_bank", "reports.xml")
    opened = bell.read(raw)
    reports = bell.read_reports(opened.body)
    assert [type(report).__name__ for report in reports] == STORY
    assert bell.write(opened.tran, opened.serial, bell.reports(reports), ret=opened.ret, words=opened.words) == raw


def test_orchards_examples_are_read_and_written_alike() -> None:
    raw = _example("orchard_bank", "submit.txt")
    assert orchard.read(raw, "SUBMIT_app_1.txt", KEY) == (_sent("orchard_bank"),)
    assert orchard.write("SUBMIT_app_1.txt", [_sent("orchard_bank")], KEY) == raw
    raw = _example("orchard_bank", "reports.txt")
    reports = orchard.read(raw, "20250221.txt", KEY)
    assert [type(report).__name__ for report in reports] == STORY
    assert orchard.write("20250221.txt", reports, KEY) == raw


@pytest.mark.parametrize("code", registry.lenders())
def test_every_bank_has_examples_and_a_letter_to_its_reader(code: str) -> None:
    assert len(list((FOLDER / code / "examples").iterdir())) == 4
    assert (FOLDER / code / "README.md").exists()
