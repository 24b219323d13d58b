"""Lanes of steps and their breakers; deaths and stumbles; what waits already learns whom it speaks to"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
MOMENT = sa.DateTime(timezone=True)
UNFINISHED = sa.text("state NOT IN ('done', 'dead')")


def upgrade() -> None:
    op.add_column("steps", sa.Column("lane", sa.String(length=64), nullable=True))
    op.add_column("steps", sa.Column("deaths", sa.Integer(), server_default="0", nullable=False))
    op.add_column("steps", sa.Column("stumbles", sa.Integer(), server_default="0", nullable=False))
    op.add_column("steps", sa.Column("since", MOMENT, nullable=True))
    op.create_table(
        "lanes",
        sa.Column("lane", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("open_until", MOMENT, nullable=True),
        sa.Column("since", MOMENT, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("last_ok_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_lanes")),
    )
    for name, columns in (("ix_steps_unfinished", ["due", "id"]), ("ix_steps_of_lane", ["lane", "due", "id"])):
        op.create_index(name, "steps", columns, unique=False, sqlite_where=UNFINISHED, postgresql_where=UNFINISHED)
    _what_waits_already()


def _what_waits_already() -> None:
    """A dead letter may be revived, and speaks to the same."""
    steps = sa.table("steps", *(sa.column(name) for name in ("id", "kind", "state", "lane")), sa.column("payload", JSON))
    applications = sa.table("applications", sa.column("id"), sa.column("bank"))
    indications = sa.table("bank_indications", sa.column("id"), sa.column("bank"))
    inbox = sa.table("inbox_messages", sa.column("id"), sa.column("source"))
    # What names the bank of each kind: a key of the payload, and the table that it points to, if any.
    named = {
        "lender.collect": ("bank", None),
        "lender.indicate": ("indication", (indications, indications.c.bank)),
        "lender.callback": ("inbox", (inbox, inbox.c.source)),
        **dict.fromkeys(
            ("lender.submit", "lender.poll", "lender.accept", "lender.withdraw", "lender.supplement"),
            ("application", (applications, applications.c.bank)),
        ),
    }
    bind = op.get_bind()
    open_ones = sa.select(steps.c.id, steps.c.kind, steps.c.payload).where(
        steps.c.state != "done", steps.c.kind.in_((*named, "gather"))
    )
    for row in bind.execute(open_ones).all():
        key, points_to = named.get(row.kind, ("", None))
        lane = "departments" if row.kind == "gather" else row.payload.get(key)
        if points_to is not None:
            table, bank = points_to
            lane = bind.execute(sa.select(bank).where(table.c.id == lane)).scalar()
        bind.execute(steps.update().where(steps.c.id == row.id).values(lane=lane))


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
