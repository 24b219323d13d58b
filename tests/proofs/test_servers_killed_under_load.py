"""The whole server dies by SIGKILL under load, again and again, and PostgreSQL itself as by a power cut. Seeded.

On SQLite the worker lives inside the server; on PostgreSQL it is a process of its own and dies with it. Half of the deaths strike
at a moment drawn by chance, half at a crash point of the worker. Meanwhile owners of firms sign up, authorise, apply, withdraw or
accept through the JSON doors, business days pass, and three banks behind sockets keep books of their own. Counted afterwards, at
those books and at the doors: what was acknowledged is there, nothing is there twice. `make proofs` kills a hundred times on each
make and restarts PostgreSQL ten times; two planted faults must be caught.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles

import pytest

from backend.kit.database import Database
from backend.migrate import migrate
from tests import postgres
from tests.proofs.city import POINTS, City, Count, a_city
from tests.server_process import ServerProcess


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    made = ServerProcess(tmp_path_factory.mktemp("servers") / "log")
    yield made
    made.close()


@contextmanager
def a_postgres() -> Iterator[tuple[postgres.Cluster, str]]:
    """A cluster of our own and a migrated database in it."""
    with ExitStack() as open_while:
        cluster = open_while.enter_context(postgres.own_cluster(durable=True))
        url = open_while.enter_context(postgres.fresh_database(cluster.url, "creditbridge_killed_test"))
        database = Database(url)
        migrate(database)
        database.dispose()
        yield cluster, url


def seconds(taken: list[float]) -> str:
    """Median and the ninety-ninth of a hundred."""
    p99 = quantiles(taken, n=100, method="inclusive")[98] if len(taken) > 1 else taken[0]
    return f"median {median(taken):.2f} s, p99 {p99:.2f} s"


def report(city: City, make: str, found: Count) -> str:
    told = city.crowd.told
    killed = ", ".join(f"{number} {name}" for name, number in city.deaths.most_common())
    cuts = f" and {len(city.cuts)} restarts of the database ({seconds(city.cuts)})" if city.cuts else ""
    acked = ", ".join(f"{number:,} {name}" for name, number in sorted(told.acknowledged.items()))
    return (
        f"{make}: {city.deaths.total()} servers killed ({killed}; recovery {seconds(city.recoveries)}){cuts}; "
        f"{len(city.crowd.owners):,} firms; acknowledged {told.acknowledged.total():,} ({acked}); "
        f"{told.unknown:,} unknown outcomes resolved by retry; lost {len(found.lost)}, doubled {len(found.doubled)}"
    )


@pytest.mark.parametrize("make", ["sqlite", "postgresql"])
def test_what_was_acknowledged_survives_whole_servers_and_the_database_being_killed(
    make: str, line: ServerProcess, tmp_path: Path, pytestconfig: pytest.Config, say: Callable[[str], None]
) -> None:
    full = bool(pytestconfig.getoption("--full-proofs"))
    kills, cuts, callers, seed = (100, 10, 6, 20250506) if full else (2, 1, 3, 7)
    with ExitStack() as open_while:
        cluster, url = (None, "") if make == "sqlite" else open_while.enter_context(a_postgres())
        city = open_while.enter_context(a_city(line, tmp_path, url, seed))

        def deaths() -> None:
            for number in range(kills):
                city.die_and_rise("" if number % 2 else city.chance.choice(POINTS))
                if cluster is not None and number % (kills // cuts) == 1:
                    city.power_cut(cluster)

        found = city.play(deaths, callers)
        assert (found.lost, found.doubled, city.crowd.faults) == ([], [], [])
        assert city.operator().ask("GET", "/api/operator/steps").body["dead"] == []
        assert city.crowd.told.odd == {}
        assert city.crowd.told.acknowledged.total() > kills
        if full:
            say(report(city, "SQLite" if make == "sqlite" else "PostgreSQL", found))


@pytest.mark.parametrize(("plant", "point"), [("commits late", ""), ("forgets its reference", "handed in:1")])
def test_a_planted_fault_is_caught(plant: str, point: str, line: ServerProcess, tmp_path: Path) -> None:
    with a_city(line, tmp_path, "", 9, plant) as city:

        def deaths() -> None:
            for _ in range(2 if point else 6):
                city.die_and_rise(point)

        found = city.play(deaths, 3, days=0)
    assert found.doubled if point else found.lost
