"""The due-diligence file as one PDF. The same data give the same bytes: no clock is asked, no row is sorted here.

Set by typst with the Noto CJK font of the wheel `noto-cjk-sans-otc`, found through `font_paths`, never by what a machine has.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from backend.loans.duty import DutyFile

TEMPLATE = Path(__file__).parent / "duty.typ"


def pdf(file: DutyFile) -> bytes:
    """The bytes of the PDF."""
    return compiled(file, "pdf")[0]


def png(file: DutyFile) -> list[bytes]:
    """Its pages as pictures, for whoever wants to look."""
    return compiled(file, "png")


def compiled(file: DutyFile, form: Literal["pdf", "png"]) -> list[bytes]:
    """What typst makes of it: one PDF, or one picture a page."""
    import noto_cjk_sans_otc  # type: ignore[import-untyped]  # the wheel only carries a font
    import typst

    made: object = typst.compile(  # type: ignore[misc]  # its stub leaves the input's type open
        TEMPLATE.read_bytes(),
        format=form,
        ppi=80,
        font_paths=[str(Path(noto_cjk_sans_otc.__file__).parent)],
        ignore_system_fonts=True,
        sys_inputs={"file": json.dumps(file.as_dict(), ensure_ascii=False)},
    )
    return [bytes(each) for each in made] if isinstance(made, list) else [made]  # type: ignore[list-item]  # bytes else
