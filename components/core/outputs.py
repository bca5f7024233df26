"""Outputs that mean the same on every cloud, so that compositions and reports read alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi import Output

from catalog.data_classes import DataClass
from components.core.component import Outputs


@dataclass(frozen=True, kw_only=True)
class NetworkOutputs(Outputs):
    """A private network and its subnets, keyed by zone."""

    network_id: Output[str]
    cidr: str
    node_subnets: Mapping[str, Output[str]]
    """Nodes and pods: the private subnets, or the public ones where there is no NAT gateway."""
    private_subnets: Mapping[str, Output[str]]
    """Subnets without a public address."""
    public_subnets: Mapping[str, Output[str]]
    """Load balancers; empty where the cloud needs none."""
    data_subnets: Mapping[str, Output[str]]
    """Databases and caches."""
    private_zone_id: Output[str]
    private_domain: str


@dataclass(frozen=True, kw_only=True)
class NodePoolOutputs(Outputs):
    """What capacity reports need of a node pool."""

    instance_type: str
    minimum: int
    maximum: int
    capacity: str
    """``on-demand``, ``spot`` or ``subscription``."""
    purpose: str


@dataclass(frozen=True, kw_only=True)
class KubernetesOutputs(Outputs):
    """A managed Kubernetes cluster."""

    name: Output[str]
    version: str
    endpoint: Output[str]
    kubeconfig: Output[str]
    """For a client with the cloud's own credentials; a secret."""
    oidc_issuer: Output[str]
    node_security_group_id: Output[str]
    node_pools: Mapping[str, NodePoolOutputs]


@dataclass(frozen=True, kw_only=True)
class DataStoreOutputs(Outputs):
    """A database or cache, wherever it runs."""

    engine: str
    version: str
    placement: str
    """``managed``, ``atlas`` or ``in-cluster``."""
    data_class: DataClass
    host: Output[str]
    port: int
    reader_hosts: Mapping[str, Output[str]]
    """Read replicas by name; empty when there are none."""
    credentials: Output[str]
    """Where the credentials are kept (an ARN, a secret's name, a configuration key), never they themselves."""


@dataclass(frozen=True, kw_only=True)
class BucketOutputs(Outputs):
    """An object store bucket."""

    name: Output[str]
    arn: Output[str]
    data_class: DataClass


@dataclass(frozen=True, kw_only=True)
class ObjectsOutputs(Outputs):
    """The buckets of a stack, keyed by purpose."""

    buckets: Mapping[str, BucketOutputs]


@dataclass(frozen=True, kw_only=True)
class KeysOutputs(Outputs):
    """Encryption keys, keyed by purpose."""

    arns: Mapping[str, Output[str]]
    ids: Mapping[str, Output[str]] = field(default_factory=dict[str, "Output[str]"])
    """Key ids, where the cloud's services take those instead of ARNs (Alibaba Cloud)."""


@dataclass(frozen=True, kw_only=True)
class RegistryOutputs(Outputs):
    """Image repositories, keyed by service, and where copies of others' images and charts lie."""

    repositories: Mapping[str, Output[str]]
    mirror: str
    """Host and path below which copied images are."""
    charts: str
    """Host and path below which copied Helm charts are."""
