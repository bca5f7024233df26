"""Closes a batch before it leaves its region: the archive's own account cannot read it.

A sealed batch is ``SMPSEAL1``, the SHA-256 of the public key (32 bytes; says which key opens it after a rotation), the
length of the wrapped key (2 bytes, big-endian), the wrapped key (RSA-OAEP with SHA-256), a nonce (12 bytes), and the
content under AES-256-GCM, bound to the batch's folder.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from catalog.audit_batches import SHORTEST_SEAL_BITS
from jobs.environment import text_of
from jobs.failures import JobError

_MAGIC = b"SMPSEAL1"
_NONCE_BYTES = 12
_OAEP = padding.OAEP(mgf=padding.MGF1(algorithm=hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


@dataclass(frozen=True, kw_only=True)
class Seal:
    """Closes batches for whoever holds the private half, which is not in the cluster."""

    key: RSAPublicKey

    @classmethod
    def of(cls, file: Path) -> Seal:
        """Read the public key.

        Raises:
            JobError: the file holds no RSA public key of 3072 bits or more.

        """
        try:
            key = load_pem_public_key(text_of(file).encode())
        except ValueError as error:
            msg = f"{file} holds no public key in PEM: {error}"
            raise JobError(msg) from error
        if not isinstance(key, RSAPublicKey) or key.key_size < SHORTEST_SEAL_BITS:
            msg = f"{file} must hold an RSA key of {SHORTEST_SEAL_BITS} bits or more"
            raise JobError(msg)
        return cls(key=key)

    def close(self, content: bytes, *, folder: str) -> bytes:
        """Seal a content under a key of its own."""
        secret, nonce = AESGCM.generate_key(256), os.urandom(_NONCE_BYTES)
        wrapped = self.key.encrypt(secret, _OAEP)
        closed = AESGCM(secret).encrypt(nonce, content, folder.encode())
        return b"".join(
            (_MAGIC, fingerprint(self.key), len(wrapped).to_bytes(2, "big"), wrapped, nonce, closed)
        )


def fingerprint(key: RSAPublicKey) -> bytes:
    """Give the SHA-256 of a public key (32 bytes)."""
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()


def opened(sealed: bytes, key: RSAPrivateKey, *, folder: str) -> bytes:
    """Open a sealed batch.

    Raises:
        JobError: it is none, is sealed for another key, was changed, or belongs to another folder.

    """
    head = len(_MAGIC) + 34
    if not sealed.startswith(_MAGIC):
        msg = f"{folder} holds no sealed batch"
        raise JobError(msg)
    if sealed[len(_MAGIC) : head - 2] != fingerprint(key.public_key()):
        found = sealed[len(_MAGIC) : head - 2].hex()
        msg = f"{folder} is sealed for the key {found}; take that one"
        raise JobError(msg)
    end = head + int.from_bytes(sealed[head - 2 : head], "big")
    try:
        secret = key.decrypt(sealed[head:end], _OAEP)
        return AESGCM(secret).decrypt(
            sealed[end : end + _NONCE_BYTES], sealed[end + _NONCE_BYTES :], folder.encode()
        )
    except (InvalidTag, ValueError) as error:
        msg = f"{folder} was changed after it was sealed, or is of another day"
        raise JobError(msg) from error
