"""The Elasticsearch cluster of the read model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from catalog import search_limits
from catalog.copied_artifacts import ELASTICSEARCH_IMAGE
from catalog.data_classes import DataClass
from catalog.environments import Environment
from catalog.forms import ImageRegistry
from catalog.quantities import Cpu, Memory, Storage
from catalog.search_versions import ELASTICSEARCH
from components.core.component import Args, Component, Outputs, about
from components.kubernetes.kafka.pods import Footprint, placement
from components.kubernetes.kafka.resources import data_label, namespace_of
from components.kubernetes.namespaces import pods_of
from components.kubernetes.search.resources import (
    API,
    CLUSTER_LABEL,
    PORT,
    authority_secret,
    cluster_name,
    service_url,
)

USER_ID = 1000
"""The image's own user."""

CONFIG_PATH = "/usr/share/elasticsearch/config"

TOKEN_MOUNT = f"{CONFIG_PATH}/repository-s3"
TOKEN_FILE = "aws-web-identity-token-file"
"""The one place outside its data from which the S3 repository may read; a fixed name."""

TOKEN_SECONDS = 86400

SERVICE_ACCOUNT = "elasticsearch"


@dataclass(frozen=True, kw_only=True)
class SnapshotAccess:
    """The role that may write snapshots, and its region."""

    role_arn: pulumi.Output[str]
    region: str


@dataclass(frozen=True, kw_only=True)
class SearchClusterArgs(Args):
    """How many nodes, on which volumes, and who may connect.

    ``realm`` and ``roles`` are secrets of users and roles in the namespace. ``snapshots`` is the
    identity of the nodes on AWS; ``None`` where there is no repository of snapshots (docs/decisions/0058).
    """

    namespace: pulumi.Output[str]
    nodes: int
    storage: Storage
    storage_class: pulumi.Output[str]
    image_registry: ImageRegistry
    client_namespaces: frozenset[str]
    realm: tuple[pulumi.Output[str], ...]
    roles: pulumi.Output[str]
    snapshots: SnapshotAccess | None = None

    def problems(self) -> Iterator[str]:
        """Check the number of nodes and the size of their disks."""
        yield from about("nodes", search_limits.nodes(self.nodes, self.scope.environment))
        yield from about("storage", search_limits.volume(self.storage.gibibytes, self.scope.cluster))
        if not self.client_namespaces:
            yield f"client_namespaces are empty; name at least {self.scope.services_namespace}"


@dataclass(frozen=True, kw_only=True)
class SearchClusterOutputs(Outputs):
    """Where it answers, inside the cluster; an object made in this ``namespace`` waits for it."""

    name: str
    namespace: pulumi.Output[str]
    version: str
    nodes: int
    url: str
    ca_secret: str
    data_class: DataClass


def footprint(scope_environment: Environment) -> Footprint:
    """Size a node: 250m, as facts of sizing say for the smallest region; half of the memory becomes the heap."""
    memory = {Environment.DEV: 1024, Environment.STAGING: 1536, Environment.PROD: 2048}
    return Footprint(cpu=Cpu(250), memory=Memory(memory[scope_environment]))


