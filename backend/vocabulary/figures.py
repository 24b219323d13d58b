"""What each figure is called (`figures.yaml`). What it counts is said where it is counted: `backend/reporting`.

>>> TITLES["need_approval_bp"].zh
'授信满足率(需求)'
"""

from __future__ import annotations

from pathlib import Path

from pydantic import RootModel

from backend.kit.policy import load
from backend.kit.words import Words


class FiguresFile(RootModel[dict[str, Words]]):
    """figures.yaml"""


TITLES: dict[str, Words] = load(Path(__file__).parent / "figures.yaml", FiguresFile).root
