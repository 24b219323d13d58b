"""What a match costs a month, how fast and how likely it is decided, and its published score"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.add_column("match_runs", sa.Column("weights", JSON, nullable=True))
    op.add_column("match_runs", sa.Column("ranking_digest", sa.String(length=64), nullable=True))
    op.add_column("matches", sa.Column("monthly_fen", sa.BigInteger(), nullable=True))
    op.add_column("matches", sa.Column("decision_days", sa.Integer(), nullable=True))
    op.add_column("matches", sa.Column("decision_measured", sa.Boolean(), nullable=True))
    op.add_column("matches", sa.Column("chance", JSON, nullable=True))
    op.add_column("matches", sa.Column("chance_words", JSON, nullable=True))
    op.add_column("matches", sa.Column("score", sa.Integer(), nullable=True))
    op.add_column("matches", sa.Column("score_parts", JSON, nullable=True))


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
