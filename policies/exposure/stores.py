"""Databases, caches, queues and search: none has a public endpoint, and none lets the internet in."""

from __future__ import annotations

from collections.abc import Iterator

from policies.addresses import is_everybody
from policies.demands import OFF, ON, SET, Absent, Demand, Wanted, broken, none_of, one_of
from policies.relations import explained, texts_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_int, as_list, dig
from policies.views import StackView

_PUBLIC_FLAGS = (
    ("aws:rds/instance:Instance", "publiclyAccessible"),
    ("aws:rds/cluster:Cluster", "publiclyAccessible"),
    ("aws:rds/clusterInstance:ClusterInstance", "publiclyAccessible"),
    ("aws:neptune/clusterInstance:ClusterInstance", "publiclyAccessible"),
    ("aws:docdb/clusterInstance:ClusterInstance", "publiclyAccessible"),
    ("aws:redshift/cluster:Cluster", "publiclyAccessible"),
    ("aws:redshiftserverless/workgroup:Workgroup", "publiclyAccessible"),
    ("aws:dms/replicationInstance:ReplicationInstance", "publiclyAccessible"),
    ("aws:mq/broker:Broker", "publiclyAccessible"),
    ("aws:lightsail/database:Database", "publiclyAccessible"),
    ("aws:timestreaminfluxdb/dbInstance:DbInstance", "publiclyAccessible"),
    ("alicloud:elasticsearch/instance:Instance", "enablePublic"),
    ("alicloud:elasticsearch/instance:Instance", "enableKibanaPublicNetwork"),
    ("alicloud:amqp/instance:Instance", "supportEip"),
    ("alicloud:rocketmq/rocketMQInstance:RocketMQInstance", "networkInfo?.internetInfo?.internetSpec"),
    ("alicloud:adb/dbCluster:DbCluster", "enablePublic"),
)
_DEMANDS = (
    *(
        Demand(
            types=(token,),
            path=path,
            wanted=none_of("enable") if "internetSpec" in path else OFF,
            absent=Absent.HOLDS,
            because="the internet reaches it",
        )
        for token, path in _PUBLIC_FLAGS
    ),
    Demand(
        types=("aws:msk/cluster:Cluster",),
        path="brokerNodeGroupInfo.connectivityInfo?.publicAccess?.type",
        wanted=one_of("DISABLED"),
        absent=Absent.HOLDS,
        because="its brokers have public addresses",
    ),
    Demand(
        types=("aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain"),
        path="vpcOptions",
        wanted=SET,
        because="a domain outside a VPC has a public endpoint",
    ),
    Demand(
        types=("aws:transfer/server:Server",),
        path="endpointType",
        wanted=one_of("VPC", "VPC_ENDPOINT"),
        because="a server of type PUBLIC is reached by everybody",
    ),
    Demand(
        types=("alicloud:alikafka/instance:Instance",),
        path="deployType",
        wanted=Wanted(said="5, a VPC instance", holds=lambda value: as_int(value) != 4),
        absent=Absent.HOLDS,
        because="4 is a public instance",
    ),
    Demand(
        types=("alicloud:alikafka/instance:Instance",),
        path="eipMax",
        wanted=Wanted(said="0", holds=lambda value: (as_int(value) or 0) == 0),
        absent=Absent.HOLDS,
    ),
    Demand(
        types=("alicloud:ots/instance:Instance",),
        path="accessedBy",
        wanted=one_of("Vpc", "ConsoleOrVpc"),
        absent=Absent.HOLDS,
        because="any network reaches it",
    ),
    Demand(
        types=("alicloud:polardb/endpointAddress:EndpointAddress", "alicloud:polardb/endpoint:Endpoint"),
        path="netType",
        wanted=none_of("Public"),
        absent=Absent.HOLDS,
    ),
)
_PUBLIC_ENDPOINTS = (
    "alicloud:rds/connection:Connection",
    "alicloud:rds/dbInstanceEndpointAddress:DbInstanceEndpointAddress",
    "alicloud:kvstore/connection:Connection",
    "alicloud:mongodb/publicNetworkAddress:PublicNetworkAddress",
    "alicloud:mongodb/shardingNetworkPublicAddress:ShardingNetworkPublicAddress",
    "alicloud:gpdb/connection:Connection",
    "alicloud:adb/connection:Connection",
    "alicloud:polardb/endpointAddress:EndpointAddress",
    "alicloud:clickhouse/connection:Connection",
)
"""Alibaba Cloud makes a public address of a store by a resource of its own."""

