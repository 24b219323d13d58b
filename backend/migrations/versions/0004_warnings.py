"""Warnings, tasks and monitoring"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from backend.kit.guards import statements

revision = "0004"
down_revision = "0003"

GUARDED = ("warning_sweeps", "warning_events", "monitor_results")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def _sweeps_and_standings() -> None:
    op.create_table(
        "warning_sweeps",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("firms", sa.Integer(), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_warning_sweeps")),
    )
    op.create_table(
        "warning_standings",
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("indicator", sa.String(length=32), nullable=False),
        sa.Column("colour", sa.String(length=8), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("better", sa.Integer(), nullable=False),
        sa.Column("seen", sa.String(length=8), nullable=False),
        sa.Column("lifted", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_warning_standings_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "indicator", name=op.f("pk_warning_standings")),
    )


def _alerts_and_tasks() -> None:
    op.create_table(
        "warning_alerts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("indicator", sa.String(length=32), nullable=False),
        sa.Column("item", sa.String(length=16), nullable=False),
        sa.Column("colour", sa.String(length=8), nullable=False),
        sa.Column("highest", sa.String(length=8), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_warning_alerts_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_alerts")),
    )
    with op.batch_alter_table("warning_alerts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_warning_alerts_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_warning_alerts_state"), ["state"], unique=False)

    op.create_table(
        "warning_tasks",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("words", sa.String(length=2000), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["warning_alerts.id"], name=op.f("fk_warning_tasks_alert_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_warning_tasks_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_tasks")),
    )
    with op.batch_alter_table("warning_tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_warning_tasks_alert_id"), ["alert_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_warning_tasks_party"), ["party"], unique=False)

    op.create_table(
        "warning_events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("colour", sa.String(length=8), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["warning_alerts.id"], name=op.f("fk_warning_events_alert_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_warning_events")),
    )
    with op.batch_alter_table("warning_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_warning_events_alert_id"), ["alert_id"], unique=False)


def upgrade() -> None:
    _sweeps_and_standings()
    _alerts_and_tasks()
    op.create_table(
        "monitor_results",
        sa.Column("card", sa.String(length=32), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("alerts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("card", "month", name=op.f("pk_monitor_results")),
    )
    for table in GUARDED:
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
