"""Every page in both languages, drawn as Streamlit draws it: no exception, no raw code, the snapshot named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import place
from dashboard.app import SCRIPT
from dashboard.drilldown import ask
from tests.dashboard import made_up

PAGES = ("overview", "approvals", "defaults", "pool", "monitoring")
RAW = (
    "_fen",
    "_bp",
    "harbour_bank",
    "city_pool",
    "hubei_shuyidai",
    "sole_trader",
    "false_alarm",
    "_ratio",
    "substandard_",
    "None",
    "nan",
    "Traceback",
    "KeyError",
    "{n}",
    "{value}",
)


def page(code: str, language: str) -> AppTest:
    """One page without the frame around it."""
    run = AppTest.from_string(f"from dashboard.frame import show\nshow({code!r})", default_timeout=20)
    run.session_state["lang"] = language
    return run.run()


def text(run: AppTest) -> str:
    kinds = [run.html, run.markdown, run.text_input]
    said = [str(getattr(each, "body", "") or getattr(each, "value", "") or "") for kind in kinds for each in kind]
    labels = [str(option) for box in run.selectbox for option in box.options]
    return "\n".join([*said, *labels])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", PAGES)
def test_a_page_is_drawn_in_words_with_its_snapshot_named(tmp_path: Path, code: str, language: str) -> None:
    digest = made_up.publish(tmp_path)
    place.settle(tmp_path, "http://api.test")
    run = page(code, language)
    said = text(run)
    assert not run.exception
    assert digest[:12] in said
    assert "2025-08-31" in said
    assert [raw for raw in RAW if raw in said] == []


@pytest.mark.parametrize("code", PAGES)
def test_a_snapshot_without_rows_explains_each_empty_place(tmp_path: Path, code: str) -> None:
    made_up.publish(tmp_path, {name: [] for name in made_up.tables()})
    place.settle(tmp_path, "http://api.test")
    run = page(code, "en")
    assert not run.exception
    assert "yet" in text(run)


@pytest.mark.parametrize(("language", "old", "now"), [("zh", "旧名", "授信满足率(需求)"), ("en", "former name", "need approval")])
def test_an_older_snapshot_is_read_under_the_names_it_was_published_with(
    tmp_path: Path, language: str, old: str, now: str
) -> None:
    place.settle(tmp_path, "http://api.test")
    content = made_up.tables()
    made_up.publish(tmp_path, content)
    assert now in text(page("overview", language))
    for row in content["definitions"]:
        if row["code"] == "need_approval_bp":
            row |= {"title_zh": "旧名", "title_en": "former name"}
    made_up.publish(tmp_path, content)
    said = text(page("overview", language))
    assert old in said
    assert now not in said


def test_figures_of_a_snapshot_without_definitions_are_named_all_the_same(tmp_path: Path) -> None:
    made_up.publish(tmp_path, made_up.tables() | {"definitions": []})
    place.settle(tmp_path, "http://api.test")
    assert "need approval" in text(page("overview", "en"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_whole_frame_is_drawn_with_its_four_pages(tmp_path: Path, language: str) -> None:
    made_up.publish(tmp_path)
    place.settle(tmp_path, "http://api.test")
    run = AppTest.from_file(str(SCRIPT), default_timeout=20)
    run.query_params["lang"] = language
    run.run()
    assert not run.exception
    assert ("Overview" if language == "en" else "概览") in text(run)


@pytest.mark.parametrize(("language", "sentence"), [("zh", "摘要不符"), ("en", "does not match its digest")])
def test_a_tampered_snapshot_is_one_clear_sentence_and_no_figure(tmp_path: Path, language: str, sentence: str) -> None:
    made_up.publish(tmp_path)
    name = json.loads((tmp_path / "manifest.json").read_text())["file"]
    (tmp_path / name).write_bytes(b"something else")
    place.settle(tmp_path, "http://api.test")
    run = page("overview", language)
    assert not run.exception
    assert sentence in text(run)
    assert "cb-kpi" not in text(run)


def test_small_groups_are_said_and_not_shown(tmp_path: Path) -> None:
    made_up.publish(tmp_path)
    place.settle(tmp_path, "http://api.test")
    said = text(page("overview", "en"))
    assert "1 more groups have fewer than five firms" in said
    assert "not published: Chun" in said, "the group is named, its figures are not"


@pytest.mark.parametrize("every", [True, False])
def test_what_few_firms_stand_behind_is_said_to_be_so_and_not_shown_as_nought(tmp_path: Path, every: bool) -> None:
    content = made_up.tables()
    for table, names in {
        "rates": ("amount_fen", "weighted_rate_bp", "weighted_all_in_bp", "all_in_fen", "lpr_bp"),
        "vintages": ("drawn_fen", "ever30_fen", "ever90_fen"),
        "rate_bands": ("amount_fen",),
        "applications_monthly": ("p50_days", "p90_days"),
        "banks": ("p50_days", "p90_days", "drawn_fen", "weighted_rate_bp", "weighted_all_in_bp"),
        "products": ("drawn_fen",),
        "book_monthly": ("drawn_fen", "repaid_fen", "outstanding_fen", "overdue_fen"),
        "classes": ("outstanding_fen",),
        "dpd_buckets": ("outstanding_fen",),
        "pool_monthly": ("registered_fen", "released_fen"),
        "kpis": ("value",),
    }.items():
        for row in content[table] if every else content[table][:1]:
            row.update(dict.fromkeys(names))
    for row in content["vintages"]:
        if row["cohort"] == "2025-01":
            row.update(dict.fromkeys(("drawn_fen", "ever30_fen", "ever90_fen")))
    made_up.publish(tmp_path, content)
    place.settle(tmp_path, "http://api.test")
    for code in PAGES:
        run = page(code, "en")
        assert not run.exception
        if every:
            assert "held back" in text(run) or code in ("pool", "monitoring")
        assert [raw for raw in RAW if raw in text(run)] == []


def test_the_gauge_says_when_the_breaker_does_not_act(tmp_path: Path) -> None:
    content = made_up.tables()
    content["pools"][0]["state"] = "warn"
    made_up.publish(tmp_path, content)
    place.settle(tmp_path, "http://api.test")
    said = text(page("pool", "en"))
    assert "12 loans entered in the window; below 20 the breaker does not act" in said
    assert 'cb-state warn">warned' in said


def test_an_unbalanced_book_is_said_loudly(tmp_path: Path) -> None:
    content = made_up.tables()
    content["pool_accounts"][0]["balance_fen"] += made_up.WAN
    made_up.publish(tmp_path, content)
    place.settle(tmp_path, "http://api.test")
    assert "differ by 1.00 万元" in text(page("pool", "en"))


def test_what_a_bank_wrote_is_shown_and_never_interpreted(tmp_path: Path) -> None:
    content = made_up.tables()
    content["declines"] = [{"reason": "<img src=x onerror=alert(1)>", "n": 7}]
    made_up.publish(tmp_path, content)
    place.settle(tmp_path, "http://api.test")
    assert "&lt;img src=x" in text(page("approvals", "en"))


class FakeDrill:
    """The API's drill-down: rows for a good purpose, a sentence otherwise."""

    def __init__(self, status: int = 200, body: Any = None) -> None:
        self.status, self.body = status, body
        self.heard: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.heard.append({"path": request.url.path, "auth": request.headers["authorization"], **json.loads(request.content)})
        return httpx.Response(self.status, json=self.body)


