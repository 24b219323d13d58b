"""No pool runs under a scheme file whose worked example does not come out: the command names it, nothing opens or starts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.app import create_platform
from backend.cli import app
from backend.kit.database import Database
from backend.kit.policy import PolicyError
from backend.settings import load
from risk_compensation import live, scheme
from risk_compensation.play import checking
from risk_compensation.scheme import terms
from tests.risk_compensation.pools import DAY
from tests.stage import Stage

# A bank's fen too much stands in the file; everything else in it is as published.
CODE, WAS, BECOMES = (
    "shenzhen_pool",
    "bears: {fund: 80_000_000, bank: 120_000_000}",
    "bears: {fund: 80_000_000, bank: 120_000_001}",
)


def said(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["pool", "check", *words], env={"COLUMNS": "500"})
    return done.exit_code, done.output


def planted(folder: Path, code: str, was: str, becomes: str) -> Path:
    """The published files, one of them changed."""
    shutil.copytree(scheme.FOLDER, folder)
    file = folder / f"{code}.yaml"
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, becomes), encoding="utf-8")
    return folder


@pytest.fixture
def wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The platform reads its schemes from a folder in which one example does not come out."""
    folder = planted(tmp_path / "published", CODE, WAS, BECOMES)
    monkeypatch.setattr(terms, "FOLDER", folder)
    monkeypatch.setattr(checking, "FOLDER", folder)
    return folder


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(database.engine.url.render_as_string(hide_password=False), tmp_path)
    yield made
    made.close()


def test_every_published_file_comes_out() -> None:
    code, text = said()
    assert code == 0
    assert text == f"{len(scheme.codes())} scheme files: every worked example comes out\n"


@pytest.mark.parametrize(
    ("code", "was", "becomes", "named"),
    [
        (CODE, WAS, BECOMES, "comes out as"),
        ("yunnan_small_loan_insurance", "excess_fund: 53_408_000", "excess_fund: 53_408_001", "comes out as"),
        ("pingshan_2026", "fees_times_bp: 20000", "fees_times_bp: 30000", "comes out as"),
        ("guangzhou_bank_2025", "refused: [d]", "refused: []", "comes out as"),
        ("guangzhou_bank_2025", "shares: {fund: 30, bank: 70}", "shares: {fund: 31, bank: 70}", "add up to 100"),
        ("ningbo_442", "fund_net_fen: 28800000", "fund_net_fen: 28800001", "fund_net_fen is the fund's share"),
    ],
)
def test_the_command_names_file_and_line_of_what_does_not_come_out(
    tmp_path: Path, code: str, was: str, becomes: str, named: str
) -> None:
    folder = planted(tmp_path / "published", code, was, becomes)
    done, text = said("--folder", str(folder))
    assert done == 1
    line = next(each for each in text.splitlines() if each.startswith(f"{code}.yaml:"))
    assert named in line
    assert f"in 1 of {len(scheme.codes())} scheme files" in text
    if named == "comes out as":
        number = int(line.split(":")[1])
        example = (folder / f"{code}.yaml").read_text(encoding="utf-8").splitlines()[number - 1]
        assert example.lstrip().startswith("- title:"), "the line is that of the example"


def test_no_pool_is_opened_under_a_file_whose_example_does_not_come_out(stage: Stage, wrong: Path) -> None:
    body = {"code": "p", "custodian": "harbour_bank", "guarantor": ""}
    stage.guarantor_and_fund()
    status, _ = stage.people["checker"].ask("POST", "/api/fund/pools", body | {"scheme": CODE})
    assert status == 500
    stage.people["checker"].do("POST", "/api/fund/pools", body | {"scheme": "haikou_ip"})


def test_a_platform_with_a_pool_under_such_a_file_does_not_start(
    tmp_path: Path, wrong: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITBRIDGE_VAR", str(tmp_path))
    made = create_platform(load())
    with made.database.writing() as session:
        live.open_pool(session, code="p", scheme=CODE, fund="f", custodian="c", on=DAY)
    made.database.dispose()
    with pytest.raises(PolicyError, match=rf"{CODE}\.yaml:\d+: .*comes out as"):
        create_platform(load())
