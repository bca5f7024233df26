"""Which properties make another resource of it when they change, by type: facts of the providers, as data.

Sources: the ``ForceNew`` and ``RequiresReplace`` marks in the schemas of the Terraform providers behind the packages
(hashicorp/aws, aliyun/alicloud, cloudflare/cloudflare, mongodb/mongodbatlas; read 2026-11) and, for Kubernetes, the
fields that the API server calls immutable. A dotted path is a property inside a block; all of a block's are meant when
the block is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_NAME: Final = frozenset({"name", "namePrefix"})
_RULE: Final = frozenset({"securityGroupId"})

FORCES: Final[Mapping[str, frozenset[str]]] = {
    "aws:budgets/budget:Budget": frozenset({"accountId"}),
    "aws:cloudwatch/logGroup:LogGroup": _NAME | {"logGroupClass"},
    "aws:ec2/eip:Eip": frozenset({"domain", "networkBorderGroup", "publicIpv4Pool"}),
    "aws:ec2/flowLog:FlowLog": frozenset(
        {
            "deliverCrossAccountRole",
            "destinationOptions",
            "eniId",
            "iamRoleArn",
            "logDestination",
            "logDestinationType",
            "logFormat",
            "maxAggregationInterval",
            "subnetId",
            "trafficType",
            "transitGatewayId",
            "vpcId",
        }
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": _NAME,
    "aws:ec2/managedPrefixList:ManagedPrefixList": frozenset({"addressFamily"}),
    "aws:ec2/natGateway:NatGateway": frozenset({"subnetId", "allocationId", "connectivityType"}),
    "aws:ec2/route:Route": frozenset(
        {"routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"}
    ),
    "aws:ec2/routeTable:RouteTable": frozenset({"vpcId"}),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": frozenset({"subnetId", "gatewayId"}),
    "aws:ec2/securityGroup:SecurityGroup": _NAME | {"description", "vpcId"},
    "aws:ec2/subnet:Subnet": frozenset({"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"}),
    "aws:ec2/vpc:Vpc": frozenset({"cidrBlock", "instanceTenancy"}),
    "aws:ec2/vpcEndpoint:VpcEndpoint": frozenset(
        {"vpcId", "serviceName", "serviceRegion", "vpcEndpointType"}
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": frozenset({"repository", "policy"}),
    "aws:ecr/repository:Repository": frozenset({"name", "encryptionConfigurations"}),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": frozenset({"repository"}),
    "aws:eks/accessEntry:AccessEntry": frozenset({"clusterName", "principalArn", "type"}),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": frozenset(
        {"clusterName", "principalArn", "policyArn", "accessScope"}
    ),
    "aws:eks/addon:Addon": frozenset({"clusterName", "addonName"}),
    "aws:eks/cluster:Cluster": frozenset(
        {
            "name",
            "roleArn",
            "bootstrapSelfManagedAddons",
            "accessConfig.bootstrapClusterCreatorAdminPermissions",
            "encryptionConfig",
            "kubernetesNetworkConfig.ipFamily",
            "kubernetesNetworkConfig.serviceIpv4Cidr",
            "outpostConfig",
        }
    ),
    "aws:eks/nodeGroup:NodeGroup": frozenset(
        {
            "clusterName",
            "nodeGroupName",
            "nodeGroupNamePrefix",
            "nodeRoleArn",
            "subnetIds",
            "instanceTypes",
            "capacityType",
            "amiType",
            "diskSize",
            "remoteAccess",
            "launchTemplate.id",
            "launchTemplate.name",
        }
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": frozenset(
        {"clusterName", "namespace", "serviceAccount"}
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": frozenset({"name", "family", "description"}),
    "aws:elasticache/replicationGroup:ReplicationGroup": frozenset(
        {
            "replicationGroupId",
            "subnetGroupName",
            "atRestEncryptionEnabled",
            "kmsKeyId",
            "port",
            "networkType",
            "snapshotArns",
            "snapshotName",
            "dataTieringEnabled",
            "globalReplicationGroupId",
        }
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": frozenset({"name"}),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": frozenset({"url"}),
    "aws:iam/policy:Policy": _NAME | {"path", "description"},
    "aws:iam/role:Role": _NAME | {"path"},
    "aws:iam/rolePolicy:RolePolicy": _NAME | {"role"},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": frozenset({"role", "policyArn"}),
    "aws:kms/alias:Alias": _NAME,
    "aws:kms/key:Key": frozenset({"keyUsage", "customerMasterKeySpec", "customKeyStoreId", "multiRegion"}),
    "aws:rds/instance:Instance": frozenset(
        {
            "dbName",
            "username",
            "engine",
            "storageEncrypted",
            "kmsKeyId",
            "availabilityZone",
            "characterSetName",
            "snapshotIdentifier",
            "backupTarget",
            "timezone",
        }
    ),
    "aws:rds/optionGroup:OptionGroup": _NAME | {"engineName", "majorEngineVersion", "optionGroupDescription"},
    "aws:rds/parameterGroup:ParameterGroup": _NAME | {"family", "description"},
    "aws:rds/subnetGroup:SubnetGroup": _NAME,
    "aws:route53/zone:Zone": frozenset({"name", "delegationSetId"}),
    "aws:s3/bucket:Bucket": frozenset({"bucket", "bucketPrefix", "objectLockEnabled"}),
    "aws:scheduler/schedule:Schedule": _NAME | {"groupName"},
    "aws:sns/topic:Topic": _NAME | {"fifoTopic"},
    "aws:sns/topicSubscription:TopicSubscription": frozenset({"endpoint", "protocol", "topic"}),
    "aws:sqs/queue:Queue": _NAME | {"fifoQueue"},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _RULE,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _RULE,
    "alicloud:cr/chartNamespace:ChartNamespace": frozenset({"namespaceName"}),
    "alicloud:cr/registryEnterpriseInstance:RegistryEnterpriseInstance": frozenset(
        {"instanceName", "paymentType", "renewPeriod", "renewalStatus"}
    ),
    "alicloud:cr/scanRule:ScanRule": frozenset({"scanType"}),
    "alicloud:cr/vpcEndpointLinkedVpc:VpcEndpointLinkedVpc": frozenset({"moduleName", "vswitchId"}),
    "alicloud:cs/kubernetesAddon:KubernetesAddon": frozenset({"name"}),
    "alicloud:cs/managedKubernetes:ManagedKubernetes": frozenset(
        {
            "podCidr",
            "serviceCidr",
            "proxyMode",
            "profile",
            "ipStack",
            "nodeCidrMask",
            "clusterDomain",
            "apiAudiences",
            "serviceAccountIssuer",
        }
    ),
    "alicloud:cs/nodePool:NodePool": frozenset(
        {
            "securityGroupIds",
            "securityGroupId",
            "securityHardeningOs",
            "instanceMetadataOptions.httpTokens",
            "ramRoleName",
            "cisEnabled",
            "socEnabled",
            "deploymentSetId",
            "nodeNameMode",
            "loginAsNonRoot",
        }
    ),
    "alicloud:cs/registryEnterpriseNamespace:RegistryEnterpriseNamespace": frozenset({"name"}),
    "alicloud:cs/registryEnterpriseRepo:RegistryEnterpriseRepo": frozenset({"name", "namespace"}),
    "alicloud:ecs/eipAddress:EipAddress": frozenset(
        {
            "internetChargeType",
            "paymentType",
            "isp",
            "netmode",
            "ipAddress",
            "publicIpAddressPoolId",
            "securityProtectionTypes",
            "zone",
        }
    ),
    "alicloud:ecs/eipAssociation:EipAssociation": frozenset(
        {"allocationId", "instanceId", "instanceType", "privateIpAddress", "vpcId"}
    ),
    "alicloud:ecs/securityGroup:SecurityGroup": frozenset({"securityGroupType"}),
    "alicloud:ecs/securityGroupRule:SecurityGroupRule": frozenset(
        {
            "cidrIp",
            "ipProtocol",
            "ipv6CidrIp",
            "nicType",
            "policy",
            "portRange",
            "prefixListId",
            "priority",
            "securityGroupId",
            "sourceGroupOwnerAccount",
            "sourceSecurityGroupId",
            "type",
        }
    ),
    "alicloud:kms/alias:Alias": frozenset({"aliasName"}),
    "alicloud:kms/key:Key": frozenset({"keySpec", "keyUsage", "origin", "protectionLevel", "dkmsInstanceId"}),
    "alicloud:kvstore/instance:Instance": frozenset(
        {
            "instanceType",
            "nodeType",
            "capacity",
            "backupId",
            "restoreTime",
            "srcdbInstanceId",
            "globalInstance",
        }
    ),
    "alicloud:log/project:Project": frozenset({"projectName", "name"}),
    "alicloud:log/store:Store": frozenset(
        {
            "projectName",
            "project",
            "logstoreName",
            "name",
            "shardCount",
            "telemetryType",
            "encryptConf.encryptType",
            "encryptConf.userCmkInfo",
        }
    ),
    "alicloud:log/storeIndex:StoreIndex": frozenset({"project", "logstore"}),
    "alicloud:mongodb/instance:Instance": frozenset(
        {"storageEngine", "networkType", "vswitchId", "encrypted", "cloudDiskEncryptionKey"}
    ),
    "alicloud:oss/bucket:Bucket": frozenset({"storageClass", "redundancyType"}),
    "alicloud:pvtz/zone:Zone": frozenset({"zoneName", "name", "resourceGroupId"}),
    "alicloud:pvtz/zoneAttachment:ZoneAttachment": frozenset({"lang", "userClientIp"}),
    "alicloud:ram/policy:Policy": frozenset({"policyName", "name"}),
    "alicloud:ram/role:Role": frozenset({"roleName", "name"}),
    "alicloud:ram/rolePolicyAttachment:RolePolicyAttachment": frozenset(
        {"policyName", "policyType", "roleName"}
    ),
    "alicloud:rds/instance:Instance": frozenset(
        {"engine", "vswitchId", "zoneIdSlaveA", "zoneIdSlaveB", "dbTimeZone", "babelfishConfig"}
    ),
    "alicloud:rds/rdsAccount:RdsAccount": frozenset({"accountName", "accountType"}),
    "alicloud:vpc/flowLog:FlowLog": frozenset(
        {"logStoreName", "projectName", "resourceId", "resourceType", "trafficPath", "trafficType"}
    ),
    "alicloud:vpc/gatewayEndpoint:GatewayEndpoint": frozenset({"serviceName"}),
    "alicloud:vpc/natGateway:NatGateway": frozenset(
        {"availabilityMode", "internetChargeType", "paymentType", "accessMode"}
    ),
    "alicloud:vpc/network:Network": frozenset({"ipv6CidrBlock", "isDefault", "userCidrs"}),
    "alicloud:vpc/routeEntry:RouteEntry": frozenset(
        {"name", "description", "destinationCidrblock", "nexthopId", "nexthopType", "routeTableId"}
    ),
    "alicloud:vpc/routeTable:RouteTable": frozenset({"associateType"}),
    "alicloud:vpc/routeTableAttachment:RouteTableAttachment": frozenset({"routeTableId", "vswitchId"}),
    "alicloud:vpc/snatEntry:SnatEntry": frozenset({"snatTableId", "sourceCidr", "sourceVswitchId"}),
    "alicloud:vpc/switch:Switch": frozenset({"cidrBlock", "isDefault"}),
    "cloudflare:index/dnsRecord:DnsRecord": frozenset({"type"}),
    "cloudflare:index/originCaCertificate:OriginCaCertificate": frozenset(
        {"csr", "hostnames", "requestType", "requestedValidity"}
    ),
    "cloudflare:index/pagesDomain:PagesDomain": frozenset({"name", "projectName"}),
    "cloudflare:index/pagesProject:PagesProject": frozenset({"name"}),
    "cloudflare:index/r2Bucket:R2Bucket": frozenset({"name", "location", "jurisdiction"}),
    "cloudflare:index/r2BucketLifecycle:R2BucketLifecycle": frozenset({"bucketName", "jurisdiction"}),
    "cloudflare:index/r2ManagedDomain:R2ManagedDomain": frozenset({"bucketName", "jurisdiction"}),
    "cloudflare:index/ruleset:Ruleset": frozenset({"kind", "phase"}),
    "cloudflare:index/workerVersion:WorkerVersion": frozenset(
        {
            "workerId",
            "bindings",
            "compatibilityDate",
            "compatibilityFlags",
            "mainModule",
            "modules",
            "assets",
            "migrations",
            "limits",
            "placement",
            "usageModel",
        }
    ),
    "cloudflare:index/workersDeployment:WorkersDeployment": frozenset(
        {"scriptName", "strategy", "versions", "annotations"}
    ),
    "cloudflare:index/workersScript:WorkersScript": frozenset({"scriptName"}),
    "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain": frozenset({"scriptName"}),
    "cloudflare:index/zone:Zone": frozenset({"name"}),
    "cloudflare:index/zoneSetting:ZoneSetting": frozenset({"settingId"}),
    "mongodbatlas:index/advancedCluster:AdvancedCluster": frozenset({"name"}),
    "mongodbatlas:index/databaseUser:DatabaseUser": frozenset({"username", "authDatabaseName"}),
    "mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint": frozenset({"providerName", "region"}),
    "mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService": frozenset(
        {"privateLinkId", "endpointServiceId", "providerName"}
    ),
}

FORCES_WHEN_SWAPPED: Final[Mapping[str, frozenset[str]]] = dict.fromkeys(
    (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    ),
    frozenset({"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"}),
)
"""Properties of which a resource has one: another value is an update, another one of them is another resource."""

KUBERNETES_ALWAYS: Final = frozenset({"apiVersion", "kind", "metadata.name", "metadata.namespace"})
KUBERNETES: Final[Mapping[str, frozenset[str]]] = {
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
PACKAGE_WIDE: Final[Mapping[str, frozenset[str]]] = {
    "aws": _NAME | {"region", "vpcId", "bucket", "clusterName", "availabilityZone", "keyName"},
    "alicloud": frozenset({"vpcId", "zoneId", "clusterId", "dbInstanceId", "instanceId", "bucket"}),
    "cloudflare": frozenset({"accountId", "zoneId"}),
    "mongodbatlas": frozenset({"projectId", "orgId"}),
    "vault": frozenset({"name", "backend", "mount", "namespace"}),
}
# The exceptions among them, and from what a docstring says of older versions.
UPDATABLE: Final[Mapping[str, frozenset[str]]] = {
    "aws:apigatewayv2/api:Api": frozenset({"name"}),
    "aws:appconfig/application:Application": frozenset({"name"}),
    "aws:backup/plan:Plan": frozenset({"name"}),
    "aws:cognito/userPool:UserPool": frozenset({"name"}),
    "aws:ec2/internetGateway:InternetGateway": frozenset({"vpcId"}),
    "aws:ec2/managedPrefixList:ManagedPrefixList": frozenset({"name"}),
    # From Redis 7.0.5 on; ours are newer.
    "aws:elasticache/replicationGroup:ReplicationGroup": frozenset({"transitEncryptionEnabled"}),
    "aws:iam/group:Group": frozenset({"name"}),
    "aws:iam/user:User": frozenset({"name"}),
    "aws:organizations/account:Account": frozenset({"name"}),
    "alicloud:kvstore/instance:Instance": frozenset({"zoneId"}),
    "mongodbatlas:index/maintenanceWindow:MaintenanceWindow": frozenset({"projectId"}),
}
