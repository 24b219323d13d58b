"""Conditions that the fund signed at registration; renewals without repaying principal"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from backend.kit.guards import statements

revision = "0006"
down_revision = "0005"

GUARDED = ("signed_conditions",)
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "signed_conditions",
        sa.Column("loan", sa.String(length=80), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=256), nullable=False),
        sa.Column("public_key", sa.String(length=128), nullable=False),
        sa.Column("signer", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["loan"], ["pool_registrations.reference"], name=op.f("fk_signed_conditions_loan")),
        sa.PrimaryKeyConstraint("loan", name=op.f("pk_signed_conditions")),
    )
    op.create_table(
        "renewals",
        sa.Column("draw_id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("cohort", sa.Date(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("firm_said_on", sa.Date(), nullable=True),
        sa.Column("firm_said_by", sa.String(length=64), nullable=True),
        sa.Column("firm_words", sa.String(length=1000), nullable=False),
        sa.Column("bank_said_on", sa.Date(), nullable=True),
        sa.Column("bank_said_by", sa.String(length=64), nullable=True),
        sa.Column("bank_words", sa.String(length=1000), nullable=False),
        sa.Column("conditions", JSON, nullable=False),
        sa.Column("renewed_by", sa.String(length=64), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_renewals_draw_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_renewals_firm_id")),
        sa.ForeignKeyConstraint(["renewed_by"], ["draws.id"], name=op.f("fk_renewals_renewed_by")),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_renewals")),
        sa.UniqueConstraint("renewed_by", name=op.f("uq_renewals_renewed_by")),
    )
    with op.batch_alter_table("renewals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_renewals_bank"), ["bank"], unique=False)
        batch_op.create_index(batch_op.f("ix_renewals_firm_id"), ["firm_id"], unique=False)
    for table in GUARDED:
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
