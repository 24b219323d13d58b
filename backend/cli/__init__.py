"""The `creditbridge` command. Errors are one clear sentence and a non-zero exit, never a traceback."""

from __future__ import annotations

import sys

import typer

from backend.cli import looking, many, planning, pools, ruling, scoring, serving, stepping, training, uplift, walking, watching
from backend.cli.common import errors
from backend.kit.errors import CreditBridgeError, Invalid, Misconfigured

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="CreditBridge 信桥: finance for small firms.", rich_markup_mode=None
)
app.add_typer(serving.app)
app.add_typer(stepping.app)
app.add_typer(many.app)
app.add_typer(ruling.app)
app.add_typer(many.importing, name="import")
app.add_typer(looking.products_app, name="products")
app.add_typer(pools.pool_app, name="pool")
looking.score_app.add_typer(scoring.app)
looking.score_app.add_typer(training.app)
looking.score_app.add_typer(watching.app)
app.add_typer(looking.score_app, name="score")
looking.audit_app.add_typer(walking.app)
app.add_typer(looking.audit_app, name="audit")
app.add_typer(uplift.uplift_app, name="uplift")
app.add_typer(planning.plan_app, name="plan")


def main() -> None:
    """The entry point: one clear sentence for whatever goes wrong."""
    try:
        code = app(standalone_mode=False)
    except CreditBridgeError as error:
        place = f"{error.place}: " if isinstance(error, Invalid) else ""
        errors.print(f"creditbridge: {place}{error.words.en}", style="red", highlight=False)
        sys.exit(2 if isinstance(error, (Invalid, Misconfigured)) else 1)
    except typer.Exit as leave:
        sys.exit(leave.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        # typer's usage errors carry their own sentence; anything else is named, not traced.
        show = getattr(error, "format_message", None)
        errors.print(f"creditbridge: {show() if show else f'{type(error).__name__}: {error}'}", style="red", highlight=False)
        sys.exit(2 if show else 1)
    if isinstance(code, int) and code:
        # without its standalone mode the library answers a command's exit code instead of leaving with it
        sys.exit(code)
