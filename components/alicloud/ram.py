"""Identities in Resource Access Management (RAM): roles of services, and roles of Kubernetes service accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_alicloud as alicloud

from components.core.component import Args, Component, Outputs
from components.core.naming import NameLimit
from components.core.scope import Scope

RDS_ENCRYPTION_ROLE = "AliyunRDSInstanceEncryptionDefaultRole"
"""Lets RDS and ApsaraDB for MongoDB use a key of ours. The services look for exactly this name."""


@dataclass(frozen=True, kw_only=True)
class _ServiceRole:
    name: str
    service: str
    policy: str


def _of_container_service(name: str) -> _ServiceRole:
    return _ServiceRole(name=name, service="cs.aliyuncs.com", policy=f"{name}Policy")


_SERVICE_ROLES: Mapping[str, _ServiceRole] = {
    "rds-encryption": _ServiceRole(
        name=RDS_ENCRYPTION_ROLE, service="rds.aliyuncs.com", policy="AliyunRDSInstanceEncryptionRolePolicy"
    ),
    "ecs-encryption": _ServiceRole(
        name="AliyunECSDiskEncryptDefaultRole",
        service="ecs.aliyuncs.com",
        policy="AliyunECSDiskEncryptRolePolicy",
    ),
    "ack": _of_container_service("AliyunCSDefaultRole"),
    "ack-cluster": _of_container_service("AliyunCSManagedKubernetesRole"),
    "ack-network": _of_container_service("AliyunCSManagedNetworkRole"),
    "ack-volumes": _of_container_service("AliyunCSManagedCsiRole"),
    "ack-volume-plugin": _of_container_service("AliyunCSManagedCsiPluginRole"),
    "ack-volume-provisioner": _of_container_service("AliyunCSManagedCsiProvisionerRole"),
    "ack-logs": _of_container_service("AliyunCSManagedLogRole"),
    "ack-metrics": _of_container_service("AliyunCSManagedCmsRole"),
    "ack-secrets": _of_container_service("AliyunCSManagedSecurityRole"),
    "ack-node-lifecycle": _of_container_service("AliyunCSManagedNlcRole"),
    "ack-autoscaler": _of_container_service("AliyunCSManagedAutoScalerRole"),
}
"""By our name. The names of the roles and of their system policies are fixed by the services."""


def account_role_arn(scope: Scope, role: str) -> str:
    """Give the ARN by which services know a role; they spell its name in lower case."""
    return f"acs:ram::{scope.account}:role/{role.lower()}"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What a role may do: actions such as ``oss:PutObject`` on resources such as ``acs:oss:*:*:bucket/*``.

    ``resources`` may hold outputs where a name carries an id that only the cloud knows; ``conditions`` are operator,
    then key, then what it is compared with.
    """

    actions: tuple[str, ...]
    resources: tuple[pulumi.Input[str], ...]
    conditions: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict[str, Any])

    def document(self) -> dict[str, Any]:
        """Give the statement as RAM writes it."""
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        if self.conditions:
            statement["Condition"] = {
                operator: {key: list(values) for key, values in keys.items()}
                for operator, keys in self.conditions.items()
            }
        return statement


def key_use(scope: Scope, key_id: pulumi.Output[str]) -> Statement:
    """Allow reading and writing objects under a key of KMS.

    Whoever reaches a bucket that encrypts under a key of one's own must be allowed to use the key as well (OSS user
    guide, server-side encryption).
    """
    return Statement(
        actions=("kms:GenerateDataKey", "kms:Decrypt"),
        resources=(pulumi.Output.concat(f"acs:kms:{scope.region}:{scope.account}:key/", key_id),),
    )


@dataclass(frozen=True, kw_only=True)
class ServiceRolesArgs(Args):
    """Which account the roles are made in; an account that has them already imports them."""


@dataclass(frozen=True, kw_only=True)
class ServiceRolesOutputs(Outputs):
    """The roles' names, keyed by what they are for."""

    roles: Mapping[str, str]


class ServiceRoles(Component[ServiceRolesOutputs]):
    """The roles through which ACK, ECS and RDS act in this account.

    The console makes them on first use, with a click that a deployment cannot wait for. Databases and the
    cluster depend on this component as a whole.
    """

    token = "smp:alicloud:ServiceRoles"

    def __init__(
        self,
        name: str,
        args: ServiceRolesArgs,
        *,
        provider: alicloud.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        for thing, facts in _SERVICE_ROLES.items():
            self._create_role(thing, facts)
        self.publish(
            ServiceRolesOutputs(roles={thing: facts.name for thing, facts in _SERVICE_ROLES.items()})
        )

    def _create_role(self, thing: str, facts: _ServiceRole) -> None:
        name = self.scope.name(thing, NameLimit.RAM_ROLE)
        role = alicloud.ram.Role(
            name,
            role_name=NameLimit.RAM_ROLE.check(facts.name),
            description=f"Lets {facts.service} act in this account",
            assume_role_policy_document=json.dumps(
                {
                    "Version": "1",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "sts:AssumeRole",
                            "Principal": {"Service": [facts.service]},
                        }
                    ],
                }
            ),
            tags=self.scope.tags(name),
            opts=self.child(),
        )
        alicloud.ram.RolePolicyAttachment(
            name,
            role_name=role.role_name,
            policy_name=facts.policy,
            policy_type="System",
            opts=self.child(),
        )


