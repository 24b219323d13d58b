"""The index over a pool's days carries what a trial balance adds up, so that the entries themselves need not be read"""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.drop_index("ix_pool_entries_pool_on", table_name="pool_entries")
    op.create_index("ix_pool_entries_trial", "pool_entries", ["pool", "effective_on", "debit", "credit", "amount_fen"])


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
