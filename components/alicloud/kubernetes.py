"""A managed Kubernetes cluster on ACK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_alicloud as alicloud
from pulumi_alicloud.cs.outputs import ManagedKubernetesCertificateAuthority as ClusterAuthority

from catalog.addresses import KUBERNETES_SERVICES, Cidr
from catalog.data_classes import DataClass
from catalog.retention import INVESTIGATION_LOG_DAYS
from components.alicloud.kubernetes_limits import (
    ACK_VERSIONS,
    ADD_ON_SETTINGS,
    ADD_ONS,
    CNI,
    ack_disk,
    ack_version,
)
from components.alicloud.kubernetes_nodes import create_node_pool, create_node_security_group
from components.core.component import Args, Component, about
from components.core.naming import NameLimit
from components.core.node_pools import NodePool, node_pool_problems
from components.core.outputs import KubernetesOutputs

_CONTROL_PLANE_LOGS = ("apiserver", "kcm", "scheduler", "ccm", "controlplane-events")


@dataclass(frozen=True, kw_only=True)
class KubernetesClusterArgs(Args):
    """What a cluster needs to know.

    ``version`` is Kubernetes' own, such as ``1.35``. ``node_subnets`` are vSwitch ids by zone, for nodes and pods
    alike.
    """

    version: str
    network_id: pulumi.Output[str]
    network_cidr: Cidr
    node_subnets: Mapping[str, pulumi.Output[str]]
    secrets_key_id: pulumi.Output[str]
    """Id of the KMS key for Kubernetes secrets."""
    disk_key_id: pulumi.Output[str]
    """Id of the KMS key for the nodes' disks."""
    node_pools: Mapping[str, NodePool]

    def problems(self) -> Iterator[str]:
        """Check the version, the zones and the pools."""
        yield from about("version", ack_version(self.version))
        if self.scope.is_production and len(self.node_subnets) < 3:
            yield f"{len(self.node_subnets)} zone(s) are too few for production; give three"
        if self.network_cidr.overlaps(KUBERNETES_SERVICES):
            yield f"network_cidr {self.network_cidr} overlaps the service addresses {KUBERNETES_SERVICES}"
        yield from node_pool_problems(self.node_pools, self.scope)
        for name, pool in self.node_pools.items():
            yield from about(f"node pool {name}: disk", ack_disk(pool.disk))


