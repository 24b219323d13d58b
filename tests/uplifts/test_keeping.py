"""One piece of evidence never lifts two live facilities unnoticed."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.audit.model import SYSTEM
from backend.kit.clock import SHANGHAI
from backend.kit.database import Database
from backend.parties import actions as parties
from backend.uplifts import actions, views
from backend.uplifts.model import effective, evaluate
from tests.uplifts.makers import DAY, certificate, programme

AT = datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=SHANGHAI)
UPLIFT = evaluate(programme(), [certificate(n) for n in range(3)], DAY)
EFFECT = effective(uplift=UPLIFT, base_fen=1_000_000_00, caps=[])


def another_firm(session: Session) -> str:
    return a_firm(session, uscc="91330200MA2BBBBB0Q", name="江城数据加工有限公司", login="another_owner")


def a_firm(
    session: Session, *, uscc: str = "91420100000000000U", name: str = "江城数据服务有限公司", login: str = "owner"
) -> str:
    firm, _ = parties.sign_up_firm(
        session, uscc=uscc, name=name, legal_rep="王小明", login=login,
        password_hash="nobody signs in here", person="王小明", region="420100", industry="I65", founded_on=None, at=AT,
    )  # fmt: skip
    return firm.id


def test_evidence_is_kept_with_its_facility_and_twice_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        firm = a_firm(session)
        for _ in range(2):
            assert actions.keep(session, SYSTEM, firm_id=firm, facility_id="f1", uplift=UPLIFT, effect=EFFECT, at=AT) == ()
        kept = views.of_facility(session, "f1")
        assert [row.evidence_id for row in kept] == ["certificate:0", "certificate:1", "certificate:2"]
        assert sum(row.contribution_fen for row in kept) == EFFECT.effective_fen
        assert audit.policy(session, kept[0].policy_digest) == programme().blocks[0].body


def test_a_second_live_facility_is_noticed_and_an_ended_one_is_not(database: Database) -> None:
    with database.writing() as session:
        firm = a_firm(session)
        actions.keep(session, SYSTEM, firm_id=firm, facility_id="f1", uplift=UPLIFT, effect=EFFECT, at=AT)
        twice = actions.keep(session, SYSTEM, firm_id=firm, facility_id="f2", uplift=UPLIFT, effect=EFFECT, at=AT)
        assert twice == ("certificate:0", "certificate:1", "certificate:2")
    with database.writing() as session:
        assert audit.trail(session, object_id="f2")[0].details["used_twice"] == list(twice)
        later = AT + timedelta(days=30)
        assert actions.end(session, SYSTEM, facility_id="f1", at=later) == 3
        assert actions.end(session, SYSTEM, facility_id="f1", at=later) == 0
        assert views.live_elsewhere(session, twice, facility_id="f2", day=later.date()) == ()


def test_an_uplift_that_gains_nothing_keeps_nothing(database: Database) -> None:
    with database.writing() as session:
        firm = a_firm(session)
        none = effective(uplift=UPLIFT, base_fen=1_000_000_00, caps=[("product", 1_000_000_00)])
        actions.keep(session, SYSTEM, firm_id=firm, facility_id="f1", uplift=UPLIFT, effect=none, at=AT)
        assert views.of_facility(session, "f1") == []
