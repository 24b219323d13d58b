"""Whether it was silence or nonsense for which a step waits and a lane is left alone"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for table in ("steps", "lanes"):
        op.add_column(table, sa.Column("nonsense", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
