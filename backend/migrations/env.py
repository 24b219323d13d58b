"""Where Alembic meets our metadata. The connection is handed in by `backend.migrate`."""

from __future__ import annotations

from alembic import context

from backend.kit.database import Base
from backend.migrate import every_table

every_table()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=context.config.attributes["connection"].dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
