"""Gives Kafka Connect the authority of Elasticsearch's certificate in the one form Java reads."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from http import HTTPStatus
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore

from jobs.failures import JobError
from jobs.web import Server

STORE_KEY = "ca.p12"
PASSWORD_KEY = "ca.password"  # noqa: S105 - the name of a key
FINGERPRINT_KEY = "ca.sha256"
"""Says which authorities are in the store, so that it is written only when they change."""


def trust_store(pem: str, password: str) -> bytes:
    """Put the certificates of a PEM text into a store of the kind PKCS 12 that Java trusts.

    Raises:
        JobError: there is no certificate in it.

    """
    try:
        authorities = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        msg = f"the operator's ca.crt holds no certificate: {error}"
        raise JobError(msg) from error
    entries = [
        PKCS12Certificate(authority, f"elasticsearch-{number}".encode())
        for number, authority in enumerate(authorities)
    ]
    return serialize_java_truststore(entries, BestAvailableEncryption(password.encode()))


def publish(api: Server, namespace: str, secret: str, pem: str) -> bool:
    """Write the store into a secret of another namespace when its authorities changed; say whether it was written.

    Raises:
        JobError: the API server cannot be reached or refuses.

    """
    path = f"/api/v1/namespaces/{namespace}/secrets/{secret}"
    there = api.ask("GET", path)
    if not there.succeeded:
        raise _refused(path, there.status, there.body)
    fingerprint = hashlib.sha256(pem.encode()).hexdigest()
    data = there.body.get("data") or {}
    if _text(data.get(FINGERPRINT_KEY)) == fingerprint and data.get(STORE_KEY):
        return False
    password = secrets.token_hex(16)
    values = {
        STORE_KEY: trust_store(pem, password),
        PASSWORD_KEY: password.encode(),
        FINGERPRINT_KEY: fingerprint.encode(),
    }
    patch = {"data": {key: base64.b64encode(value).decode() for key, value in values.items()}}
    answer = api.ask("PATCH", path, patch, content_type="application/merge-patch+json")
    if not answer.succeeded:
        raise _refused(path, answer.status, answer.body)
    return True


def _text(encoded: object) -> str | None:
    try:
        return base64.b64decode(str(encoded), validate=True).decode() if encoded else None
    except (binascii.Error, UnicodeDecodeError):
        return None


def _refused(path: str, status: int, body: Any) -> JobError:
    hint = "; the role in Kafka's namespace allows it" if status == HTTPStatus.FORBIDDEN else ""
    return JobError(f"Kubernetes refused {path} ({status}): {str(body)[:200]}{hint}")
