"""What one person says has moved in a pool, and what another decided about it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
LIVE = sa.text("state IN ('proposed', 'confirmed')")


def upgrade() -> None:
    op.create_table(
        "pool_proposals",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("pool", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("loan", sa.String(length=80), nullable=True),
        sa.Column("body", JSON, nullable=False),
        sa.Column("result", JSON, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("words", JSON, server_default="{}", nullable=False),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by OR state = 'withdrawn'", name=op.f("ck_pool_proposals_two_persons")
        ),
        sa.ForeignKeyConstraint(["pool"], ["pools.code"], name=op.f("fk_pool_proposals_pool")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_proposals")),
    )
    op.create_index(op.f("ix_pool_proposals_pool"), "pool_proposals", ["pool"], unique=False)
    op.create_index(
        "uq_pool_proposals_live", "pool_proposals", ["reference"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
