"""What banks report without an adapter, and seals"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
