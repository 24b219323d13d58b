"""What every source leaves: one row for each firm or loan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Telling = Callable[[str, int, int | None], None]
Counts = npt.NDArray[np.int64]
UNKNOWN = -1


@dataclass(frozen=True)
class Table:
    """`keys` name the rows for people and are no fact; `bad` is 1, 0 or UNKNOWN; `group` is the part or the year of approval."""

    keys: tuple[str, ...]
    values: tuple[Mapping[str, Any], ...]
    on: tuple[date, ...]
    bad: Counts
    group: Counts
    weight: npt.NDArray[np.float64] | None
    digest: str