class SearchCluster(Component[SearchClusterOutputs]):
    """Three nodes that are master and data at once, one in each zone; one node in dev.

    Every listener is TLS with the operator's own authority. The licence is the free one, so what it does not hold is
    not used: searchable snapshots, the audit log of Elasticsearch, field security.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:SearchCluster"

    def __init__(
        self,
        name: str,
        args: SearchClusterArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        self._create_policy()
        account = self._create_service_account() if args.snapshots is not None else None
        cluster = kubernetes.apiextensions.CustomResource(
            self.scope.name("elasticsearch"),
            api_version=API,
            kind="Elasticsearch",
            metadata={
                "name": cluster_name(self.scope),
                "namespace": args.namespace,
                "labels": {**self.scope.labels("search", "elasticsearch"), **data_label(DataClass.ANALYTICS)},
            },
            spec=self._spec(account),
            opts=self.stateful_child(),
        )
        self.publish(
            SearchClusterOutputs(
                name=cluster_name(self.scope),
                namespace=namespace_of(cluster),
                version=ELASTICSEARCH,
                nodes=args.nodes,
                url=service_url(self.scope),
                ca_secret=authority_secret(self.scope),
                data_class=DataClass.ANALYTICS,
            )
        )

    def _create_policy(self) -> None:
        kubernetes.networking.v1.NetworkPolicy(
            self.scope.name("search-policy"),
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name="elasticsearch", namespace=self._args.namespace, labels=self.scope.labels("search")
            ),
            spec=kubernetes.networking.v1.NetworkPolicySpecArgs(
                pod_selector=kubernetes.meta.v1.LabelSelectorArgs(
                    match_labels={CLUSTER_LABEL: cluster_name(self.scope)}
                ),
                policy_types=["Ingress"],
                ingress=[
                    kubernetes.networking.v1.NetworkPolicyIngressRuleArgs(
                        from_=[pods_of(namespace) for namespace in sorted(self._args.client_namespaces)],
                        ports=[kubernetes.networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=PORT)],
                    )
                ],
            ),
            opts=self.child(),
        )

    def _create_service_account(self) -> pulumi.Output[str]:
        account = kubernetes.core.v1.ServiceAccount(
            self.scope.name("search-account"),
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=SERVICE_ACCOUNT, namespace=self._args.namespace, labels=self.scope.labels("search")
            ),
            automount_service_account_token=False,
            opts=self.child(),
        )
        return account.metadata.name

    def _spec(self, account: pulumi.Output[str] | None) -> dict[str, Any]:
        args = self._args
        spec: dict[str, Any] = {
            "version": ELASTICSEARCH,
            "image": args.image_registry.image(f"{ELASTICSEARCH_IMAGE}:{ELASTICSEARCH}"),
            "auth": {
                "fileRealm": [{"secretName": secret} for secret in args.realm],
                "roles": [{"secretName": args.roles}],
            },
            # A deleted cluster leaves its disks.
            "volumeClaimDeletePolicy": "DeleteOnScaledownOnly",
            "nodeSets": [self._node_set(account)],
        }
        if args.nodes > 1:
            selector = {"matchLabels": {CLUSTER_LABEL: cluster_name(self.scope)}}
            spec["podDisruptionBudget"] = {"spec": {"maxUnavailable": 1, "selector": selector}}
        return spec

    def _node_set(self, account: pulumi.Output[str] | None) -> dict[str, Any]:
        args = self._args
        nodes: dict[str, Any] = {
            "name": "all",
            "count": args.nodes,
            "config": self._config(),
            "podTemplate": self._pod(account),
            "volumeClaimTemplates": [
                {
                    "metadata": {"name": "elasticsearch-data", "labels": data_label(DataClass.ANALYTICS)},
                    "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "resources": {"requests": {"storage": str(args.storage)}},
                        "storageClassName": args.storage_class,
                    },
                }
            ],
        }
        if args.nodes > 1:
            # Both copies of a shard are never in one zone.
            nodes["zoneAwareness"] = {}
        return nodes

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = {
            # All tiers: three nodes have no room for one kind of node each.
            "node.roles": ["master", "data", "ingest"],
            # The kernel's limit of memory maps is the node's; raising it takes a privileged container.
            "node.store.allow_mmap": False,
            "xpack.ml.enabled": False,
            # It would fetch a database from its maker.
            "ingest.geoip.downloader.enabled": False,
        }
        if self._args.snapshots is not None:
            config["s3.client.default.region"] = self._args.snapshots.region
        return config

    def _pod(self, account: pulumi.Output[str] | None) -> dict[str, Any]:
        place = placement(self.scope, {CLUSTER_LABEL: cluster_name(self.scope)})
        container: dict[str, Any] = {
            "name": "elasticsearch",
            "resources": footprint(self.scope.environment).resources(),
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "runAsNonRoot": True,
            },
        }
        pod: dict[str, Any] = {
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": USER_ID,
                "fsGroup": USER_ID,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "affinity": place["affinity"],
            "tolerations": place["tolerations"],
            "topologySpreadConstraints": place["topologySpreadConstraints"],
            "containers": [container],
        }
        if self._args.snapshots is not None and account is not None:
            container |= self._token_reader(self._args.snapshots)
            pod |= {
                "serviceAccountName": account,
                "volumes": [
                    {
                        "name": "aws-token",
                        "projected": {
                            "sources": [
                                {
                                    "serviceAccountToken": {
                                        "audience": "sts.amazonaws.com",
                                        "expirationSeconds": TOKEN_SECONDS,
                                        "path": TOKEN_FILE,
                                    }
                                }
                            ]
                        },
                    }
                ],
            }
        return {"metadata": place["metadata"], "spec": pod}

    def _token_reader(self, access: SnapshotAccess) -> dict[str, Any]:
        return {
            "env": [
                {"name": "AWS_WEB_IDENTITY_TOKEN_FILE", "value": f"{TOKEN_MOUNT}/{TOKEN_FILE}"},
                {"name": "AWS_ROLE_ARN", "value": access.role_arn},
                {"name": "AWS_ROLE_SESSION_NAME", "value": cluster_name(self.scope)},
                {"name": "AWS_REGION", "value": access.region},
            ],
            "volumeMounts": [{"name": "aws-token", "mountPath": TOKEN_MOUNT, "readOnly": True}],
        }
