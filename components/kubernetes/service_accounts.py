"""One Kubernetes service account per service: the identity that cloud roles and Vault roles are bound to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.services import Service
from components.core.component import Args, Component, Outputs
from components.core.naming import NameLimit


@dataclass(frozen=True, kw_only=True)
class ServiceAccountsArgs(Args):
    """Which services get an account, and where; ``annotations`` bind an account to a cloud role, by service id."""

    namespace: pulumi.Output[str]
    services: tuple[Service, ...] = tuple(Service)
    annotations: Mapping[str, Mapping[str, pulumi.Output[str]]]


@dataclass(frozen=True, kw_only=True)
class ServiceAccountsOutputs(Outputs):
    """Names of the accounts, keyed by service."""

    names: Mapping[str, str]


class ServiceAccounts(Component[ServiceAccountsOutputs]):
    """Service accounts named like their services, without a token mounted by default (M§9: least access)."""

    token = "smp:kubernetes:ServiceAccounts"

    def __init__(
        self,
        name: str,
        args: ServiceAccountsArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        for service in args.services:
            account = NameLimit.KUBERNETES.check(service.id)
            kubernetes.core.v1.ServiceAccount(
                self.scope.name(account),
                metadata={
                    "name": account,
                    "namespace": args.namespace,
                    "labels": self.scope.labels(service.id),
                    "annotations": args.annotations.get(service.id),
                },
                automount_service_account_token=False,
                opts=self.child(),
            )
        self.publish(ServiceAccountsOutputs(names={service.id: service.id for service in args.services}))
