"""The users of a cluster and all they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.kafka_rights import Proof, Right, User, users_of
from components.core.component import Args, Component, Outputs
from components.kubernetes.kafka.resources import cluster_label, custom_resource, namespace_of

CERTIFICATE_DAYS = 365
"""Life of a mirror's certificate; its copy in the region is renewed by hand (docs/runbooks/kafka-mirrors.md)."""

RENEWAL_DAYS = 60


@dataclass(frozen=True, kw_only=True)
class KafkaUsersArgs(Args):
    """Where the users are made."""

    namespace: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class KafkaUsersOutputs(Outputs):
    """Secrets of the users' credentials by user; an object made in this ``namespace`` waits for all users."""

    namespace: pulumi.Output[str]
    secrets: Mapping[str, str]


class KafkaUsers(Component[KafkaUsersOutputs]):
    """One user per program, with the rights the catalogue gives it and no others.

    Inside the cluster a user has a password (M§5.1: SASL), which the operator makes and keeps in a secret named like
    the user. Whoever comes from another cluster has a certificate: that listener takes no password at all.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:KafkaUsers"

    def __init__(
        self,
        name: str,
        args: KafkaUsersArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        users = users_of(self.scope.cluster, self.scope.environment)
        made = [self._create_user(user, args.namespace) for user in users]
        namespaces = pulumi.Output.all(*(namespace_of(resource) for resource in made))
        self.publish(
            KafkaUsersOutputs(
                namespace=namespaces.apply(lambda names: names[0]),
                secrets={user.name: user.name for user in users},
            )
        )

    def _create_user(
        self, user: User, namespace: pulumi.Output[str]
    ) -> kubernetes.apiextensions.CustomResource:
        authentication: dict[str, Any] = {"type": str(user.proof)}
        if user.proof is Proof.CERTIFICATE:
            authentication |= {"validityDays": CERTIFICATE_DAYS, "renewalDays": RENEWAL_DAYS}
        return custom_resource(
            self,
            "KafkaUser",
            user.name,
            namespace=namespace,
            labels=cluster_label(self.scope),
            spec={
                "authentication": authentication,
                "authorization": {"type": "simple", "acls": [acl(right) for right in user.rights]},
            },
        )


def acl(right: Right) -> dict[str, Any]:
    """Write a right as the operator reads it; from any host, since the network is the policies' business."""
    return {
        "type": "allow",
        "resource": {"type": str(right.kind), "name": right.name, "patternType": str(right.pattern)},
        "operations": list(right.operations),
        "host": "*",
    }
