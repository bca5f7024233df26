"""Which changes make a provider replace a resource instead of changing it.

Where the SDK's docstrings say it ("Forces new resource") they are followed. Many do not; the tables add the well-known
ones, following the `ForceNew` marks of the Terraform providers' schemas (hashicorp/aws, aliyun/alicloud,
cloudflare/cloudflare, mongodb/mongodbatlas) and, for Kubernetes, the fields that the API server calls immutable.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any, Final

from rehearsal import sdk, values
from rehearsal.schema import schema_of
from rehearsal.schema_types import ListOf, MapOf, ObjectOf, Type, fields_of
from rehearsal.values import Properties

_SAYS_SO: Final = re.compile(
    r"\bforces?\s+(?:a\s+|the\s+)?(?:creation\s+of\s+a\s+)?(?:new\s+resource|re-?creat|replacement)"
    r"|\bforcenew\b"
    r"|\bcreates?\s+a\s+new\s+resource"
    r"|\btriggers?\s+(?:a\s+)?(?:re-?creation|replacement)"
    r"|\b(?:can(?:not|'t| not)|must not)\s+be\s+(?:changed|modified|updated)\s+after\s+(?:creation|it)",
    re.IGNORECASE,
)
_SAYS_NOT: Final = re.compile(
    r"(?:does not|doesn't|won't|will not|without)\s+\w*\s*(?:forc|trigger|creat)", re.IGNORECASE
)

_NAME: Final = frozenset({"name", "namePrefix"})
_FORCES: Final[Mapping[str, frozenset[str]]] = {
    "aws:ec2/vpc:Vpc": frozenset({"cidrBlock", "instanceTenancy"}),
    "aws:ec2/subnet:Subnet": frozenset({"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"}),
    "aws:ec2/securityGroup:SecurityGroup": _NAME | {"description", "vpcId"},
    "aws:ec2/routeTable:RouteTable": frozenset({"vpcId"}),
    "aws:ec2/route:Route": frozenset({"routeTableId", "destinationCidrBlock"}),
    "aws:ec2/natGateway:NatGateway": frozenset({"subnetId", "allocationId", "connectivityType"}),
    "aws:ec2/vpcEndpoint:VpcEndpoint": frozenset({"vpcId", "serviceName", "vpcEndpointType"}),
    "aws:ec2/flowLog:FlowLog": frozenset(
        {"vpcId", "subnetId", "trafficType", "logDestination", "iamRoleArn"}
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": _NAME,
    "aws:eks/cluster:Cluster": frozenset({"name", "roleArn", "bootstrapSelfManagedAddons"}),
    "aws:eks/nodeGroup:NodeGroup": frozenset(
        {
            "clusterName",
            "nodeGroupName",
            "nodeRoleArn",
            "subnetIds",
            "instanceTypes",
            "capacityType",
            "amiType",
            "diskSize",
        }
    ),
    "aws:eks/addon:Addon": frozenset({"clusterName", "addonName"}),
    "aws:eks/accessEntry:AccessEntry": frozenset({"clusterName", "principalArn", "type"}),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": frozenset(
        {"clusterName", "namespace", "serviceAccount"}
    ),
    "aws:rds/instance:Instance": frozenset(
        {
            "dbName",
            "username",
            "engine",
            "storageEncrypted",
            "kmsKeyId",
            "availabilityZone",
            "characterSetName",
        }
    ),
    "aws:rds/subnetGroup:SubnetGroup": _NAME,
    "aws:rds/parameterGroup:ParameterGroup": _NAME | {"family", "description"},
    "aws:elasticache/replicationGroup:ReplicationGroup": frozenset(
        {"replicationGroupId", "subnetGroupName", "atRestEncryptionEnabled", "kmsKeyId", "port"}
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": frozenset({"name"}),
    "aws:elasticache/parameterGroup:ParameterGroup": frozenset({"name", "family"}),
    "aws:s3/bucket:Bucket": frozenset({"bucket", "bucketPrefix", "objectLockEnabled"}),
    "aws:kms/key:Key": frozenset({"keyUsage", "customerMasterKeySpec", "multiRegion"}),
    "aws:kms/alias:Alias": _NAME,
    "aws:ecr/repository:Repository": frozenset({"name", "encryptionConfigurations"}),
    "aws:iam/role:Role": _NAME | {"path"},
    "aws:iam/policy:Policy": _NAME | {"path", "description"},
    "aws:cloudwatch/logGroup:LogGroup": _NAME,
    "aws:route53/zone:Zone": frozenset({"name"}),
    "aws:sns/topic:Topic": _NAME | {"fifoTopic"},
    "aws:sqs/queue:Queue": _NAME | {"fifoQueue"},
    "alicloud:vpc/switch:Switch": frozenset({"vpcId", "zoneId", "cidrBlock"}),
    "alicloud:ecs/securityGroup:SecurityGroup": frozenset({"vpcId", "securityGroupType"}),
    "alicloud:rds/instance:Instance": frozenset({"engine", "encryptionKey"}),
    "alicloud:kvstore/instance:Instance": frozenset({"instanceType"}),
    "alicloud:mongodb/instance:Instance": frozenset({"storageEngine", "vpcId"}),
    "alicloud:cs/managedKubernetes:ManagedKubernetes": frozenset(
        {"podCidr", "serviceCidr", "proxyMode", "encryptionProviderKey"}
    ),
    "alicloud:cs/nodePool:NodePool": frozenset({"clusterId"}),
    "alicloud:oss/bucket:Bucket": frozenset({"bucket", "storageClass", "redundancyType"}),
    "alicloud:ram/role:Role": frozenset({"roleName", "name"}),
    "cloudflare:index/r2Bucket:R2Bucket": frozenset({"accountId", "name", "location", "jurisdiction"}),
    "cloudflare:index/zone:Zone": frozenset({"name"}),
    "cloudflare:index/dnsRecord:DnsRecord": frozenset({"zoneId"}),
    "cloudflare:index/ruleset:Ruleset": frozenset({"zoneId", "accountId", "kind", "phase"}),
    "mongodbatlas:index/project:Project": frozenset({"orgId"}),
    "mongodbatlas:index/advancedCluster:AdvancedCluster": frozenset({"projectId", "name"}),
}
_KUBERNETES_ALWAYS: Final = frozenset({"apiVersion", "kind", "metadata.name", "metadata.namespace"})
_KUBERNETES: Final[Mapping[str, frozenset[str]]] = {
    "apps/v1:Deployment": frozenset({"spec.selector"}),
    "apps/v1:DaemonSet": frozenset({"spec.selector"}),
    "apps/v1:StatefulSet": frozenset(
        {"spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"}
    ),
    "batch/v1:Job": frozenset({"spec.selector", "spec.template", "spec.completions"}),
    "core/v1:ConfigMap": frozenset({"data", "binaryData", "immutable"}),
    "core/v1:Secret": frozenset({"data", "stringData", "type", "immutable"}),
    "core/v1:Service": frozenset({"spec.clusterIP"}),
    "core/v1:PersistentVolumeClaim": frozenset(
        {"spec.accessModes", "spec.storageClassName", "spec.volumeName", "spec.selector"}
    ),
    "storage.k8s.io/v1:StorageClass": frozenset(
        {"parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"}
    ),
    "rbac.authorization.k8s.io/v1:RoleBinding": frozenset({"roleRef"}),
    "rbac.authorization.k8s.io/v1:ClusterRoleBinding": frozenset({"roleRef"}),
}
# Properties that nearly every resource of a package cannot change: what it is called by its API, and where it lies.
_PACKAGE_WIDE: Final[Mapping[str, frozenset[str]]] = {
    "aws": _NAME | {"region", "vpcId", "bucket", "clusterName", "availabilityZone", "keyName"},
    "alicloud": frozenset({"vpcId", "zoneId", "clusterId", "dbInstanceId", "instanceId", "bucket"}),
    "cloudflare": frozenset({"accountId", "zoneId"}),
    "mongodbatlas": frozenset({"projectId", "orgId"}),
    "vault": frozenset({"name", "backend", "mount", "namespace"}),
}
# The exceptions among them.
_UPDATABLE: Final[Mapping[str, frozenset[str]]] = {
    "aws:iam/user:User": frozenset({"name"}),
    "aws:iam/group:Group": frozenset({"name"}),
    "aws:organizations/account:Account": frozenset({"name"}),
    "aws:backup/plan:Plan": frozenset({"name"}),
    "aws:cognito/userPool:UserPool": frozenset({"name"}),
    "aws:apigatewayv2/api:Api": frozenset({"name"}),
    "aws:appconfig/application:Application": frozenset({"name"}),
}
_GENERATORS: Final = frozenset({"random", "tls"})


def forces_replacement(token: str, path: str) -> bool:
    """Whether a change at the property path `path` of a resource makes another resource of it."""
    return _forces(token, tuple(key for key in values.split_path(path) if isinstance(key, str)))


@functools.cache
def _forces(token: str, keys: tuple[str, ...]) -> bool:
    if not keys or token.startswith("pulumi:"):
        return False
    package, _, kind = token.partition(":")
    if package in _GENERATORS:
        return True
    if package == "kubernetes":
        rules = _KUBERNETES_ALWAYS | _KUBERNETES.get(kind, frozenset())
        return any(".".join(keys[: count + 1]) in rules for count in range(len(keys)))
    if keys[0] in _FORCES.get(token, frozenset()):
        return True
    if keys[0] in _PACKAGE_WIDE.get(package, frozenset()) and keys[0] not in _UPDATABLE.get(
        token, frozenset()
    ):
        return True
    return _documented(token, keys)


def _documented(token: str, keys: tuple[str, ...]) -> bool:
    """Whether the docstring of the property, or of one it lies in, says so."""
    resource = schema_of(token).resource
    described = sdk.args_class(resource) if resource is not None else None
    for key in keys:
        if described is None:
            return False
        text = _docstring(described, key)
        if _SAYS_SO.search(text) and not _SAYS_NOT.search(text):
            return True
        described = _class_below(described, key)
    return False


def _docstring(described: type[Any], key: str) -> str:
    python_name = sdk.python_names(described).get(key)
    return getattr(described, python_name).__doc__ or "" if python_name else ""


def _class_below(described: type[Any], key: str) -> type[Any] | None:
    found = fields_of(described).get(key)
    below: Type | None = found.type if found is not None else None
    while isinstance(below, (ListOf, MapOf)):
        below = below.element
    return below.described if isinstance(below, ObjectOf) else None


def deletes_before_replacing(token: str, inputs: Properties) -> bool:
    """Whether the provider itself must delete first: a Kubernetes object cannot share its name with its successor."""
    metadata = values.reveal_all(inputs.get("metadata"))
    return token.startswith("kubernetes:") and isinstance(metadata, dict) and bool(metadata.get("name"))
