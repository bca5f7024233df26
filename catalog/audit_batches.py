"""The audit log's daily batches: by which name they are made, whose reach the archive, and what seals them (M§14.3)."""

from __future__ import annotations

import re

from catalog.clusters import Cluster
from catalog.environments import Environment
from catalog.flows import Flow

NAME = "audit-batches"
"""Of the job, its service account, and the last part of its role in either cloud."""

SHORTEST_SEAL_BITS = 3072
"""Of an RSA key that must hold for as long as a batch is kept, seven years (NIST SP 800-57: 128 bits of strength)."""

MAKE_A_SEAL = "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096"


_CHAIN = re.compile(r"[a-z][a-z0-9-]{0,19}")


def chain_name(text: str) -> str | None:
    """Say what is wrong with the name of a new chain, or ``None``: it stands where days stand, and must be none."""
    if _CHAIN.fullmatch(text):
        return None
    return f"{text!r} is no name; begin with a letter and take 20 small letters, digits and dashes, such as second"


def reach_archive(cluster: Cluster, environment: Environment) -> bool:
    """Whether a stack's batches go to the global archive: those about real persons, where the law lets them."""
    return environment is Environment.PROD and Flow.AUDIT.joins(cluster, Cluster.GLOBAL)


def writer_role(cluster: Cluster) -> str:
    """Name the role by which a cluster's job writes to the archive, ``smp-asia-prod-audit-batches``."""
    return f"{cluster.id}-{Environment.PROD}-{NAME}"


def seal_key(text: str) -> str | None:
    """Say what is wrong with the public key that closes batches, or ``None``."""
    # Only two stacks have one, and the library takes longer to load than a plan should wait.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    if "PRIVATE KEY" in text:
        return "holds a private key; it is public now: throw it away, make another, and give the public half alone"
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        return "is no public key in PEM; give the whole output of `openssl pkey -pubout`"
    if not isinstance(key, RSAPublicKey):
        return f"is no RSA key; make one with `{MAKE_A_SEAL}`"
    if key.key_size < SHORTEST_SEAL_BITS:
        return (
            f"has {key.key_size} bits, and {SHORTEST_SEAL_BITS} are the least; make one with `{MAKE_A_SEAL}`"
        )
    return None
