"""Uplifts by facility, alerts, honesty"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