def drilled(tmp_path: Path, api: FakeDrill, purpose: str, language: str = "en") -> str:
    made_up.publish(tmp_path)
    place.settle(tmp_path, "http://api.test", httpx.MockTransport(api))
    run = page("approvals", language)
    run.text_input[0].set_value(purpose)
    run.button[0].click()
    run.run()
    assert not run.exception
    return text(run)


def test_rows_behind_a_figure_are_asked_for_with_the_purpose_and_shown_in_words(tmp_path: Path) -> None:
    api = FakeDrill(
        body={
            "columns": ["application", "bank", "amount_fen", "state"],
            "words": {"zh": "已记录", "en": "logged"},
            "rows": [{"application": "A1", "bank": "harbour_bank", "amount_fen": 123456, "state": "approved"}],
        }
    )
    said = drilled(tmp_path, api, "sample of small loans")
    assert "1,234.56" in said
    assert "Harbour Bank" in said
    assert "logged" in said
    assert [(each["path"], each["figure"], each["cell"], each["purpose"]) for each in api.heard] == [
        ("/api/regulator/drilldown", "applications", {"bank": "harbour_bank"}, "sample of small loans")
    ]


def test_a_refusal_is_shown_as_its_sentence(tmp_path: Path) -> None:
    api = FakeDrill(403, {"words": {"zh": "该分组不足五家企业", "en": "fewer than five firms"}})
    assert "该分组不足五家企业" in drilled(tmp_path, api, "抽查小微贷款", "zh")


def test_without_a_purpose_the_api_is_not_even_asked(tmp_path: Path) -> None:
    api = FakeDrill()
    assert "Please state a purpose" in drilled(tmp_path, api, "  ")
    assert api.heard == []


def test_a_garbled_answer_and_an_api_that_is_away_are_sentences(tmp_path: Path) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    garbled = place.settle(tmp_path, "http://api.test", httpx.MockTransport(lambda _: httpx.Response(200, text="<html>")))
    absent = place.settle(tmp_path, "http://api.test", httpx.MockTransport(away))
    for at, sentence in ((garbled, "could not be read"), (absent, "does not answer")):
        found = ask(at, "token", figure="draws", cell={}, purpose="a sample check")
        assert found.words is not None
        assert sentence in found.words.en


def test_the_script_has_no_folder_of_pages_beside_it() -> None:
    """Streamlit would take it for its own kind of pages, and a link to a page opened first would stay blank."""
    assert not (SCRIPT.parent / "pages").exists()
