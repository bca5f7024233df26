"""The secrets a deployment takes from its configuration, as opposed to those Vault or a cloud generates (M§5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from catalog.stack_facts import Stack

_CLUSTERS = frozenset({Stack.DEV, Stack.STAGING, Stack.PROD_ASIA, Stack.PROD_US, Stack.PROD_CHINA})


@dataclass(frozen=True, kw_only=True)
class SecretFacts:
    """One secret of the stack configuration."""

    key: str
    """Key in the configuration, without the project's namespace."""
    purpose: str
    stacks: frozenset[Stack]
    """The stacks that do not deploy without it."""


class DeploySecret(Enum):
    """All of them. Rotation is quarterly (M§5.1): set a new value and deploy.

    RDS keeps its own master password (Secrets Manager, generated and rotated there), so on AWS no MySQL
    password passes through the configuration; ApsaraDB has no such feature.
    """

    REDIS_PASSWORD = SecretFacts(
        key="redisPassword", purpose="password of the Redis clusters (M§5.1)", stacks=_CLUSTERS
    )
    MONGODB_PASSWORD = SecretFacts(
        key="mongodbPassword", purpose="password of the MongoDB application user (M§5.1)", stacks=_CLUSTERS
    )
    MYSQL_PASSWORD = SecretFacts(
        key="mysqlPassword",
        purpose="password of the MySQL administrator (M§5.1)",
        stacks=frozenset({Stack.PROD_CHINA}),
    )


def required_secrets(stack: Stack) -> tuple[SecretFacts, ...]:
    """List the secrets a stack needs, in the order above."""
    return tuple(secret.value for secret in DeploySecret if stack in secret.value.stacks)
