"""Every environment variable the platform reads, with its default and the reason for it. Only `app` and `cli` read this.

`sandbox` mode makes its own secrets in the var folder (mode 0600) and may move the business clock; `production` demands every
secret from the environment and says which is missing.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.kit.errors import Misconfigured

# What production must bring: name in the environment -> what it is for.
SECRETS = {
    "record_key": "seals raw records, facts that are not public, documents and the facts of assessments (64 hex digits)",
    "signing_key": "signs consents in sandbox mode, and our requests to banks (64 hex digits)",
}


class Settings(BaseSettings):
    """Typed settings; each field is `CREDITBRIDGE_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="CREDITBRIDGE_", extra="forbid")

    mode: Literal["sandbox", "production"] = "sandbox"
    var: Path = Field(default=Path("var"), description="where the sandbox keeps its database, secrets and snapshots")
    database_url: str = Field(default="", description="empty: SQLite in the var folder")
    department_url: str = Field(default="", description="the departments' exchange database 前置库; empty: var/departments.db")
    password_cost: Literal["standard", "cheapest"] = Field(default="standard", description="cheapest is for sandboxes only")
    password_workers: int = Field(
        default=0, ge=0, le=64, description="how many passwords are hashed or compared at once; 0: half of the processors"
    )
    password_line: int = Field(
        default=64, ge=2, le=10_000, description="how many sign-ins wait for that; the next is told to come back"
    )
    trusted_proxies: str = Field(
        default="", description="addresses or networks, divided by commas, of proxies whose last X-Forwarded-For hop is believed"
    )
    public_url: str = Field(default="http://127.0.0.1:8000", description="where banks send callbacks and the portal lives")
    dashboard_url: str = Field(default="http://127.0.0.1:8501", description="the dashboard's address, for the portal's link")
    lenders: dict[str, str] = Field(default_factory=dict, description="bank code -> base URL")
    operator_capacity: Literal["public_platform", "enterprise_bureau", "personal_bureau"] = Field(
        default="public_platform", description="decides what may leave the platform"
    )
    secure_cookies: bool = Field(default=False, description="production behind TLS sets this")
    snapshot_minutes: int = Field(default=10, ge=0, description="how often the regulator's snapshot is built; 0: when asked for")
    sandbox_day: date | None = Field(default=None, description="the business day on which a new sandbox begins")
    record_key: str = ""
    signing_key: str = ""
    bank_secrets: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="production: bank code -> secret's name in its manifest -> hex"
    )

    @property
    def sandbox(self) -> bool:
        return self.mode == "sandbox"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.var / 'creditbridge.db').resolve()}"

    @property
    def departments(self) -> str:
        return self.department_url or f"sqlite:///{(self.var / 'departments.db').resolve()}"

    @property
    def snapshots(self) -> Path:
        return self.var / "snapshots"


def load() -> Settings:
    """Read the environment; a wrong or missing setting is one clear sentence."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "CREDITBRIDGE_" + "_".join(str(part) for part in first["loc"]).upper()
        raise Misconfigured(f"{name}: {first['msg']}") from error
    return with_secrets(settings)


def with_secrets(settings: Settings) -> Settings:
    """The same settings with every secret there: made in var/ for a sandbox, demanded in production."""
    if settings.password_cost != "standard" and not settings.sandbox:  # noqa: S105  # the name of a cost, not a password
        raise Misconfigured("CREDITBRIDGE_PASSWORD_COST=cheapest is for sandbox mode only; production takes 'standard'")
    found = {}
    for name, purpose in SECRETS.items():
        value = getattr(settings, name)
        if not value and not settings.sandbox:
            raise Misconfigured(f"CREDITBRIDGE_{name.upper()} is missing: it {purpose}")
        found[name] = value or sandbox_secret(settings.var, name)
        if len(found[name]) != 64:
            raise Misconfigured(f"CREDITBRIDGE_{name.upper()} must be 64 hex digits: it {purpose}")
    return settings.model_copy(update=found)


def sandbox_secret(var: Path, name: str) -> str:
    """A secret of this sandbox, made once, readable by its owner only."""
    folder = var / "secrets"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = folder / name
    if not path.exists():
        # Several processes may start at once: each writes aside, the first to link wins, all read the winner's.
        aside = folder / f".{name}.{os.getpid()}"
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    return path.read_text().strip()
