"""Images and charts in Container Registry (ACR) Enterprise: the only place prod-china pulls from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_alicloud as alicloud

from catalog.services import Service
from components.alicloud.billing import SUBSCRIPTION_MONTHS
from components.core.component import Args, Component
from components.core.naming import NameLimit
from components.core.outputs import RegistryOutputs
from components.core.scope import Scope

SERVICES_NAMESPACE = "smp"
"""Our own images, one repository per service."""

MIRROR_NAMESPACE = "mirror"
"""Copies of public images, pushed by the CN team; public registries are not reachable from cn-beijing."""

CHARTS_NAMESPACE = "charts"
"""Copies of public Helm charts."""


def registry_host(scope: Scope) -> str:
    """Give the host nodes pull from, known before the registry exists; it resolves inside the VPC only."""
    return f"{_instance_name(scope)}-registry-vpc.{scope.region}.cr.aliyuncs.com"


def _instance_name(scope: Scope) -> str:
    return scope.name("images", NameLimit.ACR_INSTANCE)


@dataclass(frozen=True, kw_only=True)
class RegistryArgs(Args):
    """Where the registry is reachable: ``endpoint_subnet`` is one private vSwitch of the network."""

    network_id: pulumi.Output[str]
    endpoint_subnet: pulumi.Output[str]

    def problems(self) -> Iterator[str]:
        """Check that the instance's name fits; it is part of a host name."""
        try:
            _instance_name(self.scope)
        except ValueError as error:
            yield str(error)


class Registry(Component[RegistryOutputs]):
    """ACR Enterprise Basic: a repository per service (M§4), and namespaces for mirrored images and charts.

    Private: the internet endpoint is off by default and stays so. ACR Enterprise is sold by subscription only.
    The service repositories' tags are immutable; a mirror creates its repositories on push.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:alicloud:Registry"

    def __init__(
        self,
        name: str,
        args: RegistryArgs,
        *,
        provider: alicloud.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        instance = self._create_instance()
        self._create_endpoints(instance)
        namespaces = {
            namespace: self._create_namespace(instance, namespace)
            for namespace in (SERVICES_NAMESPACE, MIRROR_NAMESPACE)
        }
        self._create_chart_namespace(instance)
        self._create_repositories(instance, namespaces[SERVICES_NAMESPACE])
        self._create_scan_rule(instance, namespaces)
        host = registry_host(self.scope)
        self.publish(
            RegistryOutputs(
                repositories={
                    service.id: pulumi.Output.from_input(f"{host}/{SERVICES_NAMESPACE}/{service.id}")
                    for service in Service
                },
                mirror=f"{host}/{MIRROR_NAMESPACE}",
                charts=f"{host}/{CHARTS_NAMESPACE}",
            )
        )

    def _create_instance(self) -> alicloud.cr.RegistryEnterpriseInstance:
        name = _instance_name(self.scope)
        return alicloud.cr.RegistryEnterpriseInstance(
            name,
            instance_name=name,
            instance_type="Basic",
            image_scanner="ACR",
            default_oss_bucket="true",
            payment_type="Subscription",
            period=SUBSCRIPTION_MONTHS,
            renewal_status="AutoRenewal",
            renew_period=SUBSCRIPTION_MONTHS,
            tags=self.scope.tags(name),
            opts=self.stateful_child(),
        )

    def _create_endpoints(self, instance: alicloud.cr.RegistryEnterpriseInstance) -> None:
        for module in ("Registry", "Chart"):
            alicloud.cr.VpcEndpointLinkedVpc(
                self.scope.name(f"images-endpoint-{module.lower()}"),
                instance_id=instance.id,
                module_name=module,
                vpc_id=self._args.network_id,
                vswitch_id=self._args.endpoint_subnet,
                enable_create_dns_record_in_pvzt=True,
                opts=self.child(),
            )

    def _create_namespace(
        self, instance: alicloud.cr.RegistryEnterpriseInstance, namespace: str
    ) -> alicloud.cs.RegistryEnterpriseNamespace:
        return alicloud.cs.RegistryEnterpriseNamespace(
            self.scope.name(f"images-{namespace}"),
            instance_id=instance.id,
            name=namespace,
            auto_create=namespace == MIRROR_NAMESPACE,
            default_visibility="PRIVATE",
            opts=self.child(),
        )

    def _create_chart_namespace(self, instance: alicloud.cr.RegistryEnterpriseInstance) -> None:
        alicloud.cr.ChartNamespace(
            self.scope.name(f"images-{CHARTS_NAMESPACE}"),
            instance_id=instance.id,
            namespace_name=CHARTS_NAMESPACE,
            auto_create_repo=True,
            default_repo_type="PRIVATE",
            opts=self.child(),
        )

    def _create_repositories(
        self,
        instance: alicloud.cr.RegistryEnterpriseInstance,
        namespace: alicloud.cs.RegistryEnterpriseNamespace,
    ) -> None:
        for service in Service:
            alicloud.cs.RegistryEnterpriseRepo(
                self.scope.name(f"images-{service.id}"),
                instance_id=instance.id,
                namespace=namespace.name,
                name=service.id,
                summary=f"Images of {service.id}",
                repo_type="PRIVATE",
                tag_immutability=True,
                opts=self.child(),
            )

    def _create_scan_rule(
        self,
        instance: alicloud.cr.RegistryEnterpriseInstance,
        namespaces: dict[str, alicloud.cs.RegistryEnterpriseNamespace],
    ) -> None:
        alicloud.cr.ScanRule(
            self.scope.name("images-scan"),
            instance_id=instance.id,
            rule_name=self.scope.name("images-scan"),
            scan_type="VUL",
            scan_scope="NAMESPACE",
            namespaces=[namespace.name for namespace in namespaces.values()],
            repo_tag_filter_pattern=".*",
            trigger_type="AUTO",
            opts=self.child(),
        )
