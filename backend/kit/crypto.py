"""Seals and signatures, all from `cryptography`: AES-256-GCM for what must stay secret, Ed25519 for what must stay true.

A seal is bound to its place (`aad`, e.g. `raw_records|id`): moved elsewhere, it does not open.

>>> sealer = Sealer(bytes(32))
>>> sealer.open(sealer.seal(b"secret", place="raw|1"), place="raw|1")
b'secret'
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backend.kit.errors import Fault


class Sealer:
    """AES-256-GCM under one 32-byte key; a fresh 12-byte nonce stands before each ciphertext."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, plain: bytes, *, place: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._aead.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        try:
            return self._aead.decrypt(sealed[:12], sealed[12:], place.encode())
        except InvalidTag as error:
            raise Fault(f"the seal of {place} does not open: moved, altered, or another key", code="seal") from error


def public_key(private: bytes) -> bytes:
    """The 32 raw bytes of the Ed25519 public key."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(private: bytes, message: bytes) -> bytes:
    """Ed25519 signature, 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(message)


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is of this message under this key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def mac(key: bytes, message: bytes) -> str:
    """HMAC-SHA-256, hex."""
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def same(a: str, b: str) -> bool:
    """Compare without telling by time where they differ."""
    return hmac.compare_digest(a.encode(), b.encode())
