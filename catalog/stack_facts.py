"""The six stacks: which cluster and environment each one builds, and for how much."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from catalog.clusters import Cluster
from catalog.environments import Environment
from catalog.quantities import Usd


@dataclass(frozen=True, kw_only=True)
class StackFacts:
    """What a stack is, as opposed to how it is configured."""

    name: str
    cluster: Cluster
    environment: Environment
    approved_budget: Usd
    """Monthly amount the seeds approve (M§13, M§14.2); the configuration holds the one in force."""
    address_block: str
    """Reserved for this stack's network, so that no two ever overlap even though nothing joins them."""


class Stack(Enum):
    """The stacks, in the order a release reaches them (M§14.7)."""

    DEV = StackFacts(
        name="dev",
        cluster=Cluster.ASIA,
        environment=Environment.DEV,
        approved_budget=Usd.of(300),
        address_block="10.10.0.0/16",
    )
    STAGING = StackFacts(
        name="staging",
        cluster=Cluster.ASIA,
        environment=Environment.STAGING,
        approved_budget=Usd.of(800),
        address_block="10.11.0.0/16",
    )
    PROD_ASIA = StackFacts(
        name="prod-asia",
        cluster=Cluster.ASIA,
        environment=Environment.PROD,
        approved_budget=Usd.of(4000),
        address_block="10.20.0.0/16",
    )
    PROD_US = StackFacts(
        name="prod-us",
        cluster=Cluster.US,
        environment=Environment.PROD,
        approved_budget=Usd.of(2500),
        address_block="10.40.0.0/16",
    )
    PROD_CHINA = StackFacts(
        name="prod-china",
        cluster=Cluster.CHINA,
        environment=Environment.PROD,
        approved_budget=Usd.of(1500),
        address_block="10.30.0.0/16",
    )
    PROD_GLOBAL = StackFacts(
        name="prod-global",
        cluster=Cluster.GLOBAL,
        environment=Environment.PROD,
        approved_budget=Usd.of(400),
        address_block="10.50.0.0/16",
    )

    @property
    def facts(self) -> StackFacts:
        """The facts of this stack."""
        return self.value

    @classmethod
    def named(cls, name: str) -> Stack:
        """Find a stack by its name.

        Raises:
            KeyError: there is no such stack; the message lists those that exist.

        """
        for stack in cls:
            if stack.value.name == name:
                return stack
        known = ", ".join(stack.value.name for stack in cls)
        msg = f"there is no stack {name!r}; the stacks are {known}"
        raise KeyError(msg)


COST_CENTER = "engineering"
"""Value of the ``CostCenter`` tag everywhere (M§14.8)."""
