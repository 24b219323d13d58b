"""The door nobody stands at: it takes due steps, keeps what the outside world answers, and makes its effect.

`phases.py` is one step from lease to effect; `threads.py` hands the steps to threads, one for each lane.
"""

from backend.worker.phases import Lease
from backend.worker.threads import Worker

__all__ = ["Lease", "Worker"]
