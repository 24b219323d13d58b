"""Warnings, tasks and monitoring"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
