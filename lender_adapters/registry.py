"""The banks we can speak to, each named once. Adding one: its folder, and a line here.

>>> sorted(lenders())
['bell_tower_bank', 'harbour_bank', 'orchard_bank']
>>> bank = sandbox("harbour_bank", path=":memory:", secrets=sandbox_secrets("harbour_bank").bank)
>>> ours = sandbox_secrets("harbour_bank").platform
>>> lender = build("harbour_bank", base_url="http://bank", secrets=ours, transport=httpx.MockTransport(bank))
>>> lender.manifest.offers("callback"), lender.manifest.reason("collect")[:18]
(True, 'reports are pushed')
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import httpx

from backend.kit.crypto import public_key
from backend.kit.errors import Misconfigured
from lender_adapters.bell_tower_bank.adapter import BellTowerBank
from lender_adapters.bell_tower_bank.sandbox import BellTowerSandbox
from lender_adapters.harbour_bank.adapter import HarbourBank
from lender_adapters.harbour_bank.sandbox import HarbourSandbox
from lender_adapters.manifest import Manifest, manifest_of
from lender_adapters.orchard_bank.adapter import OrchardBank
from lender_adapters.orchard_bank.sandbox import OrchardSandbox
from lender_adapters.port import Lender, Recorder
from lender_adapters.sandbox import server
from lender_adapters.sandbox.bank import SandboxBank
from lender_adapters.transport import Transport, ignore


class AdapterClass(Protocol):
    def __call__(self, manifest: Manifest, transport: Transport, secrets: Mapping[str, bytes]) -> Lender: ...


@dataclass(frozen=True, slots=True)
class LenderSpec:
    """One bank: what it claims, its adapter, its sandbox."""

    code: str
    manifest: Manifest
    adapter: AdapterClass
    sandbox: type[SandboxBank]


@dataclass(frozen=True, slots=True)
class Secrets:
    """Both sides' secrets of a sandbox line, each by the names its side asks for."""

    platform: dict[str, bytes]
    bank: dict[str, bytes]


_BANKS: tuple[tuple[str, AdapterClass, type[SandboxBank]], ...] = (
    ("harbour_bank", HarbourBank, HarbourSandbox),
    ("bell_tower_bank", BellTowerBank, BellTowerSandbox),
    ("orchard_bank", OrchardBank, OrchardSandbox),
)


def lenders() -> dict[str, LenderSpec]:
    """Every bank by its party code."""
    folder = Path(__file__).parent
    return {code: LenderSpec(code, manifest_of(folder / code), adapter, bank) for code, adapter, bank in _BANKS}


def _spec(code: str) -> LenderSpec:
    known = lenders()
    if code not in known:
        raise Misconfigured(f"no lender is called {code}; known are {', '.join(sorted(known))}")
    return known[code]


def build(
    code: str,
    *,
    base_url: str,
    secrets: Mapping[str, bytes],
    transport: httpx.BaseTransport | None = None,
    recorder: Recorder = ignore,
    deadline_seconds: float | None = None,
) -> Lender:
    """The adapter of one bank, ready to be called from several threads. `secrets` has the names in its manifest."""
    spec = _spec(code)
    line = Transport(
        bank=code,
        base_url=base_url,
        deadline_seconds=deadline_seconds or spec.manifest.deadline_seconds,
        largest_answer_bytes=spec.manifest.largest_answer_bytes,
        transport=transport,
        recorder=recorder,
    )
    return spec.adapter(spec.manifest, line, secrets)


# ---------------------------------------------------------------- sandboxes


def sandbox_secrets(code: str, platform_key: bytes = bytes(32)) -> Secrets:
    """Both sides' secrets of a sandbox bank, worked out from the platform's Ed25519 signing key: fit for sandboxes alone."""
    _spec(code)
    own = hmac.new(platform_key, f"sandbox|{code}".encode(), hashlib.sha256).digest()
    if code == "harbour_bank":
        platform = {"signing_key": platform_key, "bank_public_key": public_key(own)}
        return Secrets(platform, {"bank_private_key": own, "platform_public_key": public_key(platform_key)})
    name = "mac_key" if code == "bell_tower_bank" else "file_key"
    return Secrets({name: own}, {name: own})


def sandbox(
    code: str,
    *,
    path: str | Path,
    secrets: Mapping[str, bytes],
    callback_url: str | None = None,
    callback_transport: httpx.BaseTransport | None = None,
    first_day: date | None = None,
    faults: Sequence[str] = (),
) -> SandboxBank:
    """One sandbox bank over its own book (`path`, or `:memory:`): a callable for `httpx.MockTransport` or `server.serve`."""
    return _spec(code).sandbox(
        path,
        secrets,
        callback_url=callback_url,
        callback_transport=callback_transport,
        first_day=first_day,
        faults=faults,
    )


def serve_sandbox(
    code: str,
    *,
    port: int,
    book: Path,
    callback_url: str,
    platform_key: bytes,
    day: date | None = None,
    faults: Sequence[str] = (),
) -> None:
    """Run one sandbox bank on loopback until SIGTERM."""
    secrets = sandbox_secrets(code, platform_key).bank
    server.serve(sandbox(code, path=book, secrets=secrets, callback_url=callback_url, first_day=day, faults=faults), port)
