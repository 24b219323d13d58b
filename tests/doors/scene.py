"""What the table of rules is played on: a guaranteed loan gone bad, its claim instructed and not paid, two funds, two banks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from backend.kit.database import Base, Database
from backend.parties.tables import User
from risk_compensation.tables import Proposal
from tests.portal.visitor import Visitor
from tests.stage import Person, Stage
from tests.stories import guaranteed as road

LOSS = 33_333_300
# What a look, a sign-in or a refusal may leave: lines of the log, sessions, tries, and steps that plan themselves.
MAY_GROW = ("audit_lines", "user_sessions", "sign_in_guesses", "known_devices", "steps", "lanes", "inbox_messages")


@dataclass
class Scene:
    """The stage, its people, and what is there by name."""

    stage: Stage
    folder: Path
    names: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, Visitor] = field(default_factory=dict)

    def person(self, who: str) -> Person:
        return self.stage.operator if who == "operator" else self.stage.people[who]

    def browser(self, who: str) -> Visitor:
        """The same person with a browser, signed in; the firm's owner and the operator have their own passwords."""
        if who not in self.browsers:
            visitor = Visitor(self.stage.client.app)  # type: ignore[arg-type]  # the client holds any ASGI application
            login = self.names["login"] if who == "firm" else who
            secret = (self.folder / "var/secrets/operator_password").read_text().strip() if who == "operator" else None
            visitor.get("/sign-in").send("/sign-in", login=login, password=secret or "correct horse battery")
            assert visitor.status == 200, visitor.text
            self.browsers[who] = visitor
        return self.browsers[who]

    def filled(self, said: Any) -> Any:
        """With the scene's own names where the table leaves a place for them."""
        if isinstance(said, str):
            for name, value in self.names.items():
                said = said.replace("{" + name + "}", value)
            return said
        if isinstance(said, dict):
            return {key: self.filled(value) for key, value in said.items()}
        return [self.filled(each) for each in said] if isinstance(said, list) else said

    def kept(self) -> dict[str, Any]:
        """Every row of every table that a refused act may not touch, counted and added up."""
        return contents(self.stage.database)


def contents(database: Database) -> dict[str, Any]:
    """Each table's rows, in an order of their own."""
    found = {}
    with database.reading() as session:
        for name in sorted(Base.metadata.tables):
            if name not in MAY_GROW:
                found[name] = sorted(map(str, session.execute(text(f'SELECT * FROM "{name}"'))))  # our own tables
    return found


def made(stage: Stage, folder: Path) -> Scene:
    """From sign-up to the instructed claim."""
    stage.guarantor_and_fund()
    stage.take_part("fund", "other_fund", "另一只基金", {"maker2": "fund_maker", "checker2": "fund_checker"})
    stage.take_part("bank", "harbour_bank", "港湾银行", {"officer2": "bank_officer"})
    stage.take_part("issuer", "data_bureau", "数据局", {"issuer": "whitelist_issuer"})
    stage.take_part("regulator", "finance_office", "金融办", {"regulator": "regulator"})
    stage.open_pool(1_000_000_000)
    stage.open_pool(1_000_000, code="spare")
    stage.people["checker"].do("POST", "/api/fund/pools/spare/pause", {"paused": True, "words": "暂停观察"})
    firm, offer = road.offered(stage, amount_fen=LOSS, pays={"kind": "stops_after", "instalments": 2})
    guarantee = road.guaranteed(stage, firm, offer)
    stage.people["firm"] = firm
    stage.days(83)
    road.guarantor_pays(stage, firm)
    stage.days(23)
    status, _ = road.claim(stage, guarantee)
    assert status == 201
    road.fund_decides(stage)
    waits = {"amount_fen": 777, "receipt_no": "WAITS", "on": stage.today.isoformat()}
    proposal = stage.people["maker"].do("POST", "/api/fund/pools/ningbo/contribution", waits)
    own = stage.people["maker"].do("POST", "/api/fund/pools/ningbo/contribution", waits | {"receipt_no": "OWN"})
    with stage.database.writing() as session:  # one person with two offices, whom no door lets in
        checker = session.scalars(select(User.id).where(User.login == "checker")).one()
        session.get_one(Proposal, own["id"]).proposed_by = checker
    draw, (application,) = road.draw(firm)["draw"], stage.need(firm)["applications"]
    statement = folder / "statement.csv"
    statement.write_text("day,receipt_no,amount,balance\n2099-01-01,R1,1.00,1.00\n")
    names = {
        "guarantee": guarantee["id"],
        "guarantee_no": str(road.case(stage, firm)["guarantee_no"]),
        "proposal": proposal["id"],
        "own": own["id"],
        "draw": draw["id"],
        "draw_no": draw["draw_no"],
        "application": application["id"],
        "today": stage.today.isoformat(),
        "programme": "data_enterprises",
        "uscc": road.USCC,
        "statement": str(statement),
        "login": f"owner-{road.USCC[-6:].lower()}",
    }
    return Scene(stage, folder, names)
