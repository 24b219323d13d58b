"""How parties, firms, users, sessions and API clients are kept."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base


class Party(Base):
    """Anyone with a part to play. `code` is the public name other files use (`harbour_bank`)."""

    __tablename__ = "parties"
    __lock__ = "party"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")


class Firm(Base):
    """A firm's register entry. `source_code` is the name an imported ledger gave it."""

    __tablename__ = "firms"
    __lock__ = "firm"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    party_id: Mapped[str] = mapped_column(ForeignKey("parties.id"), unique=True)
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    uscc_state: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(200))
    subject_type: Mapped[str] = mapped_column(String(16))
    legal_rep: Mapped[str | None] = mapped_column(String(100))
    region: Mapped[str | None] = mapped_column(String(12))
    industry: Mapped[str | None] = mapped_column(String(8))
    founded_on: Mapped[date | None]
    source_code: Mapped[str | None] = mapped_column(String(64), index=True)
    imported: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class User(Base):
    """A person with a login, in one role, for one party."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    party_id: Mapped[str] = mapped_column(ForeignKey("parties.id"), index=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(100))
    active: Mapped[bool] = mapped_column(default=True)


class UserSession(Base):
    """A signed-in browser or app. The token itself is not kept."""

    __tablename__ = "user_sessions"
    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Invitation(Base):
    """A colleague who is to come in. state: invited | confirmed | joined | refused. The words that open it are not kept."""

    __tablename__ = "invitations"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    party_id: Mapped[str] = mapped_column(ForeignKey("parties.id"), index=True)
    login: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    invited_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    invited_at: Mapped[datetime]
    first_digest: Mapped[str] = mapped_column(String(64))
    second_digest: Mapped[str] = mapped_column(String(64))
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class Guess(Base):
    """What is counted against guessing passwords (`guesses.py`): one row for each login from one address, each address, each
    known device of a login. Only digests: people type passwords where their login belongs, and an address is a person's."""

    __tablename__ = "sign_in_guesses"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    failures: Mapped[int] = mapped_column(default=0)
    under_way: Mapped[int] = mapped_column(default=0)
    pauses: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime]
    paused_until: Mapped[datetime | None]
    settles_by: Mapped[datetime | None]
    forget_at: Mapped[datetime] = mapped_column(index=True)


class KnownDevice(Base):
    """A browser from which this person has signed in before. The cookie itself is not kept."""

    __tablename__ = "known_devices"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ApiClient(Base):
    """A bank's own system: a client id, the digest of its secret, and the public key that signs its messages."""

    __tablename__ = "api_clients"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    party_id: Mapped[str] = mapped_column(ForeignKey("parties.id"), index=True)
    secret_digest: Mapped[str] = mapped_column(String(64))
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    role: Mapped[str] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(default=True)
