"""The legal representative signs, or an agent within a live power of attorney; a person signs for themself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from backend.audit import views as audit
from backend.audit.model import Actor
from backend.consents import actions, powers, views
from backend.consents.model import Signer
from backend.kit.database import Database
from backend.kit.errors import Invalid, Refused
from backend.parties.tables import Firm
from backend.vocabulary.facts import item_titles
from tests.consents.helpers import AT, OWNER, PORT, YEAR, a_bank, a_draft, a_firm

DAY = timedelta(days=1)


def test_only_the_registered_legal_representative_signs_as_such(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        consent = a_draft(session, owner, firm)
    with pytest.raises(Refused) as refusal, database.writing() as session:
        actions.sign(session, owner, consent.id, signer=Signer("路人", "legal_representative"), port=PORT, at=AT)
    assert refusal.value.code == "signer"
    with database.reading() as session:
        assert audit.trail(session, object_id=consent.id)[0].action == "consent.signing_refused"


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ({}, None),
        ({"at": AT - 2 * DAY}, "not in force"),
        ({"at": AT + 30 * DAY}, "not in force"),
        ({"items": ["TAX04"]}, "does not cover"),
        ({"agent": "别人"}, "no power of attorney"),
        ({"power_id": None}, "no power of attorney"),
        ({"power_id": "power_of_nobody"}, "no power of attorney"),
    ],
    ids=["within", "before", "after by a moment", "an item missing", "another agent", "no power", "unknown power"],
)
def test_an_agent_signs_only_within_a_live_power(database: Database, case: dict[str, object], says: str | None) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        power = powers.store(
            session,
            owner,
            firm_id=firm.id,
            agent_name="李代理",
            items=case.get("items", ["TAX03", "TAX04"]),  # type: ignore[arg-type]  # a table of named differences
            valid_from=AT - DAY,
            valid_to=AT + 30 * DAY,
            document=b"scan of the paper",
            titles=item_titles(),
            at=AT - DAY,
        )
        consent = a_draft(session, owner, firm)
    signer = Signer("李代理" if "agent" not in case else str(case["agent"]), "agent", case.get("power_id", power.id))  # type: ignore[arg-type]  # as above
    at = case.get("at", AT)
    with database.writing() as session:
        if says is None:
            done = actions.sign(session, owner, consent.id, signer=signer, port=PORT, at=at)  # type: ignore[arg-type]  # as above
            assert (done.state, done.capacity, done.power_id) == ("signed", "agent", power.id)
            return
        with pytest.raises(Refused, match=says):
            actions.sign(session, owner, consent.id, signer=signer, port=PORT, at=at)  # type: ignore[arg-type]  # as above


def test_the_powers_of_a_firm_are_its_own_newest_first_and_the_same_paper_is_kept_once(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        other, its_owner = a_firm(session, "91330200000000019B", "东港陶瓷有限公司")

        def stored(actor: Actor, of: Firm, agent: str, until: datetime = AT + YEAR, paper: bytes = b"paper") -> str:
            terms = {"items": ["TAX04"], "valid_from": AT, "valid_to": until, "titles": item_titles(), "at": AT}
            return powers.store(session, actor, firm_id=of.id, agent_name=agent, document=paper, **terms).id  # type: ignore[arg-type]  # common terms

        first = stored(owner, firm, "李代理")
        assert stored(owner, firm, " 李代理 ") == first
        others = [
            stored(owner, firm, "周代理"),
            stored(owner, firm, "李代理", AT + 2 * YEAR),
            stored(owner, firm, "李代理", paper=b"another scan"),
        ]
        stored(its_owner, other, "李代理")
        assert [power.id for power in views.powers(session, firm.id)] == [*others[::-1], first]


def test_another_firms_power_is_no_power(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        other, its_owner = a_firm(session, "91330200000000019B", "东港陶瓷有限公司")
        power = powers.store(
            session,
            its_owner,
            firm_id=other.id,
            agent_name="李代理",
            items=["TAX03", "TAX04"],
            valid_from=AT,
            valid_to=AT + YEAR,
            document=b"paper",
            titles=item_titles(),
            at=AT,
        )
        consent = a_draft(session, owner, firm)
        with pytest.raises(Refused, match="no power of attorney"):
            actions.sign(session, owner, consent.id, signer=Signer("李代理", "agent", power.id), port=PORT, at=AT)


def test_personal_information_is_authorised_by_the_person_alone(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        consent = a_draft(session, owner, firm, kind="person", subject_person="赵股东")
        with pytest.raises(Refused, match="by the person only"):
            actions.sign(session, owner, consent.id, signer=OWNER, port=PORT, at=AT)
        done = actions.sign(session, owner, consent.id, signer=Signer("赵股东", "person"), port=PORT, at=AT)
        assert done.state == "signed"


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"kind": "everything"}, "kind"),
        ({"kind": "imported"}, "kind"),
        ({"purpose": "marketing"}, "purpose"),
        ({"items": []}, "items"),
        ({"items": ["TAX04", "TAX04"]}, "items"),
        ({"recipients": []}, "recipients"),
        ({"kind": "person"}, "subject_person"),
        ({"valid_to": AT}, "valid_to"),
        ({"valid_to": AT + 2 * YEAR}, "valid_to"),
        ({"valid_from": AT.replace(tzinfo=None)}, "valid_from"),
    ],
)
def test_a_consent_says_everything_or_is_not_written(database: Database, said: dict[str, object], place: str) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        with pytest.raises(Invalid) as wrong:
            a_draft(session, owner, firm, **said)
        assert wrong.value.place == place


def test_a_guarantor_is_no_recipient(database: Database) -> None:
    from backend.parties import actions as parties

    with database.writing() as session:
        firm, owner = a_firm(session)
        parties.add_party(session, kind="guarantor", code="river_guarantee", name="江河担保")
        with pytest.raises(Invalid, match="the platform or a bank"):
            a_draft(session, owner, firm, recipients=["river_guarantee"])


def test_a_revoked_draft_cannot_be_signed(database: Database) -> None:
    from backend.kit.errors import Conflict

    with database.writing() as session:
        a_bank(session)
        firm, owner = a_firm(session)
        consent = a_draft(session, owner, firm)
        actions.revoke(session, owner, consent.id, at=AT)
        with pytest.raises(Conflict):
            actions.sign(session, owner, consent.id, signer=OWNER, port=PORT, at=AT)
