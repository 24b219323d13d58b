"""The first schema"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from backend.kit.guards import statements

revision = "0001"
down_revision = None

# Tables that only grow: the database itself refuses UPDATE and DELETE.
GUARDED = (
    "audit_lines",
    "policy_blocks",
    "raw_records",
    "facts",
    "application_events",
    "whitelist_batches",
    "whitelist_members",
    "whitelist_removals",
    "payments",
    "class_events",
    "discrepancies",
    "pool_journal",
    "pool_entries",
    "pool_moves",
    "pool_loan_moves",
)


def upgrade() -> None:
    op.create_table(
        "audit_lines",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object_kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=80), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=True),
        sa.Column("details", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_lines")),
    )
    with op.batch_alter_table("audit_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_lines_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_lines_object_id"), ["object_id"], unique=False)

    op.create_table(
        "business_offset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_offset")),
    )
    op.create_table(
        "inbox_messages",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=160), nullable=False),
        sa.Column("verb", sa.String(length=24), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("sent", sa.LargeBinary(), nullable=False),
        sa.Column("headers", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_messages")),
        sa.UniqueConstraint("source", "message_id", name=op.f("uq_inbox_messages_source_message_id")),
    )
    with op.batch_alter_table("inbox_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_messages_reference"), ["reference"], unique=False)

    op.create_table(
        "parties",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties")),
        sa.UniqueConstraint("code", name=op.f("uq_parties_code")),
    )
    op.create_table(
        "policy_blocks",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_policy_blocks")),
    )
    op.create_table(
        "pools",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("scheme", sa.String(length=64), nullable=False),
        sa.Column("guarantor", sa.String(length=64), nullable=False),
        sa.Column("fund", sa.String(length=64), nullable=False),
        sa.Column("custodian", sa.String(length=64), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_pools")),
    )
    with op.batch_alter_table("pools", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pools_scheme"), ["scheme"], unique=False)

    op.create_table(
        "sign_in_attempts",
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_sign_in_attempts")),
    )
    op.create_table(
        "steps",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.String(length=64), nullable=True),
        sa.Column("answer", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_steps_kind_key")),
    )
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.create_index("ix_steps_state_due", ["state", "due"], unique=False)

    op.create_table(
        "taken_messages",
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=160), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bank", "message_id", name=op.f("pk_taken_messages")),
    )
    with op.batch_alter_table("taken_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_taken_messages_reference"), ["reference"], unique=False)

    op.create_table(
        "whitelist_batches",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whitelist_batches")),
        sa.UniqueConstraint("programme", "number", name=op.f("uq_whitelist_batches_programme_number")),
    )
    op.create_table(
        "api_clients",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("party_id", sa.String(length=64), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_api_clients_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_clients")),
    )
    with op.batch_alter_table("api_clients", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_clients_party_id"), ["party_id"], unique=False)

    op.create_table(
        "firms",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("party_id", sa.String(length=64), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("uscc_state", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("subject_type", sa.String(length=16), nullable=False),
        sa.Column("legal_rep", sa.String(length=100), nullable=True),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("industry", sa.String(length=8), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("source_code", sa.String(length=64), nullable=True),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_firms_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firms")),
        sa.UniqueConstraint("party_id", name=op.f("uq_firms_party_id")),
        sa.UniqueConstraint("uscc", name=op.f("uq_firms_uscc")),
    )
    with op.batch_alter_table("firms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_firms_source_code"), ["source_code"], unique=False)

    op.create_table(
        "pool_balances",
        sa.Column("pool", sa.String(length=64), nullable=False),
        sa.Column("cash_fen", sa.BigInteger(), nullable=False),
        sa.Column("commitments_fen", sa.BigInteger(), nullable=False),
        sa.Column("reserved_fen", sa.BigInteger(), nullable=False),
        sa.Column("approved_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "cash_fen >= 0 AND approved_fen >= 0 AND approved_fen <= cash_fen", name=op.f("ck_pool_balances_cash")
        ),
        sa.CheckConstraint("commitments_fen >= 0 AND reserved_fen >= 0", name=op.f("ck_pool_balances_promises")),
        sa.ForeignKeyConstraint(["pool"], ["pools.code"], name=op.f("fk_pool_balances_pool")),
        sa.PrimaryKeyConstraint("pool", name=op.f("pk_pool_balances")),
    )
    op.create_table(
        "pool_journal",
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("pool", sa.String(length=64), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reverses", sa.String(length=200), nullable=True),
        sa.Column("words", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["pool"], ["pools.code"], name=op.f("fk_pool_journal_pool")),
        sa.ForeignKeyConstraint(["reverses"], ["pool_journal.reference"], name=op.f("fk_pool_journal_reverses")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_pool_journal")),
        sa.UniqueConstraint("reverses", name=op.f("uq_pool_journal_reverses")),
    )
    with op.batch_alter_table("pool_journal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_journal_effective_on"), ["effective_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_pool_journal_pool"), ["pool"], unique=False)

    op.create_table(
        "pool_moves",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pool", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("by_whom", sa.String(length=80), nullable=False),
        sa.Column("words", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["pool"], ["pools.code"], name=op.f("fk_pool_moves_pool")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_moves")),
    )
    with op.batch_alter_table("pool_moves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_moves_pool"), ["pool"], unique=False)

    op.create_table(
        "pool_registrations",
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("pool", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("guarantor", sa.String(length=64), nullable=False),
        sa.Column("firm", sa.String(length=64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("principal_fen", sa.BigInteger(), nullable=False),
        sa.Column("committed_fen", sa.BigInteger(), nullable=False),
        sa.Column("guarantee_no", sa.String(length=80), nullable=False),
        sa.Column("guaranteed_on", sa.Date(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("overdue_since", sa.Date(), nullable=True),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["pool"], ["pools.code"], name=op.f("fk_pool_registrations_pool")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_pool_registrations")),
    )
    with op.batch_alter_table("pool_registrations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_registrations_firm"), ["firm"], unique=False)
        batch_op.create_index(batch_op.f("ix_pool_registrations_pool"), ["pool"], unique=False)

    op.create_table(
        "pool_reservations",
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("pool", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("guarantor", sa.String(length=64), nullable=False),
        sa.Column("firm", sa.String(length=64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("held_fen", sa.BigInteger(), nullable=False),
        sa.Column("reserved_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["pool"], ["pools.code"], name=op.f("fk_pool_reservations_pool")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_pool_reservations")),
    )
    with op.batch_alter_table("pool_reservations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_reservations_pool"), ["pool"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("party_id", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_users_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_party_id"), ["party_id"], unique=False)

    op.create_table(
        "whitelist_members",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("grade", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["whitelist_batches.id"], name=op.f("fk_whitelist_members_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whitelist_members")),
    )
    with op.batch_alter_table("whitelist_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_whitelist_members_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_whitelist_members_uscc_programme", ["uscc", "programme"], unique=False)

    op.create_table(
        "whitelist_removals",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.String(length=64), nullable=False),
        sa.Column("notice_zh", sa.String(length=500), nullable=False),
        sa.Column("notice_en", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["whitelist_batches.id"], name=op.f("fk_whitelist_removals_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whitelist_removals")),
    )
    with op.batch_alter_table("whitelist_removals", schema=None) as batch_op:
        batch_op.create_index("ix_whitelist_removals_uscc_programme", ["uscc", "programme"], unique=False)

    op.create_table(
        "assessments",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts_on", sa.Date(), nullable=False),
        sa.Column("card", sa.String(length=32), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("facts_digest", sa.String(length=64), nullable=False),
        sa.Column("result_digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("erased_on", sa.Date(), nullable=True),
        sa.Column("pd", sa.Numeric(precision=7, scale=6), nullable=True),
        sa.Column("grade", sa.String(length=1), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("debt_capacity_fen", sa.BigInteger(), nullable=True),
        sa.Column(
            "capacity_words", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("not_assessed", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_assessments_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.create_index("ix_assessments_firm_at", ["firm_id", "at"], unique=False)

    op.create_table(
        "consents",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("subject_person", sa.String(length=100), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=200), nullable=False),
        sa.Column("signer", sa.String(length=100), nullable=False),
        sa.Column("capacity", sa.String(length=24), nullable=False),
        sa.Column("power_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_consents_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "data_faults",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("raw_id", sa.String(length=64), nullable=True),
        sa.Column("what", sa.String(length=400), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_data_faults_firm_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_data_faults")),
    )
    with op.batch_alter_table("data_faults", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_faults_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "facilities",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("application_id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=False),
        sa.Column("contract_no", sa.String(length=80), nullable=False),
        sa.Column("limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("frozen_fen", sa.BigInteger(), nullable=False),
        sa.Column("scheme", sa.String(length=64), nullable=True),
        sa.Column("guarantor", sa.String(length=64), nullable=True),
        sa.Column("pool", sa.String(length=64), nullable=True),
        sa.Column("registered_fen", sa.BigInteger(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("pool_refusal", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True),
        sa.Column("pool_closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_facilities_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilities")),
        sa.UniqueConstraint("bank", "contract_no", name=op.f("uq_facilities_bank_contract_no")),
    )
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_facilities_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_facilities_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "facts",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=16), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("consent_id", sa.String(length=64), nullable=True),
        sa.Column("doubts", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_facts_firm_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_facts")),
    )
    with op.batch_alter_table("facts", schema=None) as batch_op:
        batch_op.create_index("ix_facts_firm_code", ["firm_id", "code", "known_on"], unique=False)

    op.create_table(
        "firm_outcomes",
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_firm_outcomes_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", name=op.f("pk_firm_outcomes")),
    )
    op.create_table(
        "guarantees",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("application_id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=False),
        sa.Column("scheme", sa.String(length=64), nullable=False),
        sa.Column("pool", sa.String(length=64), nullable=False),
        sa.Column("guarantor", sa.String(length=64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("guarantee_no", sa.String(length=80), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("words", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("demanded_on", sa.Date(), nullable=True),
        sa.Column("demanded_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_receipt_no", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_guarantees_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarantees")),
        sa.UniqueConstraint("application_id", name=op.f("uq_guarantees_application_id")),
    )
    with op.batch_alter_table("guarantees", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guarantees_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_guarantees_guarantor"), ["guarantor"], unique=False)

    op.create_table(
        "match_runs",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts_on", sa.Date(), nullable=False),
        sa.Column("policy_on", sa.Date(), nullable=False),
        sa.Column("facts_digest", sa.String(length=64), nullable=False),
        sa.Column("card", sa.String(length=64), nullable=True),
        sa.Column("card_digest", sa.String(length=64), nullable=True),
        sa.Column("capacity_fen", sa.BigInteger(), nullable=True),
        sa.Column(
            "capacity_words", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_match_runs_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_runs")),
    )
    with op.batch_alter_table("match_runs", schema=None) as batch_op:
        batch_op.create_index("ix_match_runs_firm_id_at", ["firm_id", "at"], unique=False)

    op.create_table(
        "needs",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_needs_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_needs_idempotency_key")),
    )
    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "pool_claims",
        sa.Column("claim_no", sa.String(length=80), nullable=False),
        sa.Column("loan", sa.String(length=80), nullable=False),
        sa.Column("pool", sa.String(length=64), nullable=False),
        sa.Column("claimant", sa.String(length=64), nullable=False),
        sa.Column("filed_by", sa.String(length=80), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("guarantor_paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("unpaid_principal_fen", sa.BigInteger(), nullable=False),
        sa.Column("payout_fen", sa.BigInteger(), nullable=False),
        sa.Column("judgment_no", sa.String(length=120), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("documents", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("checks", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("maker", sa.String(length=80), nullable=True),
        sa.Column("opinion", sa.String(length=16), nullable=True),
        sa.Column("checker", sa.String(length=80), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("instruction_no", sa.String(length=100), nullable=True),
        sa.Column("receipt_no", sa.String(length=120), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["loan"], ["pool_registrations.reference"], name=op.f("fk_pool_claims_loan")),
        sa.ForeignKeyConstraint(["pool"], ["pools.code"], name=op.f("fk_pool_claims_pool")),
        sa.PrimaryKeyConstraint("claim_no", name=op.f("pk_pool_claims")),
        sa.UniqueConstraint("instruction_no", name=op.f("uq_pool_claims_instruction_no")),
        sa.UniqueConstraint("receipt_no", name=op.f("uq_pool_claims_receipt_no")),
    )
    with op.batch_alter_table("pool_claims", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_claims_loan"), ["loan"], unique=False)
        batch_op.create_index(batch_op.f("ix_pool_claims_pool"), ["pool"], unique=False)

    op.create_table(
        "pool_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("pool", sa.String(length=64), nullable=False),
        sa.Column("debit", sa.String(length=24), nullable=False),
        sa.Column("credit", sa.String(length=24), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=True),
        sa.Column("loan", sa.String(length=80), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_pool_entries_positive")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_pool_entries_two_accounts")),
        sa.ForeignKeyConstraint(["pool"], ["pools.code"], name=op.f("fk_pool_entries_pool")),
        sa.ForeignKeyConstraint(["reference"], ["pool_journal.reference"], name=op.f("fk_pool_entries_reference")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_entries")),
    )
    with op.batch_alter_table("pool_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_entries_loan"), ["loan"], unique=False)
        batch_op.create_index("ix_pool_entries_pool_on", ["pool", "effective_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_pool_entries_reference"), ["reference"], unique=False)

    op.create_table(
        "pool_loan_moves",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("loan", sa.String(length=80), nullable=False),
        sa.Column("claim_no", sa.String(length=80), nullable=True),
        sa.Column("move", sa.String(length=24), nullable=False),
        sa.Column("was", sa.String(length=24), nullable=False),
        sa.Column("became", sa.String(length=24), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("by_whom", sa.String(length=80), nullable=False),
        sa.Column("words", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["loan"], ["pool_registrations.reference"], name=op.f("fk_pool_loan_moves_loan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_loan_moves")),
    )
    with op.batch_alter_table("pool_loan_moves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_loan_moves_claim_no"), ["claim_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_pool_loan_moves_loan"), ["loan"], unique=False)

    op.create_table(
        "powers_of_attorney",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("agent_name", sa.String(length=100), nullable=False),
        sa.Column("items", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_powers_of_attorney_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_powers_of_attorney")),
    )
    with op.batch_alter_table("powers_of_attorney", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_powers_of_attorney_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "raw_records",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("item", sa.String(length=16), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("consent_id", sa.String(length=64), nullable=True),
        sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_raw_records_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_records")),
        sa.UniqueConstraint(
            "firm_id", "source", "digest", "delivered_on", name=op.f("uq_raw_records_firm_id_source_digest_delivered_on")
        ),
    )
    with op.batch_alter_table("raw_records", schema=None) as batch_op:
        batch_op.create_index("ix_raw_records_firm_item", ["firm_id", "item"], unique=False)

    op.create_table(
        "uplift_evidence",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("facility_id", sa.String(length=64), nullable=False),
        sa.Column("evidence_id", sa.String(length=120), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("contribution_fen", sa.BigInteger(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_uplift_evidence_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uplift_evidence")),
        sa.UniqueConstraint("facility_id", "evidence_id", name=op.f("uq_uplift_evidence_facility_id_evidence_id")),
    )
    with op.batch_alter_table("uplift_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_uplift_evidence_evidence_id"), ["evidence_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_uplift_evidence_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "user_sessions",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_user_sessions")),
    )
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_sessions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "applications",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("need_id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("bank_reference", sa.String(length=80), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("match_id", sa.String(length=64), nullable=True),
        sa.Column("scheme", sa.String(length=64), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("wait_until", sa.Date(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_words", sa.String(length=2000), nullable=False),
        sa.Column(
            "decision_reasons", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "documents_asked", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("documents_words", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_applications_firm_id")),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_applications_need_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("need_id", "bank", "product", name=op.f("uq_applications_need_id_bank_product")),
    )
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_applications_bank"), ["bank"], unique=False)
        batch_op.create_index(batch_op.f("ix_applications_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_applications_need_id"), ["need_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_applications_state"), ["state"], unique=False)

    op.create_table(
        "consent_items",
        sa.Column("consent_id", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name=op.f("fk_consent_items_consent_id")),
        sa.PrimaryKeyConstraint("consent_id", "item", name=op.f("pk_consent_items")),
    )
    op.create_table(
        "consent_recipients",
        sa.Column("consent_id", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name=op.f("fk_consent_recipients_consent_id")),
        sa.PrimaryKeyConstraint("consent_id", "recipient", name=op.f("pk_consent_recipients")),
    )
    op.create_table(
        "draws",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("facility_id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("draw_no", sa.String(length=80), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("matures_on", sa.Date(), nullable=False),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("penalty_bp", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=24), nullable=False),
        sa.Column("day_count", sa.String(length=16), nullable=False),
        sa.Column("first_loan", sa.Boolean(), nullable=True),
        sa.Column("coverage", sa.String(length=16), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outstanding_fen", sa.BigInteger(), nullable=False),
        sa.Column("repaid_by_borrower_fen", sa.BigInteger(), nullable=False),
        sa.Column("unpaid_since", sa.Date(), nullable=True),
        sa.Column("dpd", sa.Integer(), nullable=False),
        sa.Column("max_dpd", sa.Integer(), nullable=False),
        sa.Column("cls", sa.String(length=16), nullable=False),
        sa.Column("cured_on", sa.Date(), nullable=True),
        sa.Column("defaulted_on", sa.Date(), nullable=True),
        sa.Column("repaid_on", sa.Date(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_draws_positive")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_draws_facility_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_draws_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draws")),
        sa.UniqueConstraint("bank", "draw_no", name=op.f("uq_draws_bank_draw_no")),
    )
    with op.batch_alter_table("draws", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draws_closed"), ["closed"], unique=False)
        batch_op.create_index(batch_op.f("ix_draws_facility_id"), ["facility_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_draws_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "matches",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("title", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("facts_on", sa.Date(), nullable=False),
        sa.Column("policy_on", sa.Date(), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("facts_digest", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("base_fen", sa.BigInteger(), nullable=True),
        sa.Column("uplift_programme", sa.String(length=64), nullable=True),
        sa.Column("uplift_bp", sa.Integer(), nullable=False),
        sa.Column("uplift_words", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True),
        sa.Column("uplift_items", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("uplift_detail", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("credit_before_fen", sa.BigInteger(), nullable=True),
        sa.Column("limit_fen", sa.BigInteger(), nullable=True),
        sa.Column("effective_uplift_fen", sa.BigInteger(), nullable=False),
        sa.Column("capped_by", sa.String(length=16), nullable=True),
        sa.Column("limit_words", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("low_bp", sa.Integer(), nullable=False),
        sa.Column("high_bp", sa.Integer(), nullable=False),
        sa.Column("price", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("nominal_bp", sa.String(length=32), nullable=True),
        sa.Column("effective_bp", sa.String(length=32), nullable=True),
        sa.Column("by_days_bp", sa.String(length=32), nullable=True),
        sa.Column("interest_fen", sa.BigInteger(), nullable=True),
        sa.Column("fees_fen", sa.BigInteger(), nullable=True),
        sa.Column("cost_lines", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_matches_firm_id")),
        sa.ForeignKeyConstraint(["run_id"], ["match_runs.id"], name=op.f("fk_matches_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matches")),
    )
    with op.batch_alter_table("matches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_matches_run_id"), ["run_id"], unique=False)

    op.create_table(
        "application_documents",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("application_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_application_documents_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_documents")),
    )
    with op.batch_alter_table("application_documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_documents_application_id"), ["application_id"], unique=False)

    op.create_table(
        "application_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("words", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("verbatim", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_application_events_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_events")),
    )
    with op.batch_alter_table("application_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_events_application_id"), ["application_id"], unique=False)

    op.create_table(
        "class_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draw_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("was", sa.String(length=16), nullable=False),
        sa.Column("became", sa.String(length=16), nullable=False),
        sa.Column("dpd", sa.Integer(), nullable=False),
        sa.Column("causes", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_class_events_draw_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_events")),
    )
    with op.batch_alter_table("class_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_class_events_draw_id"), ["draw_id"], unique=False)

    op.create_table(
        "class_signals",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("draw_id", sa.String(length=64), nullable=True),
        sa.Column("event_name", sa.String(length=32), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("words", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_class_signals_draw_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_class_signals_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_signals")),
    )
    with op.batch_alter_table("class_signals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_class_signals_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "discrepancies",
        sa.Column("key", sa.String(length=240), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("facility_id", sa.String(length=64), nullable=False),
        sa.Column("draw_id", sa.String(length=64), nullable=True),
        sa.Column("payment_no", sa.String(length=80), nullable=True),
        sa.Column("ours", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("theirs", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("words", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_discrepancies_draw_id")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_discrepancies_facility_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_discrepancies")),
    )
    with op.batch_alter_table("discrepancies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_discrepancies_draw_id"), ["draw_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_discrepancies_facility_id"), ["facility_id"], unique=False)

    op.create_table(
        "due_lines",
        sa.Column("draw_id", sa.String(length=64), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("principal_fen", sa.BigInteger(), nullable=False),
        sa.Column("told_interest_fen", sa.BigInteger(), nullable=False),
        sa.Column("our_interest_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_due_lines_draw_id")),
        sa.PrimaryKeyConstraint("draw_id", "no", name=op.f("pk_due_lines")),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("application_id", sa.String(length=64), nullable=False),
        sa.Column("offer_no", sa.String(length=80), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=24), nullable=False),
        sa.Column("day_count", sa.String(length=16), nullable=False),
        sa.Column("fees", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("conditions", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("nominal_bp", sa.String(length=32), nullable=False),
        sa.Column("effective_bp", sa.String(length=32), nullable=False),
        sa.Column("by_days_bp", sa.String(length=32), nullable=False),
        sa.Column("interest_fen", sa.BigInteger(), nullable=False),
        sa.Column("fees_fen", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("offered_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_offers_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("application_id", "offer_no", name=op.f("uq_offers_application_id_offer_no")),
    )
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offers_application_id"), ["application_id"], unique=False)

    op.create_table(
        "payments",
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("payment_no", sa.String(length=80), nullable=False),
        sa.Column("draw_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("told_expenses_fen", sa.BigInteger(), nullable=False),
        sa.Column("told_penalty_fen", sa.BigInteger(), nullable=False),
        sa.Column("told_interest_fen", sa.BigInteger(), nullable=False),
        sa.Column("told_principal_fen", sa.BigInteger(), nullable=False),
        sa.Column("our_expenses_fen", sa.BigInteger(), nullable=False),
        sa.Column("our_penalty_fen", sa.BigInteger(), nullable=False),
        sa.Column("our_interest_fen", sa.BigInteger(), nullable=False),
        sa.Column("our_principal_fen", sa.BigInteger(), nullable=False),
        sa.Column("unapplied_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_payments_positive")),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_payments_draw_id")),
        sa.PrimaryKeyConstraint("bank", "payment_no", name=op.f("pk_payments")),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payments_draw_id"), ["draw_id"], unique=False)
    for table in GUARDED:
        for statement in statements(table, op.get_bind().dialect.name):
            op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    raise RuntimeError("there is nothing before the first schema; restore a backup instead")
