"""Keys, network and cluster on AWS: what data stores and workloads stand on, the control plane's too."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws

from catalog.budgets import AllocationTags
from catalog.environments import Environment
from components.aws.budget import Budget, BudgetArgs
from components.aws.cost_watch import CostWatch, CostWatchArgs
from components.aws.keys import KeyPurpose, Keys, KeysArgs, KeySeparation
from components.aws.kubernetes import KubernetesCluster, KubernetesClusterArgs
from components.aws.kubernetes_access import AccessLevel, ClusterAccess
from components.aws.network import NatGateways, Network, NetworkArgs
from components.core.outputs import KeysOutputs, KubernetesOutputs, NetworkOutputs
from components.core.scope import Scope
from stacks import exports
from stacks.config import StackConfig
from stacks.config_source import Settings
from stacks.node_pools import node_pools
from stacks.providers import aws_provider


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What the data stores and the workloads stand on."""

    settings: Settings
    scope: Scope
    aws: aws.Provider
    keys: KeysOutputs
    network: NetworkOutputs
    kubernetes: KubernetesOutputs

    @property
    def config(self) -> StackConfig:
        """The stack's configuration."""
        return self.settings.config


def foundation(settings: Settings, purposes: frozenset[KeyPurpose]) -> Foundation:
    """Keys, network and cluster, which the control plane has as well."""
    config = settings.config
    scope = Scope(stack=settings.stack, account=config.account)
    provider = aws_provider(scope)
    keys = Keys(
        "keys",
        KeysArgs(
            scope=scope,
            purposes=purposes,
            separation=KeySeparation.SHARED
            if scope.environment is Environment.DEV
            else KeySeparation.PER_PURPOSE,
        ),
        provider=provider,
    ).outputs
    network = Network(
        "network",
        NetworkArgs(
            scope=scope,
            cidr=config.network.cidr,
            zones=config.network.zones,
            nat_gateways=NatGateways(config.network.nat_gateways),
            interface_endpoints=frozenset(config.network.interface_endpoints),
            key_arn=keys.arns[KeyPurpose.LOGS],
        ),
        provider=provider,
    ).outputs
    cluster = KubernetesCluster(
        "kubernetes",
        KubernetesClusterArgs(
            scope=scope,
            version=config.kubernetes.version,
            node_subnets=network.node_subnets,
            node_pools=node_pools(config.kubernetes),
            access={
                name: ClusterAccess(principal_arn=arn, level=AccessLevel.ADMIN)
                for name, arn in config.kubernetes.admins.items()
            },
            public_access=config.kubernetes.public_access,
            secrets_key_arn=keys.arns[KeyPurpose.KUBERNETES],
            volumes_key_arn=keys.arns[KeyPurpose.VOLUMES],
            logs_key_arn=keys.arns[KeyPurpose.LOGS],
        ),
        provider=provider,
    ).outputs
    Budget(
        "budget",
        BudgetArgs(
            scope=scope,
            monthly=config.budget.monthly_usd,
            email_addresses=config.budget.subscribers,
        ),
        provider=provider,
    )
    if config.budget.allocation_tags is AllocationTags.ACTIVE:
        CostWatch(
            "cost-watch",
            CostWatchArgs(
                scope=scope,
                monthly=config.budget.monthly_usd,
                email_addresses=config.budget.subscribers,
            ),
            provider=provider,
        )
    exports.export_parts({"keys": keys, "network": network, "kubernetes": cluster})
    return Foundation(
        settings=settings, scope=scope, aws=provider, keys=keys, network=network, kubernetes=cluster
    )