@dataclass(frozen=True, kw_only=True)
class ServiceAccountRoleArgs(Args):
    """Which service account may do what.

    ``oidc_issuer`` is the cluster's, as its outputs give it; ``thing`` is the last part of the role's name.
    """

    thing: str
    namespace: str
    service_account: str
    oidc_issuer: pulumi.Output[str]
    statements: tuple[Statement, ...] = ()
    system_policies: tuple[str, ...] = ()
    """Alibaba Cloud's own, where a service knows no single resources to name."""

    def problems(self) -> Iterator[str]:
        """Check that the role is for one account and grants named actions on named resources."""
        for what, value in (("namespace", self.namespace), ("service_account", self.service_account)):
            if not value or "*" in value:
                yield f"{what} {value!r} must name one; a wildcard would let other pods take the role"
        if not self.statements and not self.system_policies:
            yield "statements are empty; a role that may do nothing is not needed"
        for policy in self.system_policies:
            if not policy.endswith("ReadOnlyAccess"):
                yield f"system policy {policy} is more than reading; write statements instead"
        for statement in self.statements:
            if not statement.actions or not statement.resources:
                yield "a statement needs actions and resources"
            for action in statement.actions:
                if action == "*" or action.endswith(":*"):
                    yield f"action {action} is everything of a service; list what is needed"
            if any(resource == "*" for resource in statement.resources if isinstance(resource, str)):
                yield f"resources of {', '.join(statement.actions)} are everything; name them"


@dataclass(frozen=True, kw_only=True)
class ServiceAccountRoleOutputs(Outputs):
    """A role as the annotation ``pod-identity.alibabacloud.com/role-name`` and policies name it."""

    name: str
    arn: str


class ServiceAccountRole(Component[ServiceAccountRoleOutputs]):
    """A role that exactly one Kubernetes service account may take (RRSA), without any stored credential.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:alicloud:ServiceAccountRole"

    def __init__(
        self,
        name: str,
        args: ServiceAccountRoleArgs,
        *,
        provider: alicloud.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        role_name = self.scope.name(args.thing, NameLimit.RAM_ROLE)
        role = alicloud.ram.Role(
            role_name,
            role_name=role_name,
            description=f"Service account {args.namespace}/{args.service_account}",
            assume_role_policy_document=self._trust(args),
            max_session_duration=3600,
            tags=self.scope.tags(role_name),
            opts=self.child(),
        )
        if args.statements:
            self._grant(role_name, role, args)
        for policy in args.system_policies:
            alicloud.ram.RolePolicyAttachment(
                f"{role_name}-{policy}",
                role_name=role.role_name,
                policy_name=policy,
                policy_type="System",
                opts=self.child(),
            )
        self.publish(
            ServiceAccountRoleOutputs(name=role_name, arn=f"acs:ram::{self.scope.account}:role/{role_name}")
        )

    def _grant(self, role_name: str, role: alicloud.ram.Role, args: ServiceAccountRoleArgs) -> None:
        policy = alicloud.ram.Policy(
            role_name,
            policy_name=self.scope.name(args.thing, NameLimit.RAM_POLICY),
            description=f"What {args.namespace}/{args.service_account} may do",
            policy_document=pulumi.Output.json_dumps(
                {"Version": "1", "Statement": [statement.document() for statement in args.statements]}
            ),
            rotate_strategy="DeleteOldestNonDefaultVersionWhenLimitExceeded",
            tags=self.scope.tags(role_name),
            opts=self.child(),
        )
        alicloud.ram.RolePolicyAttachment(
            role_name,
            role_name=role.role_name,
            policy_name=policy.policy_name,
            policy_type="Custom",
            opts=self.child(),
        )

    def _trust(self, args: ServiceAccountRoleArgs) -> pulumi.Output[str]:
        # ACK registers the issuer in RAM as ack-rrsa-<cluster id>; the id is the last part of the issuer.
        provider = args.oidc_issuer.apply(lambda issuer: f"ack-rrsa-{issuer.rsplit('/', maxsplit=1)[-1]}")
        subject = f"system:serviceaccount:{args.namespace}:{args.service_account}"
        return pulumi.Output.json_dumps(
            {
                "Version": "1",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRole",
                        "Principal": {
                            "Federated": [
                                pulumi.Output.concat(
                                    f"acs:ram::{self.scope.account}:oidc-provider/", provider
                                )
                            ]
                        },
                        "Condition": {
                            "StringEquals": {
                                "oidc:aud": ["sts.aliyuncs.com"],
                                "oidc:iss": [args.oidc_issuer],
                                "oidc:sub": [subject],
                            }
                        },
                    }
                ],
            }
        )
