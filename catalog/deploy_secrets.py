"""The secrets a deployment takes from its configuration, as opposed to those Vault or a cloud generates (M§5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from catalog.stack_facts import Stack

_ROUTERS = frozenset({Stack.DEV, Stack.STAGING, Stack.PROD_GLOBAL})
_CLUSTERS = frozenset({Stack.DEV, Stack.STAGING, Stack.PROD_ASIA, Stack.PROD_US, Stack.PROD_CHINA})


SHORTEST, LONGEST = 16, 32
"""Characters of a secret: the longest that ApsaraDB takes, and no shorter than ElastiCache does."""

GENERATE = "openssl rand -base64 33 | tr -d '+/=\\n' | cut -c1-32"
"""A command that prints a secret every store accepts."""


def is_acceptable(value: str) -> bool:
    """Whether every store accepts a secret: ASCII letters and digits, all three kinds, 16 to 32 of them.

    ApsaraDB wants three kinds of character and at most 32; RDS and ElastiCache refuse several signs.
    """
    kinds = (str.islower, str.isupper, str.isdigit)
    return (
        SHORTEST <= len(value) <= LONGEST
        and value.isascii()
        and value.isalnum()
        and all(any(kind(letter) for letter in value) for kind in kinds)
    )


@dataclass(frozen=True, kw_only=True)
class SecretFacts:
    """One secret of the stack configuration."""

    key: str
    """Key in the configuration, without the project's namespace."""
    purpose: str
    stacks: frozenset[Stack]
    """The stacks that do not deploy without it."""
    shortest: int = SHORTEST
    """Fewest characters its reader takes."""

    def accepts(self, value: str) -> bool:
        """Whether every store accepts a secret, and this one's reader too."""
        return is_acceptable(value) and len(value) >= self.shortest

    @property
    def lengths(self) -> str:
        """How many characters it may have, in words: `16 to 32`."""
        return f"{self.shortest} to {LONGEST}" if self.shortest < LONGEST else str(LONGEST)

    @property
    def kept_at(self) -> str:
        """Where the secret is kept, in the words of outputs and reports; the same on every cloud."""
        return f"configuration key smp:{self.key}"

    @property
    def placeholder(self) -> str:
        """Stands for the secret in plans and rehearsals; acceptable, and plainly nobody's password."""
        return f"Rehearsal0{self.key}".ljust(LONGEST, "0")[:LONGEST]


class DeploySecret(Enum):
    """All of them. Rotation is quarterly (M§5.1): set a new value and deploy.

    dev has no MySQL password here: RDS generates one and keeps it in Secrets Manager. It refuses to do so for an
    instance with read replicas (Amazon RDS User Guide, "Password management with Secrets Manager"), and
    ApsaraDB has no such feature.
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
        stacks=_CLUSTERS - {Stack.DEV},
    )
    SEARCH_SINK_PASSWORD = SecretFacts(
        key="searchSinkPassword",
        purpose="password by which Kafka Connect writes the dashboards' figures into Elasticsearch",
        stacks=_CLUSTERS,
    )
    SEARCH_READER_PASSWORD = SecretFacts(
        key="searchReaderPassword",
        purpose="password by which dashboards and the reconciliation read Elasticsearch",
        stacks=_CLUSTERS,
    )
    EDGE_SESSION_KEY = SecretFacts(
        key="edgeSessionKey",
        purpose="key the edge router signs its session cookies with; a new one ends all sessions",
        stacks=_ROUTERS,
        shortest=LONGEST,
    )


def required_secrets(stack: Stack) -> tuple[SecretFacts, ...]:
    """List the secrets a stack needs, in the order above."""
    return tuple(secret.value for secret in DeploySecret if stack in secret.value.stacks)
