"""Stores and their clients speak TLS: databases, caches, brokers, search, migrations, mounts."""

from __future__ import annotations

from collections.abc import Iterator

from policies.demands import ON, Absent, Demand, Wanted, broken, is_on, none_of, one_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_list, dig
from policies.views import ResourceView, StackView, is_set

_CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
_OPENSEARCH = ("aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain")
_DEMANDS = (
    Demand(types=(_CACHE,), path="transitEncryptionEnabled", wanted=ON),
    Demand(
        types=(_CACHE,),
        path="transitEncryptionMode",
        wanted=one_of("required"),
        absent=Absent.HOLDS,
        because="connections without TLS are taken",
    ),
    Demand(types=("aws:memorydb/cluster:Cluster",), path="tlsEnabled", wanted=ON, absent=Absent.HOLDS),
    Demand(
        types=("aws:msk/cluster:Cluster",),
        path="encryptionInfo?.encryptionInTransit?.clientBroker",
        wanted=one_of("TLS"),
        absent=Absent.HOLDS,
        because="clients may speak plain text",
    ),
    Demand(
        types=("aws:msk/cluster:Cluster",),
        path="encryptionInfo?.encryptionInTransit?.inCluster",
        wanted=ON,
        absent=Absent.HOLDS,
    ),
    Demand(types=_OPENSEARCH, path="nodeToNodeEncryption.enabled", wanted=ON),
    Demand(types=_OPENSEARCH, path="domainEndpointOptions.enforceHttps", wanted=ON),
    Demand(
        types=_OPENSEARCH,
        path="domainEndpointOptions?.tlsSecurityPolicy",
        wanted=Wanted(said="Policy-Min-TLS-1-2 or newer", holds=lambda value: "TLS-1-2" in str(value)),
    ),
    Demand(types=("aws:rds/proxy:Proxy",), path="requireTls", wanted=ON),
    Demand(types=("aws:dax/cluster:Cluster",), path="clusterEndpointEncryptionType", wanted=one_of("TLS")),
    Demand(
        types=("aws:dms/endpoint:Endpoint",),
        path="sslMode",
        wanted=none_of("none"),
        because="rows travel in plain text",
        unless=lambda endpoint: str(endpoint.get("engineName")) in {"s3", "kinesis", "kafka", "dynamodb"},
    ),
    Demand(
        types=("aws:ecs/taskDefinition:TaskDefinition",),
        path="volumes?.efsVolumeConfiguration?.transitEncryption",
        wanted=one_of("ENABLED"),
    ),
    Demand(
        types=("aws:appmesh/virtualNode:VirtualNode",),
        path="spec?.listener?.tls?.mode",
        wanted=one_of("STRICT"),
        absent=Absent.HOLDS,
    ),
    Demand(
        types=("alicloud:kvstore/instance:Instance",),
        path="sslEnable",
        wanted=one_of("Enable", "Update"),
        because="connections are not encrypted",
    ),
    Demand(
        types=("alicloud:redis/tairInstance:TairInstance",),
        path="sslEnabled",
        wanted=one_of("Enable", "Update"),
        because="connections are not encrypted",
    ),
    Demand(
        types=("alicloud:rds/instance:Instance", "alicloud:mongodb/instance:Instance"),
        path="sslAction",
        wanted=one_of("Open", "Update"),
        because="connections without TLS are taken",
    ),
    Demand(
        types=("alicloud:mongodb/shardingInstance:ShardingInstance",),
        path="sslAction",
        wanted=one_of("Open", "Update"),
        absent=Absent.HOLDS,
    ),
    Demand(
        types=("alicloud:polardb/endpoint:Endpoint", "alicloud:polardb/primaryEndpoint:PrimaryEndpoint"),
        path="sslEnabled",
        wanted=one_of("Enable", "Update"),
    ),
    Demand(
        types=("alicloud:elasticsearch/instance:Instance",),
        path="protocol",
        wanted=one_of("HTTPS"),
        because="HTTP is what an instance speaks when nothing is said",
    ),
    Demand(
        types=("alicloud:gpdb/instance:Instance",), path="sslEnabled", wanted=Wanted(said="1", holds=is_on)
    ),
    Demand(
        types=("mongodbatlas:index/advancedCluster:AdvancedCluster", "mongodbatlas:index/cluster:Cluster"),
        path="advancedConfiguration?.minimumEnabledTlsProtocol",
        wanted=one_of("TLS1_2", "TLS1_3"),
        absent=Absent.HOLDS,
    ),
)

_GROUPS = (
    "aws:rds/parameterGroup:ParameterGroup",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup",
    "aws:docdb/clusterParameterGroup:ClusterParameterGroup",
    "aws:redshift/parameterGroup:ParameterGroup",
)
_REQUIRED = (
    ("mysql", "require_secure_transport"),
    ("mariadb", "require_secure_transport"),
    ("aurora-mysql", "require_secure_transport"),
)
_NOT_OFF = {
    "require_secure_transport": {"0", "off", "false"},
    "rds.force_ssl": {"0", "off", "false"},
    "require_ssl": {"0", "false"},
    "tls": {"disabled"},
    "tls_version": {"tlsv1", "tlsv1,tlsv1.1", "tlsv1.1"},
}


def _parameters(group: ResourceView) -> dict[str, Value]:
    return {str(dig(item, "name")): dig(item, "value") for item in as_list(group.get("parameters"))}


def _parameter_groups(stack: StackView) -> Iterator[Violation]:
    for group in stack.of_type(*_GROUPS):
        family = group.get("family")
        values = _parameters(group)
        for prefix, name in _REQUIRED:
            if not (isinstance(family, str) and family.startswith(prefix)):
                continue
            value = values.get(name)
            if isinstance(value, Opaque):
                yield unproven(group, name, value)
            elif not is_on(value):
                yield on(group, f"{name} is not 1: connections without TLS are taken")
        for name, off in _NOT_OFF.items():
            if name != "require_secure_transport" and str(values.get(name, "")).lower() in off:
                yield on(group, f"{name} is {values[name]}: connections without TLS are taken")
    for instance in stack.of_type("alicloud:rds/instance:Instance"):
        values = _parameters(instance)
        name = "require_secure_transport"
        if is_set(values.get(name)) and not is_on(values[name]):
            yield on(instance, f"the parameter {name} is {values[name]}")


def _in_transit(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    yield from _parameter_groups(stack)


RULES = (
    Rule(
        id="encryption-in-transit",
        family=Family.ENCRYPTION,
        sentence="Databases, caches, brokers and search refuse connections without TLS.",
        source="M§14.3",
        level=Level.MANDATORY,
        remedy="turn TLS on and require it",
        judge=_in_transit,
        alone=True,
    ),
)
