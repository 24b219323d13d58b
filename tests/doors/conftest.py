"""The doors are tried on a whole platform, with one person in each role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.kit.database import Database
from tests.stage import Person, Stage


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(database.engine.url.render_as_string(hide_password=False), tmp_path)
    yield made
    made.close()


@pytest.fixture
def everybody(stage: Stage) -> dict[str, Person]:
    """One person in each role, and a bank's system with its credentials."""
    stage.guarantor_and_fund()
    stage.take_part("issuer", "economy_office", "经信局", {"issuer": "whitelist_issuer"})
    stage.take_part("regulator", "finance_office", "金融办", {"regulator": "regulator"})
    by_login = {"guarantor": "guarantor_officer", "maker": "fund_maker", "checker": "fund_checker", "officer": "bank_officer"}
    by_login |= {"issuer": "whitelist_issuer", "regulator": "regulator"}
    people = {role: stage.people[login] for login, role in by_login.items()}
    others = {"operator": stage.operator, "firm_owner": stage.firm(), "bank_system": stage.system("orchard_bank")}
    return people | others