class KubernetesCluster(Component[KubernetesOutputs]):
    """ACK Pro over three zones, reachable from inside the VPC only (M§14.2).

    ``depends_on`` takes the account's service roles, without which ACK creates nothing.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:alicloud:KubernetesCluster"

    def __init__(
        self,
        name: str,
        args: KubernetesClusterArgs,
        *,
        provider: alicloud.Provider,
        parent: pulumi.Resource | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent, depends_on=depends_on)
        self._args = args
        group = create_node_security_group(self, network_id=args.network_id, network_cidr=args.network_cidr)
        cluster = self._create_cluster(group)
        self._create_add_ons(cluster)
        for pool_name, pool in args.node_pools.items():
            create_node_pool(
                self,
                pool_name=pool_name,
                pool=pool,
                cluster_id=cluster.id,
                security_group_id=group.id,
                subnets=args.node_subnets,
                disk_key_id=args.disk_key_id,
            )
        region = self.scope.region
        endpoint = pulumi.Output.concat("https://", cluster.slb_intranet, ":6443")
        self.publish(
            KubernetesOutputs(
                name=cluster.name,
                version=args.version,
                endpoint=endpoint,
                kubeconfig=self._kubeconfig(cluster, endpoint),
                # The form ACK gives every cluster with RRSA in a mainland region.
                oidc_issuer=pulumi.Output.concat(
                    f"https://oidc-ack-{region}.oss-{region}.aliyuncs.com/", cluster.id
                ),
                node_security_group_id=group.id,
                node_pools={key: pool.outputs() for key, pool in args.node_pools.items()},
            )
        )

    def _create_log_project(self) -> alicloud.log.Project:
        name = self.scope.name("kubernetes-logs", NameLimit.SLS_PROJECT)
        return alicloud.log.Project(
            name,
            project_name=name,
            description="Control-plane and audit logs; ACK makes the stores in it",
            tags=self.scope.tags(name, DataClass.LOGS),
            opts=self.child(),
        )

    def _create_cluster(self, group: alicloud.ecs.SecurityGroup) -> alicloud.cs.ManagedKubernetes:
        logs = self._create_log_project()
        name = self.scope.name("kubernetes", NameLimit.ALICLOUD)
        subnets = list(self._args.node_subnets.values())
        return alicloud.cs.ManagedKubernetes(
            name,
            name=name,
            profile="Default",
            cluster_spec="ack.pro.small",
            version=ACK_VERSIONS[self._args.version],
            vswitch_ids=subnets,
            pod_vswitch_ids=subnets,
            service_cidr=str(KUBERNETES_SERVICES),
            # ipvs, ACK's default, is deprecated from 1.35 on.
            proxy_mode="nftables",
            security_group_id=group.id,
            new_nat_gateway=False,
            slb_internet_enabled=False,
            disable_encryption=False,
            encryption_provider_key=self._args.secrets_key_id,
            enable_rrsa=True,
            timezone="Asia/Shanghai",
            control_plane_log_project=logs.project_name,
            control_plane_log_ttl=str(INVESTIGATION_LOG_DAYS[self.scope.environment]),
            control_plane_log_components=list(_CONTROL_PLANE_LOGS),
            audit_log_config=alicloud.cs.ManagedKubernetesAuditLogConfigArgs(
                enabled=True, sls_project_name=logs.project_name
            ),
            # Only what the cluster cannot start without; the versions are pinned by resources of their own.
            addons=[
                alicloud.cs.ManagedKubernetesAddonArgs(name=CNI, config=ADD_ON_SETTINGS[CNI]),
                alicloud.cs.ManagedKubernetesAddonArgs(name="csi-plugin"),
                alicloud.cs.ManagedKubernetesAddonArgs(name="csi-provisioner"),
                # ACK installs it unless told not to; it ended in March 2026.
                alicloud.cs.ManagedKubernetesAddonArgs(name="nginx-ingress-controller", disabled=True),
            ],
            maintenance_window=alicloud.cs.ManagedKubernetesMaintenanceWindowArgs(
                enable=True,
                maintenance_time="2026-01-06T02:00:00.000+08:00",
                duration="3h",
                weekly_period="Tuesday",
            ),
            deletion_protection=self.scope.is_production,
            delete_options=[
                alicloud.cs.ManagedKubernetesDeleteOptionArgs(resource_type=kind, delete_mode=mode)
                for kind, mode in (("SLB", "delete"), ("ALB", "delete"), ("SLS_Data", "retain"))
            ],
            tags=self.scope.tags(name),
            opts=self.stateful_child(
                # Read at creation only.
                ignore_changes=["addons"],
                # Holds a client certificate of an administrator.
                additional_secret_outputs=["certificateAuthorities"],
            ),
        )

    def _create_add_ons(self, cluster: alicloud.cs.ManagedKubernetes) -> None:
        for add_on, version in ADD_ONS.items():
            alicloud.cs.KubernetesAddon(
                self.scope.name(f"addon-{add_on}"),
                name=add_on,
                cluster_id=cluster.id,
                version=version,
                config=ADD_ON_SETTINGS.get(add_on),
                opts=self.child(),
            )

    def _kubeconfig(
        self, cluster: alicloud.cs.ManagedKubernetes, endpoint: pulumi.Output[str]
    ) -> pulumi.Output[str]:
        """Give a kubeconfig whose client proves itself with its own RAM identity, not with a certificate."""
        # Deprecated in favour of a data source, which could not be read before the cluster exists; the plain
        # getter spares every run the warning.
        found: pulumi.Output[Sequence[ClusterAuthority] | None] = pulumi.get(
            cluster, "certificate_authorities"
        )
        authority = found.apply(_authority)
        name = self.scope.name("kubernetes")
        return pulumi.Output.secret(
            pulumi.Output.json_dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [
                        {
                            "name": name,
                            "cluster": {"server": endpoint, "certificate-authority-data": authority},
                        }
                    ],
                    "users": [
                        {
                            "name": name,
                            "user": {
                                "exec": {
                                    "apiVersion": "client.authentication.k8s.io/v1",
                                    "interactiveMode": "Never",
                                    "command": "ack-ram-tool",
                                    "args": [
                                        "credential-plugin",
                                        "get-token",
                                        "--cluster-id",
                                        cluster.id,
                                        "--api-version",
                                        "v1",
                                    ],
                                }
                            },
                        }
                    ],
                    "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
                    "current-context": name,
                }
            )
        )


def _authority(found: Sequence[ClusterAuthority] | None) -> str:
    """Take the cluster's own certificate; empty while the provider has read none."""
    return next((each.cluster_cert for each in found or () if each.cluster_cert), "")