_WHITELISTS = (
    ("alicloud:rds/instance:Instance", "securityIps"),
    ("alicloud:rds/readOnlyInstance:ReadOnlyInstance", "securityIps"),
    ("alicloud:kvstore/instance:Instance", "securityIps"),
    ("alicloud:redis/tairInstance:TairInstance", "securityIps"),
    ("alicloud:mongodb/instance:Instance", "securityIpLists"),
    ("alicloud:mongodb/shardingInstance:ShardingInstance", "securityIpLists"),
    ("alicloud:polardb/cluster:Cluster", "securityIps"),
    ("alicloud:gpdb/instance:Instance", "securityIpLists"),
    ("alicloud:adb/dbCluster:DbCluster", "securityIps"),
    ("alicloud:adb/cluster:Cluster", "securityIps"),
    ("alicloud:elasticsearch/instance:Instance", "publicWhitelists"),
    ("alicloud:elasticsearch/instance:Instance", "kibanaWhitelists"),
    ("alicloud:elasticsearch/instance:Instance", "privateWhitelists"),
    ("alicloud:alikafka/instanceAllowedIpAttachment:InstanceAllowedIpAttachment", "allowedIp"),
    ("alicloud:cr/endpointAclPolicy:EndpointAclPolicy", "entry"),
    ("alicloud:hbase/instance:Instance", "ipWhite"),
    ("mongodbatlas:index/projectIpAccessList:ProjectIpAccessList", "cidrBlock"),
    ("mongodbatlas:index/projectIpAccessList:ProjectIpAccessList", "ipAddress"),
    ("mongodbatlas:index/projectIpWhitelist:ProjectIpWhitelist", "cidrBlock"),
    ("aws:mq/broker:Broker", "allowedCidrs"),
)
_NESTED_WHITELISTS = (
    ("alicloud:polardb/cluster:Cluster", "dbClusterIpArrays", "securityIps"),
    ("alicloud:gpdb/instance:Instance", "ipWhitelists", "securityIpList"),
    ("alicloud:rds/instance:Instance", "pgHbaConfs", "address"),
)

_PASSWORDS = (
    Demand(
        types=("aws:elasticache/replicationGroup:ReplicationGroup",),
        path="authToken",
        wanted=SET,
        because="whoever reaches the cache may read it",
        unless=lambda cache: cache.get("userGroupIds") is not None or cache.get("engine") == "memcached",
    ),
    Demand(
        types=("alicloud:kvstore/instance:Instance", "alicloud:redis/tairInstance:TairInstance"),
        path="vpcAuthMode",
        wanted=one_of("Open"),
        absent=Absent.HOLDS,
        because="Close lets everybody in the VPC in without a password",
    ),
    Demand(
        types=("aws:memorydb/cluster:Cluster",),
        path="aclName",
        wanted=none_of("open-access"),
        because="everybody may read it",
    ),
    Demand(
        types=("aws:msk/cluster:Cluster",),
        path="clientAuthentication?.unauthenticated",
        wanted=OFF,
        absent=Absent.HOLDS,
        because="clients need not say who they are",
    ),
    Demand(types=("aws:neptune/cluster:Cluster",), path="iamDatabaseAuthenticationEnabled", wanted=ON),
)


def _stores(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    for endpoint in stack.of_type(*_PUBLIC_ENDPOINTS):
        kind = endpoint.get("netType") or endpoint.get("connectionStringType") or "Public"
        if not (isinstance(kind, str) and kind.lower() in {"private", "vpc", "inner"}):
            yield on(endpoint, "makes an address of the internet for a store")
    for policy in stack.of_type("aws:opensearch/serverlessSecurityPolicy:ServerlessSecurityPolicy"):
        text = "".join(str(policy.get("policy")).lower().split())
        if policy.get("type") == "network" and '"allowfrompublic":true' in text:
            yield on(policy, "AllowFromPublic is on: the collection is reached by everybody")


def _lists(stack: StackView) -> Iterator[Violation]:
    for token, name in _WHITELISTS:
        for store in stack.of_type(token):
            for value in texts_of(store.get(name)):
                if isinstance(value, Opaque):
                    if not explained(stack, store, name):
                        yield unproven(store, name, value)
                elif is_everybody(value):
                    yield on(store, f"{name} lets {value} in")
    for token, block, name in _NESTED_WHITELISTS:
        for store in stack.of_type(token):
            for entry in as_list(store.get(block)):
                for value in texts_of(dig(entry, name)):
                    if not isinstance(value, Opaque) and is_everybody(value):
                        yield on(store, f"{block}.{name} lets {value} in")


def _passwords(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _PASSWORDS)


RULES = (
    Rule(
        id="exposure-stores",
        family=Family.EXPOSURE,
        sentence="No database, cache, queue or search cluster can be reached from the internet.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="keep it in the data subnets and let in only the network's own range",
        judge=_stores,
        alone=True,
    ),
    Rule(
        id="exposure-whitelists",
        family=Family.EXPOSURE,
        sentence="No store's list of addresses lets the internet in.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="list the network's own range, or the addresses of the NAT gateways that connect",
        judge=_lists,
    ),
    Rule(
        id="exposure-authentication",
        family=Family.EXPOSURE,
        sentence="Caches, queues and databases ask who connects.",
        source="M§5.1, M§9",
        level=Level.MANDATORY,
        remedy="set a password (a secret of the configuration), a user group or IAM authentication",
        judge=_passwords,
        alone=True,
    ),
)
