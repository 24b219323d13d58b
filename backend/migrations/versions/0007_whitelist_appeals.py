"""Appeals of firms taken off a recognition list, and their answers"""

import sqlalchemy as sa
from alembic import op

from backend.kit.guards import statements

revision = "0007"
down_revision = "0006"

GUARDED = ("whitelist_appeals", "whitelist_appeal_answers")


def upgrade() -> None:
    op.create_table(
        "whitelist_appeals",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("removal_id", sa.String(length=64), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("filed_by", sa.String(length=64), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_whitelist_appeals_firm_id")),
        sa.ForeignKeyConstraint(["removal_id"], ["whitelist_removals.id"], name=op.f("fk_whitelist_appeals_removal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whitelist_appeals")),
        sa.UniqueConstraint("removal_id", name=op.f("uq_whitelist_appeals_removal_id")),
    )
    with op.batch_alter_table("whitelist_appeals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_whitelist_appeals_programme"), ["programme"], unique=False)
    op.create_table(
        "whitelist_appeal_answers",
        sa.Column("appeal_id", sa.String(length=64), nullable=False),
        sa.Column("removal_id", sa.String(length=64), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("answered_by", sa.String(length=64), nullable=False),
        sa.Column("words_zh", sa.String(length=500), nullable=False),
        sa.Column("words_en", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["whitelist_appeals.id"], name=op.f("fk_whitelist_appeal_answers_appeal_id")),
        sa.ForeignKeyConstraint(["removal_id"], ["whitelist_removals.id"], name=op.f("fk_whitelist_appeal_answers_removal_id")),
        sa.PrimaryKeyConstraint("appeal_id", name=op.f("pk_whitelist_appeal_answers")),
        sa.UniqueConstraint("removal_id", name=op.f("uq_whitelist_appeal_answers_removal_id")),
    )
    for table in GUARDED:
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
