"""The audit log's daily batches."""

from __future__ import annotations

from catalog.audit_batches import reach_archive
from catalog.forms import ImageRegistry
from catalog.places import Cloud
from catalog.stack_facts import Stack
from components.kubernetes.audit_batches import AuditBatches, AuditBatchesArgs
from tests.contracts.harness import Example, World, known

PRODUCT = tuple(stack for stack in Stack if stack is not Stack.PROD_GLOBAL)

SEAL = """-----BEGIN PUBLIC KEY-----
MIICITANBgkqhkiG9w0BAQEFAAOCAg4AMIICCQKCAgBQTEFDRUhPTERFUi5QTEFD
RUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFD
RUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFD
RUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFD
RUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFD
RUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFD
RUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFD
RUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFD
RUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFD
RUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFD
RUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFDRUhPTERFUi5QTEFD
RUhPTERFUi5QTEFDRUhPIQIDAQAB
-----END PUBLIC KEY-----
"""
"""A public key of 4096 bits, of which nobody has the private half."""


def args(world: World) -> AuditBatchesArgs:
    scope = world.scope
    return AuditBatchesArgs(
        scope=scope,
        namespace=known("kafka"),
        definitions=known("1"),
        image_registry=ImageRegistry("registry.example/mirror"),
        bucket=f"{scope.cluster.id}-audit-log",
        kept_days=2555,
        role_name=scope.name("audit-batches") if scope.cluster.cloud is Cloud.ALIBABA else None,
        seal_key=SEAL if reach_archive(scope.cluster, scope.environment) else None,
    )


def audit_batches(world: World) -> AuditBatches:
    return AuditBatches("audit-batches", args(world), provider=world.kubernetes)


EXAMPLES = [Example(id="audit-batches", build=audit_batches, stacks=PRODUCT)]
