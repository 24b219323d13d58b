"""Start the dashboard: the guard, and behind it Streamlit as an ASGI application, in a process of its own.

    serve(port=8501, snapshot_dir=Path("var/snapshots"), api_url="http://127.0.0.1:8000")

Nothing is loaded from elsewhere and nothing is told to anyone: usage statistics are off, the charts are drawn by Streamlit's
own files, and the guard's content policy forbids the browser any other address.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp

from dashboard import place
from dashboard.guard import Guard

SCRIPT = Path(__file__).parent / "entry" / "script.py"
OPTIONS: dict[str, Any] = {
    "browser.gatherUsageStats": False,
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.enableXsrfProtection": True,
    "server.enableStaticServing": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showSidebarNavigation": False,
    "global.developmentMode": False,
    "logger.level": "warning",
    "theme.base": "light",
    "theme.primaryColor": "#0e5a5a",
    "theme.backgroundColor": "#f5f6f2",
    "theme.secondaryBackgroundColor": "#ecefec",
    "theme.textColor": "#1c2b2e",
    "theme.linkColor": "#0e5a5a",
    "theme.borderColor": "#d9dfdb",
    "theme.baseRadius": "10px",
    "theme.font": "system-ui, -apple-system, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
    "theme.headingFont": "system-ui, -apple-system, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
}


def create(*, snapshot_dir: Path, api_url: str, transport: httpx.AsyncBaseTransport | None = None) -> ASGIApp:
    """The guarded application. `transport` replaces the guard's way to the API in tests."""
    # imported late: Streamlit takes a second, and only the process that serves it should pay
    import streamlit as st
    from streamlit.web import bootstrap

    bootstrap.load_config_options(OPTIONS)
    place.settle(snapshot_dir, api_url)
    return Guard(st.App(SCRIPT), api_url=api_url, transport=transport)


def serve(*, port: int, snapshot_dir: Path, api_url: str, host: str = "127.0.0.1") -> None:
    """Serve until SIGTERM or SIGINT; returns within a second or two of it, open browsers or not."""
    config = uvicorn.Config(
        create(snapshot_dir=snapshot_dir, api_url=api_url),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        ws="websockets-sansio",
        server_header=False,
    )
    # uvicorn raises the signal again once it has stopped; for Ctrl-C that is a KeyboardInterrupt and means: done
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run()
