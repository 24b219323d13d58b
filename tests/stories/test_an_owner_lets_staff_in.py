"""The owner lets someone of the firm in; they look and work, and let nobody else in."""

from tests.stage import PASSWORD, Stage

USCC = "91420100000000000U"


def test_an_owner_lets_staff_in(stage: Stage) -> None:
    owner = stage.firm(USCC)
    owner.do("POST", "/api/me/staff", {"login": "clerk", "password": PASSWORD, "name": "小王"})
    clerk = stage.sign_in("clerk")
    assert clerk.do("GET", "/api/session")["role"] == "firm_staff"
    assert clerk.do("GET", "/api/me/needs") == []
    assert clerk.ask("POST", "/api/me/staff", {"login": "other", "password": PASSWORD, "name": "小李"})[0] == 404
    readers = [line["action"] for line in owner.do("GET", "/api/me/readers")]
    assert "firm.staff_added" in readers
