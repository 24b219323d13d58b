"""A pool's currency, closed periods, written days, reconciliations; states of banks and guarantors in a pool"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from backend.kit.guards import statements

revision = "0005"
down_revision = "0004"

GUARDED = ("pool_closings", "pool_reconciliations")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("pools", sa.Column("currency", sa.String(length=3), server_default="CNY", nullable=False))
    op.add_column("pool_balances", sa.Column("closed_until", sa.Date(), nullable=True))
    op.add_column("pool_journal", sa.Column("written_on", sa.Date(), nullable=True))
    op.add_column("pool_moves", sa.Column("party", sa.String(length=64), nullable=True))
    op.create_table(
        "pool_closings",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("pool", sa.String(length=64), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("by_whom", sa.String(length=80), nullable=False),
        sa.Column("totals", JSON, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["pool"], ["pools.code"], name=op.f("fk_pool_closings_pool")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_closings")),
        sa.UniqueConstraint("pool", "until_day", name=op.f("uq_pool_closings_pool_until_day")),
    )
    op.create_table(
        "pool_reconciliations",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("pool", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("by_whom", sa.String(length=80), nullable=False),
        sa.Column("statement_digest", sa.String(length=64), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("differences", JSON, nullable=False),
        sa.ForeignKeyConstraint(["pool"], ["pools.code"], name=op.f("fk_pool_reconciliations_pool")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_reconciliations")),
    )
    with op.batch_alter_table("pool_reconciliations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_reconciliations_pool"), ["pool"], unique=False)
    for table in GUARDED:
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
