"""Types that cost nothing by themselves, each with the reason. What is neither here nor priced is unpriced."""

from __future__ import annotations

_NETWORK = "part of a network; gateways, addresses and traffic are priced apart"
_ACCESS = "access control is free"
_SETTING = "a setting of a resource that is priced itself"
_ON_NODES = "runs on nodes that are priced"

_EXACT = {
    "aws:ec2/flowLog:FlowLog": "its records are in the log volume of its log group",
    "aws:ec2/launchTemplate:LaunchTemplate": "what it launches is priced with the node pool",
    "aws:budgets/budget:Budget": "budgets without actions are free",
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": "cost anomaly detection is free",
    "aws:costexplorer/anomalySubscription:AnomalySubscription": "cost anomaly detection is free",
    "aws:costexplorer/costAllocationTag:CostAllocationTag": "cost allocation tags are free",
    "aws:sns/topic:Topic": "alarm mails are within the free share",
    "aws:sns/topicPolicy:TopicPolicy": _SETTING,
    "aws:sns/topicSubscription:TopicSubscription": "alarm mails are within the free share",
    "aws:sqs/queue:Queue": "cluster events are within the free share of a million requests",
    "aws:sqs/queuePolicy:QueuePolicy": _SETTING,
    "aws:kms/alias:Alias": "an alias of a key that is priced",
    "alicloud:kms/alias:Alias": "an alias of a key that is priced",
    "alicloud:ecs/eipAssociation:EipAssociation": _SETTING,
    "alicloud:cs/kubernetesAddon:KubernetesAddon": _ON_NODES,
}

_PREFIXES = {
    "aws:ec2/defaultSecurityGroup:": _NETWORK,
    "aws:ec2/route": _NETWORK,
    "aws:ec2/securityGroup": _NETWORK,
    "aws:ec2/subnet:": _NETWORK,
    "aws:ec2/vpc:": _NETWORK,
    "aws:ec2/vpcDhcpOptions": _NETWORK,
    "aws:ec2/networkAcl": _NETWORK,
    "aws:vpc/securityGroup": _NETWORK,
    "aws:iam/": _ACCESS,
    "aws:eks/access": _ACCESS,
    "aws:eks/podIdentityAssociation:": _ACCESS,
    "aws:eks/addon:": _ON_NODES,
    "aws:ecr/lifecyclePolicy:": _SETTING,
    "aws:ecr/repositoryPolicy:": _SETTING,
    "aws:ecr/registry": _SETTING,
    "aws:elasticache/parameterGroup:": _SETTING,
    "aws:elasticache/subnetGroup:": _SETTING,
    "aws:elasticache/user": _ACCESS,
    "aws:rds/parameterGroup:": _SETTING,
    "aws:rds/subnetGroup:": _SETTING,
    "aws:rds/optionGroup:": _SETTING,
    "aws:route53/record:": "queries of private zones are a few cents a million",
    "aws:route53/zoneAssociation:": _SETTING,
    "aws:s3/bucket": _SETTING,  # the buckets themselves are priced before this list is asked
    "aws:cloudwatch/logResourcePolicy:": _ACCESS,
    "aws:cloudwatch/eventRule:": "events of the account's own services are free",
    "aws:cloudwatch/eventTarget:": "events of the account's own services are free",
    "aws:secretsmanager/secretVersion:": _SETTING,
    "aws:secretsmanager/secretPolicy:": _ACCESS,
    "aws:secretsmanager/secretRotation:": _SETTING,
    "aws:lb/listener": _SETTING,
    "aws:lb/targetGroup": _SETTING,
    "aws:alb/listener": _SETTING,
    "aws:alb/targetGroup": _SETTING,
    "aws:kms/keyPolicy:": _ACCESS,
    "aws:kms/grant:": _ACCESS,
    "aws:autoscaling/tag:": _SETTING,
    "alicloud:vpc/": _NETWORK,  # the NAT gateway is priced before this list is asked
    "alicloud:ecs/securityGroup": _NETWORK,
    "alicloud:ram/": _ACCESS,
    "alicloud:oss/bucket": _SETTING,
    "alicloud:cr/": "part of the registry instance",
    "alicloud:cs/registryEnterprise": "part of the registry instance",
    "alicloud:rds/backupPolicy:": _SETTING,
    "alicloud:rds/rdsAccount:": _ACCESS,
    "alicloud:rds/account": _ACCESS,
    "alicloud:kvstore/": _SETTING,
    "alicloud:mongodb/privateSrvNetworkAddress:": _SETTING,
    "alicloud:mongodb/account:": _ACCESS,
    "alicloud:log/project:": "holds log stores, which are priced",
    "alicloud:log/storeIndex:": "part of the log store",
    "alicloud:pvtz/zoneAttachment:": _SETTING,
    "alicloud:pvtz/zoneRecord:": _SETTING,
    "mongodbatlas:index/project": _ACCESS,
    "mongodbatlas:index/databaseUser:": _ACCESS,
    "mongodbatlas:index/customDbRole:": _ACCESS,
    "mongodbatlas:index/auditing:": "not among what Atlas charges extra for (own keys and LDAP are)",
    "mongodbatlas:index/cloudBackupSchedule:": "what it keeps is priced with the cluster",
    "mongodbatlas:index/privateLinkEndpointService:": _SETTING,
    "mongodbatlas:index/maintenanceWindow:": _SETTING,
    "mongodbatlas:index/cloudProviderAccess": _ACCESS,
    "cloudflare:index/r2Bucket": _SETTING,  # the buckets themselves are priced before this list is asked
    "cloudflare:index/r2ManagedDomain:": _SETTING,
    "cloudflare:index/r2CustomDomain:": _SETTING,
    "cloudflare:index/dnsRecord:": "DNS records are free",
    "cloudflare:index/pages": "static Pages are free",
    "cloudflare:index/workers": "part of the Workers plan",
    "cloudflare:index/worker": "part of the Workers plan",
    "cloudflare:index/ruleset:": "part of the zone's plan",
    "cloudflare:index/zone": "part of the zone's plan",  # the plan itself is priced before this list is asked
    "cloudflare:index/botManagement:": "part of the zone's plan",
    "cloudflare:index/authenticatedOriginPulls": "part of the zone's plan",
    "cloudflare:index/healthcheck:": "part of the zone's plan",
    "cloudflare:index/notificationPolicy:": _SETTING,
    "cloudflare:index/originCaCertificate:": "Origin CA certificates are free",
    "aws:scheduler/": "a weekly invocation is within the free ones",
    "aws:ec2/managedPrefixList": _SETTING,
    "kubernetes:": _ON_NODES,  # volume claims are priced before this list is asked
    "vault:": _ON_NODES,
    "random:": "made by Pulumi itself",
    "tls:": "made by Pulumi itself",
    "pulumi:": "made by Pulumi itself",
}


def reason_free(token: str) -> str | None:
    """Say why a type costs nothing; ``None`` when nobody has said so."""
    if token in _EXACT:
        return _EXACT[token]
    return next((reason for prefix, reason in _PREFIXES.items() if token.startswith(prefix)), None)
