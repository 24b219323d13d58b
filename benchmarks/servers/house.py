"""The server that `benchmarks/doors.py` asks, in whichever clone it is started: `house.py FOLDER PORT BANK DAY COST [URL]`.

The whole platform without a worker, and in the same application on the same database the bare route beside which its doors are
measured. It uses only what every clone has had since there were doors.
"""

from __future__ import annotations

import gc
import resource
import sys
from datetime import date
from pathlib import Path
from typing import Literal

import uvicorn
from pydantic import BaseModel
from sqlalchemy import Column, Integer, MetaData, String, Table

from backend.app import begin, create_app, create_platform
from backend.kit.database import Database
from backend.migrate import migrate
from backend.settings import Settings, with_secrets


class Note(BaseModel):
    """What the bare route takes."""

    words: str


def serve(folder: Path, port: int, bank: str, day: date, cost: Literal["standard", "cheapest"], database_url: str) -> None:
    """Until we are killed."""
    if database_url:
        migrate(Database(database_url))
    settings = with_secrets(
        Settings(
            var=folder,
            database_url=database_url,
            department_url=f"sqlite:///{folder / 'departments.db'}",
            password_cost=cost,
            sandbox_day=day,
            public_url=f"http://127.0.0.1:{port}",
            lenders={bank: "http://127.0.0.1:1"},
        )
    )
    house = create_platform(settings)
    begin(house, settings)
    app = create_app(house, work=False)
    plain = MetaData()
    notes = Table("bench_notes", plain, Column("id", Integer, primary_key=True), Column("words", String(200)))
    plain.create_all(house.database.engine)
    writing = house.database.engine.execution_options(creditbridge_writes=True)

    @app.post("/api/bare", status_code=201)
    def bare(body: Note) -> dict[str, str]:
        with writing.begin() as connection:
            connection.execute(notes.insert(), {"words": body.words})
        return {"words": body.words}

    @app.get("/api/bare/work")
    def work() -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # as `creditbridge serve` does
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, timeout_keep_alive=3600)


if __name__ == "__main__":
    _, folder, port, bank, day, cost, *url = sys.argv
    serve(Path(folder), int(port), bank, date.fromisoformat(day), "standard" if cost == "standard" else "cheapest", "".join(url))
