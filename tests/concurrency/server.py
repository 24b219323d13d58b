"""Servers in processes of their own: `python -m tests.concurrency.server`, told over its standard input, a line of JSON each.

`{"do": "begin", …}` does once what a start needs; `{"do": "serve", …}` forks a real uvicorn with the real application and answers
its port; `{"do": "work", …}` forks a worker that does whatever is due; `{"do": "stop", "pid": …}` ends a server. The parent
imports everything once and keeps no connection, so that a server costs little more than a second.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from backend.doors import Platform
from backend.settings import Settings
from tests.concurrency import pauses, taken_away

PRODUCTS = (Path(__file__).parent / "products", Path(__file__).parents[1] / "stories" / "products")


def house(order: dict[str, Any]) -> tuple[Platform, Settings]:
    """The real platform, with the products of the plays beside its own; changes wait their seeded moment."""
    from backend.app import create_platform
    from products.catalogue import Catalogue, load

    settings = Settings.model_validate(order["settings"])
    made = create_platform(settings)
    for folder in PRODUCTS:
        more = load(folder)
        made.catalogue = Catalogue(made.catalogue.products + more.products, made.catalogue.terms + more.terms)
    pauses.install(made.database.engine)
    taken_away.install(made.database.engine, order.get("removals", []), Path(order["said"]))
    return made, settings


def serve(order: dict[str, Any]) -> None:
    """In the forked process: serve until ended."""
    import uvicorn

    from backend.app import create_app

    made, _ = house(order)
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", 0))
    app = pauses.Paused(create_app(made, work=bool(order.get("work"))))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, backlog=128))

    def ready() -> None:
        while not server.started:
            time.sleep(0.01)
        partly = Path(order["ready"] + ".partly")
        partly.write_text(str(listening.getsockname()[1]))
        partly.rename(order["ready"])

    threading.Thread(target=ready, daemon=True).start()
    server.run(sockets=[listening])


def begin(order: dict[str, Any]) -> None:
    """What a start needs once: banks as parties, the first day, the operator."""
    from backend.app import begin as first

    made, settings = house(order)
    first(made, settings)


def work(order: dict[str, Any]) -> None:
    """Do whatever is due, once, and end."""
    made, _ = house(order)
    made.worker.run_all()


DEEDS = {"serve": serve, "begin": begin, "work": work}


def fork(order: dict[str, Any]) -> int:
    """A child for this order; what it prints goes into the file `said`."""
    child = os.fork()
    if child:
        return child
    try:
        said = os.open(order["said"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os.close(0)
        parent = os.getppid()
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        DEEDS[order["do"]](order)
    except BaseException:
        traceback.print_exc()
        if "ready" in order:
            Path(order["ready"] + ".dead").touch()
        os._exit(1)
    os._exit(0)


def _end_with(parent: int) -> None:
    """A server whose tests are gone goes too."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


def main() -> None:
    import uvicorn  # noqa: F401  # imported once, for all children

    import backend.app  # noqa: F401  # the same
    from products import catalogue

    catalogue.load()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "stop":
            os.kill(order["pid"], signal.SIGKILL if order.get("hard") else signal.SIGTERM)
            os.waitpid(order["pid"], 0)
            answer: dict[str, Any] = {}
        elif order["do"] == "serve":
            answer = {"pid": fork(order)}
        else:
            _, status = os.waitpid(fork(order), 0)
            answer = {"status": status}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
