"""The frame around the pages: brand, language, the way between pages, which snapshot, and what is said when there is none."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path

import streamlit as st

from backend.kit.errors import Fault
from dashboard import words
from dashboard.furniture import View, html, stamp
from dashboard.guard import COOKIE
from dashboard.pages import approvals, defaults, monitoring, overview, pool
from dashboard.place import here
from dashboard.snapshot import NoSnapshot, Snapshot

STYLE = Path(__file__).with_name("style.css")
# a file of ours: a named icon would be fetched from elsewhere
MARK = Path(__file__).with_name("mark.svg")
DRAW: dict[str, Callable[[View], None]] = {
    "overview": overview.draw,
    "approvals": approvals.draw,
    "defaults": defaults.draw,
    "pool": pool.draw,
    "monitoring": monitoring.draw,
}


def run() -> None:
    """Draw the page the reader is on."""
    st.set_page_config(page_title=words.TITLE.zh, page_icon=str(MARK), layout="wide", initial_sidebar_state="collapsed")
    st.html(f"<style>{STYLE.read_text(encoding='utf-8')}</style>")
    language = _language()
    pages = {
        code: st.Page(
            partial(show, code),
            title=f"{name.say(language)} · {words.TITLE.say(language)}",
            url_path=code,
            default=code == "overview",
        )
        for code, name in words.PAGES.items()
    }
    chosen = st.navigation(list(pages.values()), position="hidden")
    with st.container(key="nav", horizontal=True, gap="small"):
        for code, page in pages.items():
            here_now = page.url_path == chosen.url_path
            with st.container(key=f"here-{code}" if here_now else f"there-{code}", width="content"):
                st.page_link(page, label=words.PAGES[code].say(language), query_params={"lang": language})
    chosen.run()


def _language() -> str:
    """Brand at the left, language at the right; the choice lives in the address, so a link can be sent."""
    if "lang" not in st.session_state:
        st.session_state["lang"] = "en" if st.query_params.get("lang") == "en" else "zh"
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        subtitle = words.SUBTITLE.say(st.session_state["lang"])
        brand = f'<div class="cb-brand"><i></i><span>信桥 CreditBridge</span><small>{subtitle}</small></div>'
        st.html(brand, width="content")
        names = {"zh": "中文", "en": "English"}
        picked = st.segmented_control(
            words.LANGUAGE.say(st.session_state["lang"]),
            list(names),
            format_func=lambda code: names[code],
            key="lang",
            required=True,
            label_visibility="collapsed",
        )
    language = "en" if picked == "en" else "zh"
    if st.query_params.get("lang") != language:
        st.query_params["lang"] = language
    return language


def show(code: str) -> None:
    """One page, or one clear sentence."""
    language = "en" if st.session_state.get("lang") == "en" else "zh"
    place = here()
    try:
        snapshot = place.shelf.current()
    except Fault as fault:
        _without(code, language, fault)
        return
    view = View(snapshot, language, place, st.context.cookies.get(COOKIE, ""))
    html(
        view,
        f'<div class="cb-head"><h1>{view.say(words.PAGES[code])}</h1><p>{view.say(words.LEADS[code])}</p>{stamp(view)}</div>',
    )
    DRAW[code](view)
    html(view, f'<div class="cb-foot">{escape(view.say(words.UNIT_NOTE))}</div>')


def _without(code: str, language: str, fault: Fault) -> None:
    view = View(Snapshot("", "", "", "", {}), language, here(), "")
    head = words.NO_SNAPSHOT if isinstance(fault, NoSnapshot) else words.BROKEN
    tell = "" if isinstance(fault, NoSnapshot) else f"<p>{escape(view.say(words.TELL))}</p>"
    said = f'<div class="cb-empty"><b>{view.say(head)}</b><p>{escape(view.say(fault.words))}</p>{tell}</div>'
    html(view, f'<div class="cb-head"><h1>{view.say(words.PAGES[code])}</h1></div>{said}<div class="cb-foot"></div>')
