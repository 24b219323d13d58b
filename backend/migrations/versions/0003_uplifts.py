"""Uplifts by facility, alerts, honesty"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.add_column("uplift_evidence", sa.Column("indicator", sa.String(length=16), nullable=True))
    op.add_column("uplift_evidence", sa.Column("consent_id", sa.String(length=64), nullable=True))
    op.add_column("uplift_evidence", sa.Column("happened_on", sa.Date(), nullable=True))
    op.add_column("uplift_evidence", sa.Column("ends_on", sa.Date(), nullable=True))
    op.add_column("uplift_evidence", sa.Column("coefficient_bp", sa.Integer(), nullable=True))
    op.add_column("uplift_evidence", sa.Column("half_life_months", sa.Integer(), nullable=True))
    op.add_column("uplift_evidence", sa.Column("weight", sa.String(length=32), nullable=True))
    op.add_column("uplift_evidence", sa.Column("content", sa.String(length=128), nullable=True))
    op.add_column("uplift_evidence", sa.Column("standing", sa.String(length=16), nullable=True))
    op.create_index(op.f("ix_uplift_evidence_content"), "uplift_evidence", ["content"], unique=False)
    op.create_table(
        "uplift_facilities",
        sa.Column("facility_id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("uplift_bp", sa.Integer(), nullable=False),
        sa.Column("base_fen", sa.BigInteger(), nullable=False),
        sa.Column("effective_fen", sa.BigInteger(), nullable=False),
        sa.Column("limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("used_twice", JSON, nullable=False),
        sa.Column("fallen_fen", sa.BigInteger(), nullable=False),
        sa.Column("frozen_fen", sa.BigInteger(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_uplift_facilities_firm_id")),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_uplift_facilities")),
    )
    op.create_index(op.f("ix_uplift_facilities_firm_id"), "uplift_facilities", ["firm_id"], unique=False)
    op.create_table(
        "uplift_links",
        sa.Column("uscc", sa.String(length=32), nullable=False),
        sa.Column("other", sa.String(length=220), nullable=False),
        sa.Column("share_bp", sa.Integer(), nullable=False),
        sa.Column("fact_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("uscc", "other", name=op.f("pk_uplift_links")),
    )
    op.create_index(op.f("ix_uplift_links_other"), "uplift_links", ["other"], unique=False)
    op.create_table(
        "uplift_prices",
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("usual_fen", sa.BigInteger(), nullable=False),
        sa.Column("sellers", sa.Integer(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("product", name=op.f("pk_uplift_prices")),
    )
    op.create_table(
        "uplift_reviews",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("evidence_id", sa.String(length=120), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_uplift_reviews_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uplift_reviews")),
        sa.UniqueConstraint("firm_id", "evidence_id", name=op.f("uq_uplift_reviews_firm_id_evidence_id")),
    )
    op.create_index(op.f("ix_uplift_reviews_state"), "uplift_reviews", ["state"], unique=False)
    op.create_table(
        "uplift_alerts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("coefficient", sa.String(length=16), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uplift_alerts")),
        sa.UniqueConstraint(
            "programme", "policy_digest", "coefficient", name=op.f("uq_uplift_alerts_programme_policy_digest_coefficient")
        ),
    )
    op.create_table(
        "uplift_decisions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=True),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("indicator", sa.String(length=16), nullable=False),
        sa.Column("coefficient_bp", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["uplift_alerts.id"], name=op.f("fk_uplift_decisions_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uplift_decisions")),
    )
    op.create_index(op.f("ix_uplift_decisions_programme"), "uplift_decisions", ["programme"], unique=False)


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
