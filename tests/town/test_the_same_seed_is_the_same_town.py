"""The town is played twice, the second time with doors that open late: its summary and each bank's book are the same."""

from __future__ import annotations

import random
import socket
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from backend.town import records
from backend.town.city import build
from backend.town.plans import FIRST_DAY
from backend.town.play import Play
from backend.town.reckoning import reckon
from backend.town.servers import BANKS, PORTS, Servers

SEED, FIRMS, UNTIL = 20250148, 40, date(2025, 3, 24)
SLOWEST = 0.03


class SlowDoor:
    """In front of a server: hands on what comes in after a while, each time another while."""

    def __init__(self, port: int, dice: random.Random) -> None:
        self.target, self.dice = port, dice
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listening.getsockname()[1])
        threading.Thread(target=self._open, daemon=True).start()

    def _open(self) -> None:
        while True:
            try:
                caller, _ = self.listening.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
            except ConnectionRefusedError:
                caller.close()  # nobody is in yet
                continue
            except OSError:
                return
            for one, other, late in ((caller, server, True), (server, caller, False)):
                other.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._hand_on, args=(one, other, late), daemon=True).start()

    def _hand_on(self, one: socket.socket, other: socket.socket, late: bool) -> None:
        try:
            while part := one.recv(65_536):
                if late:
                    time.sleep(self.dice.uniform(0, SLOWEST))
                other.sendall(part)
        except OSError:
            pass
        finally:
            # Whoever hangs up on one side has hung up on the other.
            for end in (one, other):
                end.close()

    def close(self) -> None:
        self.listening.close()


@dataclass
class SlowServers(Servers):
    """The same servers, each spoken to through a slow door: by the town, by the platform, by the banks."""

    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def __post_init__(self) -> None:
        super().__post_init__()
        self.doors = {name: SlowDoor(port, self.dice) for name, port in self.ports.items()}

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.doors[name].port}"

    def stop(self) -> None:
        super().stop()
        for door in self.doors.values():
            door.close()


def any_ports() -> dict[str, int]:
    """Ports that nobody else in this test run asks for."""
    with ExitStack() as held:
        doors = {name: held.enter_context(socket.create_server(("127.0.0.1", 0))) for name in PORTS}
        return {name: int(door.getsockname()[1]) for name, door in doors.items()}


def played(servers: Servers, folder: Path) -> tuple[dict[str, str], dict[str, list[dict[str, Any]]], int]:
    """One play: the summary, each bank's book as far as a town can know it, and what is unexplained between the two."""
    try:
        servers.start_banks()
        servers.start_platform()
        town = build(seed=SEED, size=FIRMS)
        records.write(town, folder / "departments.db", until=UNTIL)
        servers.wait()
        play = Play(town, servers, lambda day: None, last_day=UNTIL)
        play.run()
        found = reckon(play)
        books = {bank: play.banks[bank].ask("GET", "/_sandbox/book").body["draws"] for bank in BANKS}
        play.close()
    finally:
        servers.stop()
    # An application's id is drawn anew in every play; all else in a book is the town's.
    for draw in (each for bank in BANKS for each in books[bank]):
        del draw["reference"]
    return dict(found.rows), books, found.unexplained_fen


def test_the_same_seed_under_other_delays_gives_the_same_figures(tmp_path: Path) -> None:
    plays = []
    for name, kind in (("prompt", Servers), ("slow", SlowServers)):
        folder = tmp_path / name
        folder.mkdir()
        plays.append(played(kind(folder, FIRST_DAY, ports=any_ports()), folder))
    (summary, books, unexplained), (again, books_again, unexplained_again) = plays
    assert summary == again
    assert books == books_again
    assert all(books[bank] for bank in BANKS), "a play in which nobody draws says nothing"
    assert unexplained == unexplained_again == 0
