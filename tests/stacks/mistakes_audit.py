"""Mistakes about where the audit log's batches go, and what seals them."""

from __future__ import annotations

from catalog.stack_facts import Stack
from tests.stacks.mistakes import Case

_SHORT = """-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkmFps+t86WfbVk3rXezHe0NYq
jjwZuH2+yEdLCWf7K7WDor3DJ5k7Hzx32/E7VGkvtNzuggRTIIE/MfbCMarDmw0h
zpBwdKJq5UzpbFPTpSZcyFAAbIlX9Y5VAkvSJfrUqK03DCLLX0+cFfPIDBu75tiO
5Yt9C16CskhSucxZuwIDAQAB
-----END PUBLIC KEY-----
"""
"""A public key nobody has the private half of."""

_SEAL = {"archiveAccount": "666666666666", "sealKey": _SHORT}

AUDIT: list[Case] = [
    (Stack.DEV, "smp:objects/auditChain", "2026-11-25", "smp:objects.auditChain", "begin with a letter"),
    (Stack.PROD_ASIA, "smp:auditBatches", None, "smp:auditBatches", "is missing"),
    (
        Stack.STAGING,
        "smp:auditBatches",
        _SEAL,
        "smp:auditBatches",
        "nothing of this stack goes to the archive",
    ),
    (
        Stack.PROD_CHINA,
        "smp:auditBatches",
        _SEAL,
        "smp:auditBatches",
        "nothing of this stack goes to the archive",
    ),
    (
        Stack.PROD_US,
        "smp:auditBatches/sealKey",
        "ssh-rsa x",
        "smp:auditBatches.sealKey",
        "no public key in PEM",
    ),
    (Stack.PROD_US, "smp:auditBatches/sealKey", _SHORT, "smp:auditBatches.sealKey", "has 1024 bits"),
    (
        Stack.PROD_US,
        "smp:auditBatches/sealKey",
        "-----BEGIN PRIVATE KEY-----",
        "smp:auditBatches.sealKey",
        "throw it away",
    ),
    (
        Stack.PROD_ASIA,
        "smp:auditBatches/archiveAccount",
        "333333333333",
        "smp:auditBatches.archiveAccount",
        "this stack's own account",
    ),
    (Stack.PROD_ASIA, "smp:auditBatches/archiveAccount", 6, "smp:auditBatches.archiveAccount", "quotes"),
]
