"""What banks report without an adapter, and seals"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import JSONB

from backend.kit.crypto import Sealer
from backend.kit.database import Moment
from backend.kit.errors import Misconfigured
from backend.kit.guards import erasable, statements
from backend.kit.policy import canonical

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _banks()
    _seals()


def _banks() -> None:
    """What banks themselves say they might lend."""
    op.create_table(
        "bank_indications",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("limit_fen", sa.BigInteger(), nullable=True),
        sa.Column("rate_bp", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_bank_indications_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_indications")),
        sa.UniqueConstraint(
            "firm_id",
            "product",
            "amount_fen",
            "months",
            "asked_on",
            name=op.f("uq_bank_indications_firm_id_product_amount_fen_months_asked_on"),
        ),
    )
    with op.batch_alter_table("bank_indications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_indications_firm_id"), ["firm_id"], unique=False)


# As the catalogue of items stood when this schema came: facts of any other item go under seal.
PUBLIC = ("REG01", "REG02", "LST01", "LST02", "PEN01", "JUD01", "JUD02", "JUD03", "JUD04", "TAX02")
_NAMED = "EXISTS (SELECT 1 FROM erasures e WHERE e.firm_id = OLD.firm_id AND e.item = OLD.item AND e.what = '{}' AND {})"
ERASABLE = {
    "raw_records": _NAMED.format("raw_records", "OLD.gathered_at <= e.erased_at"),
    "facts": _NAMED.format("facts", "OLD.known_on <= e.until_day"),
}


def _seals() -> None:
    """Facts that are not public, and the papers of powers of attorney, lie under the key that seals raw records; what is erased
    is written down first."""
    op.add_column("facts", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.execute("ALTER TABLE powers_of_attorney RENAME COLUMN document TO sealed")
    connection = op.get_bind()
    facts = sa.table(
        "facts",
        *(sa.column(name, sa.String) for name in ("firm_id", "code", "item")),
        *(sa.column(name, sa.JSON) for name in ("value", "doubts")),
        *(sa.column(name, sa.Date) for name in ("known_on", "as_of")),
        sa.column("seq", sa.BigInteger),
        sa.column("sealed", sa.LargeBinary),
    )
    powers = sa.table(
        "powers_of_attorney",
        *(sa.column(name, sa.String) for name in ("id", "firm_id", "agent_name", "digest")),
        sa.column("items", sa.JSON().with_variant(JSONB(), "postgresql")),
        *(sa.column(name, Moment()) for name in ("valid_from", "valid_to")),
        sa.column("sealed", sa.LargeBinary),
    )
    facts.c.doubts.type = sa.JSON().with_variant(JSONB(), "postgresql")
    clear = connection.execute(sa.select(facts).where(facts.c.item.not_in(PUBLIC))).all()
    papers = connection.execute(sa.select(powers)).all()
    sealer = context.config.attributes.get("sealer")
    if not clear and not papers:
        sealer = Sealer(bytes(32))  # there is nothing to seal
    if not isinstance(sealer, Sealer):
        raise Misconfigured("this database has facts to seal: CREDITBRIDGE_RECORD_KEY is needed to migrate it")
    dialect = connection.dialect.name
    for table in ERASABLE:
        names = (
            [f"{table}_no_{verb}" for verb in ("update", "delete")]
            if dialect == "sqlite"
            else [f"{table}_append_only ON {table}"]
        )
        for trigger in names:
            op.execute(f"DROP TRIGGER {trigger}")
    for row in clear:
        where = "|".join(
            ("facts", str(row.seq), row.firm_id, row.code, row.item, row.known_on.isoformat(), row.as_of.isoformat())
        )
        sealed = sealer.seal(canonical([row.value, row.doubts]), place=where)
        change = facts.update().where(facts.c.seq == row.seq).values(value=sa.JSON.NULL, doubts=[], sealed=sealed)
        connection.execute(change)
    for row in papers:
        said = (row.id, row.firm_id, row.agent_name, ",".join(row.items), row.valid_from.isoformat(), row.valid_to.isoformat())
        sealed = sealer.seal(row.sealed, place="|".join(("powers_of_attorney", *said, row.digest)))
        connection.execute(powers.update().where(powers.c.id == row.id).values(sealed=sealed))
    op.create_table(
        "erasures",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("firm_id", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=16), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("how_many", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_erasures_firm_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_firm_id"), "erasures", ["firm_id"], unique=False)
    guards = [text for table, condition in ERASABLE.items() for text in erasable(table, dialect, condition)]
    for statement in [*guards, *statements("erasures", dialect)]:
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    raise RuntimeError("schemas only go forward; restore a backup instead")
