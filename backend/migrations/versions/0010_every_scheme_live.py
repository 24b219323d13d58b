"""Pools with any parties, loans with what their shares depend on, claims by whoever claims, and each payment on a claim"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from backend.kit.guards import statements
from backend.kit.money import share_out

revision = "0010"
down_revision = "0009"

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
# The one scheme that pools ran until now, for the claims that are there already.
SHARES, ODD_FEN = {"guarantor": 4, "fund": 4, "bank": 2}, ("bank", "guarantor", "fund")


def upgrade() -> None:
    op.add_column("pools", sa.Column("parties", JSON, server_default="{}", nullable=False))
    op.add_column("pool_registrations", sa.Column("mode", sa.String(length=16), server_default="guarantee", nullable=False))
    op.add_column("pool_registrations", sa.Column("size", sa.String(length=16), server_default="", nullable=False))
    op.add_column("pool_registrations", sa.Column("months", sa.Integer(), server_default="12", nullable=False))
    op.add_column("pool_registrations", sa.Column("revenue_fen", sa.BigInteger(), nullable=True))
    op.add_column("pool_registrations", sa.Column("tags", JSON, server_default="[]", nullable=False))
    with op.batch_alter_table("pool_claims", schema=None) as batch_op:
        batch_op.alter_column("judged_on", existing_type=sa.Date(), nullable=True)
        batch_op.add_column(sa.Column("unpaid_interest_fen", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("deferred_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("parts", JSON, server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("counted_fen", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("aside_fen", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "pool_payouts",
        sa.Column("receipt_no", sa.String(length=120), nullable=False),
        sa.Column("claim_no", sa.String(length=80), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["claim_no"], ["pool_claims.claim_no"], name=op.f("fk_pool_payouts_claim_no")),
        sa.PrimaryKeyConstraint("receipt_no", name=op.f("pk_pool_payouts")),
        sa.UniqueConstraint("claim_no", "no", name=op.f("uq_pool_payouts_claim_no_no")),
    )
    with op.batch_alter_table("pool_payouts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_payouts_claim_no"), ["claim_no"], unique=False)
    _what_was_paid_before()
    for statement in statements("pool_payouts", op.get_bind().dialect.name):
        op.execute(sa.text(statement.replace(":", "\\:")))


def _what_was_paid_before() -> None:
    claims = sa.table(
        "pool_claims",
        *(sa.column(name) for name in ("claim_no", "state", "payout_fen", "aside_fen", "unpaid_principal_fen")),
        sa.column("parts", JSON),
    )
    bind = op.get_bind()
    for row in bind.execute(sa.select(claims.c.claim_no, claims.c.unpaid_principal_fen)).all():
        parts = share_out(row.unpaid_principal_fen, SHARES, odd_fen_order=ODD_FEN)
        bind.execute(claims.update().where(claims.c.claim_no == row.claim_no).values(parts=parts))
    due = claims.c.state.in_(("approved", "instructed"))
    bind.execute(claims.update().where(due).values(aside_fen=claims.c.payout_fen))
    op.execute(
        "INSERT INTO pool_payouts (receipt_no, claim_no, no, amount_fen, on_day)"
        " SELECT receipt_no, claim_no, 1, paid_fen, paid_on FROM pool_claims WHERE receipt_no IS NOT NULL"
    )


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
