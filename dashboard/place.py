"""Where the dashboard finds its snapshot and the API: set once by whoever starts it, read by the pages.

Streamlit runs the pages as a script, to which nothing can be handed; this is the one thing kept for the whole process.

>>> from pathlib import Path
>>> settle(Path("var/snapshots"), "http://127.0.0.1:8000/").api_url
'http://127.0.0.1:8000'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import httpx

from dashboard.snapshot import Shelf


@dataclass(frozen=True, slots=True)
class Place:
    """The snapshot's shelf, the API's address, and for tests the transport that replaces the network."""

    shelf: Shelf
    api_url: str
    transport: httpx.BaseTransport | None = field(default=None)


_settled: list[Place] = []


def settle(snapshot_dir: Path, api_url: str, transport: httpx.BaseTransport | None = None) -> Place:
    """Say where things are; the last word counts."""
    place = Place(Shelf(snapshot_dir), api_url.rstrip("/"), transport)
    _settled[:] = [place]
    return place


def here() -> Place:
    """The place; started without one is a programmer's mistake."""
    if not _settled:
        raise RuntimeError("start the dashboard with dashboard.app.serve, or call dashboard.place.settle first")
    return _settled[0]
