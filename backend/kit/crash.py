"""Named places where the power may go. In production each is a no-op; a test sets CREDITBRIDGE_CRASH_AT=name or name:3.

The process kills itself with SIGKILL at the n-th visit: no handler, no clean-up, as a power cut would.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

_visits: Counter[str] = Counter()
_PLAN = os.environ.get("CREDITBRIDGE_CRASH_AT", "")


def crashpoint(name: str) -> None:
    """Die here if the environment asks for it."""
    if not _PLAN:
        return
    wanted, _, nth = _PLAN.partition(":")
    if wanted == name:
        _visits[name] += 1
        if _visits[name] == int(nth or 1):
            os.kill(os.getpid(), signal.SIGKILL)
