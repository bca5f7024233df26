"""AWS: the forms of ids, ARNs and endpoints, from the service authorization reference (resource types and their ARNs)
and the Terraform AWS provider's documentation of `id` attributes (which the bridged provider keeps)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from rehearsal.standin_forms import Form, Naming
from rehearsal.values import Properties

_EC2 = "ec2:{region}:{account}:"
_IAM = "iam::{account}:"


def certificate_authority(naming: Naming) -> str:
    """A base64 text that looks like a PEM certificate; it certifies nothing."""
    body = naming.fill("{lower:64.a}\n{lower:64.b}\n{lower:64.c}")
    return base64.b64encode(
        f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n".encode()
    ).decode()


def _eks(naming: Naming) -> Properties:
    return {
        "certificateAuthority": {"data": certificate_authority(naming)},
        "certificateAuthorities": [{"data": certificate_authority(naming)}],
    }


def _rds_endpoint(naming: Naming) -> Properties:
    engine = str(naming.inputs.get("engine") or "mysql")
    port = int(naming.inputs.get("port") or (5432 if "postgres" in engine else 3306))
    address = naming.fill("{name}.c{lower:11}.{region}.rds.{dns_suffix}")
    version = str(naming.inputs.get("engineVersion") or "")
    kept_at = (
        "arn:{partition}:secretsmanager:{region}:{account}:secret:rds!db-{uuid:.secret}-{lower:6.secret}"
    )
    return {
        "masterUserSecrets": [
            {
                "secretArn": naming.fill(kept_at),
                "secretStatus": "active",
                "kmsKeyId": str(naming.inputs.get("masterUserSecretKmsKeyId") or ""),
            }
        ]
        if naming.inputs.get("manageMasterUserPassword")
        else [],
        "address": address,
        "endpoint": f"{address}:{port}",
        "port": port,
        "engine": engine,
        "engineVersion": version,
        "engineVersionActual": version,
        "identifier": naming.name,
    }


def _redis(naming: Naming) -> Properties:
    port = int(naming.inputs.get("port") or 6379)
    cluster_mode = (
        bool(naming.inputs.get("numNodeGroups") or 0) or naming.inputs.get("clusterMode") == "enabled"
    )
    host = naming.fill("{name}.{lower:6}")
    suffix = naming.fill("{region}.cache.{dns_suffix}")
    return {
        "port": port,
        "clusterEnabled": cluster_mode,
        "configurationEndpointAddress": f"clustercfg.{host}.{suffix}" if cluster_mode else "",
        "primaryEndpointAddress": "" if cluster_mode else f"master.{host}.{suffix}",
        "readerEndpointAddress": "" if cluster_mode else f"replica.{host}.{suffix}",
        "memberClusters": [
            f"{naming.name}-{shard:04}-001"
            for shard in range(1, int(naming.inputs.get("numNodeGroups") or 1) + 1)
        ],
    }


def _arn_suffix(naming: Naming) -> Properties:
    return {"arnSuffix": naming.arn.partition("loadbalancer/")[2]}


def _ec2(prefix: str, kind: str, **outputs: Any) -> Form:
    return Form(id=prefix + "-{hex:17}", arn=_EC2 + kind + "/{id}", outputs=outputs)


FORMS: Final[Mapping[str, Form]] = {
    "ec2/vpc:Vpc": _ec2(
        "vpc",
        "vpc",
        mainRouteTableId="rtb-{hex:17.main}",
        defaultRouteTableId="rtb-{hex:17.main}",
        defaultNetworkAclId="acl-{hex:17.default}",
        defaultSecurityGroupId="sg-{hex:17.default}",
        dhcpOptionsId="dopt-{hex:17.default}",
        enableDnsSupport=True,
    ),
    "ec2/subnet:Subnet": _ec2("subnet", "subnet", availabilityZoneId="{of[availabilityZone]}"),
    "ec2/securityGroup:SecurityGroup": _ec2("sg", "security-group"),
    "ec2/defaultSecurityGroup:DefaultSecurityGroup": _ec2("sg", "security-group"),
    "ec2/routeTable:RouteTable": _ec2("rtb", "route-table"),
    "ec2/defaultRouteTable:DefaultRouteTable": Form(
        id="{of[defaultRouteTableId]}", arn=_EC2 + "route-table/{id}"
    ),
    "ec2/defaultNetworkAcl:DefaultNetworkAcl": Form(
        id="{of[defaultNetworkAclId]}", arn=_EC2 + "network-acl/{id}"
    ),
    "ec2/route:Route": Form(id="r-{of[routeTableId]}{digits:10}"),
    "ec2/routeTableAssociation:RouteTableAssociation": Form(id="rtbassoc-{hex:17}"),
    "ec2/internetGateway:InternetGateway": _ec2("igw", "internet-gateway"),
    "ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": _ec2("eigw", "egress-only-internet-gateway"),
    "ec2/natGateway:NatGateway": _ec2("nat", "natgateway", publicIp="203.0.113.7", privateIp="10.0.0.7"),
    "ec2/eip:Eip": Form(
        id="eipalloc-{hex:17}",
        arn=_EC2 + "elastic-ip/{id}",
        outputs={
            "allocationId": "{id}",
            "publicIp": "203.0.113.9",
            "publicDns": "ec2-203-0-113-9.{region}.compute.{dns_suffix}",
        },
    ),
    "ec2/vpcEndpoint:VpcEndpoint": _ec2("vpce", "vpc-endpoint", prefixListId="pl-{hex:8}", state="available"),
    "ec2/networkAcl:NetworkAcl": _ec2("acl", "network-acl"),
    "ec2/networkInterface:NetworkInterface": _ec2("eni", "network-interface"),
    "ec2/launchTemplate:LaunchTemplate": Form(
        id="lt-{hex:17}", arn=_EC2 + "launch-template/{id}", outputs={"latestVersion": 1, "defaultVersion": 1}
    ),
    "ec2/instance:Instance": _ec2("i", "instance", instanceState="running", privateIp="10.0.0.10"),
    "ebs/volume:Volume": _ec2("vol", "volume"),
    "ec2/flowLog:FlowLog": _ec2("fl", "vpc-flow-log"),
    "ec2/vpcDhcpOptions:VpcDhcpOptions": _ec2("dopt", "dhcp-options"),
    "ec2/managedPrefixList:ManagedPrefixList": _ec2("pl", "prefix-list"),
    "ec2/keyPair:KeyPair": Form(id="{name}", arn=_EC2 + "key-pair/{name}", name_from="keyName"),
    "ec2/securityGroupRule:SecurityGroupRule": Form(id="sgrule-{digits:10}"),
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": Form(
        id="sgr-{hex:17}", arn=_EC2 + "security-group-rule/{id}", outputs={"securityGroupRuleId": "{id}"}
    ),
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": Form(
        id="sgr-{hex:17}", arn=_EC2 + "security-group-rule/{id}", outputs={"securityGroupRuleId": "{id}"}
    ),
    "eks/cluster:Cluster": Form(
        id="{name}",
        arn="eks:{region}:{account}:cluster/{name}",
        outputs={
            "endpoint": "https://{upper:32.api}.gr7.{region}.eks.amazonaws.com",
            "identities": [
                {"oidcs": [{"issuer": "https://oidc.eks.{region}.amazonaws.com/id/{upper:32.api}"}]}
            ],
            "status": "ACTIVE",
            "platformVersion": "eks.1",
            "version": "{of[version]}",
            "vpcConfig": {"clusterSecurityGroupId": "sg-{hex:17.cluster}", "vpcId": "vpc-{hex:17.vpc}"},
        },
        computed=_eks,
    ),
    "eks/nodeGroup:NodeGroup": Form(
        id="{of[clusterName]}:{name}",
        arn="eks:{region}:{account}:nodegroup/{of[clusterName]}/{name}/{uuid}",
        name_from="nodeGroupName",
        outputs={
            "nodeGroupName": "{name}",
            "status": "ACTIVE",
            "resources": [
                {"autoscalingGroups": [{"name": "eks-{name}-{uuid}"}], "remoteAccessSecurityGroupId": ""},
            ],
        },
    ),
    "eks/addon:Addon": Form(
        id="{of[clusterName]}:{of[addonName]}",
        arn="eks:{region}:{account}:addon/{of[clusterName]}/{of[addonName]}/{uuid}",
    ),
    "eks/accessEntry:AccessEntry": Form(
        id="{of[clusterName]}:{of[principalArn]}",
        outputs={
            "accessEntryArn": "arn:{partition}:eks:{region}:{account}:access-entry/{of[clusterName]}/{uuid}"
        },
    ),
    "eks/accessPolicyAssociation:AccessPolicyAssociation": Form(
        id="{of[clusterName]}#{of[principalArn]}#{of[policyArn]}"
    ),
    "eks/podIdentityAssociation:PodIdentityAssociation": Form(
        id="a-{lower:17}",
        outputs={
            "associationId": "{id}",
            "associationArn": "arn:{partition}:eks:{region}:{account}:podidentityassociation/{of[clusterName]}/{id}",
        },
    ),
    "rds/instance:Instance": Form(
        id="db-{upper:26}",
        arn="rds:{region}:{account}:db:{name}",
        outputs={"resourceId": "{id}", "hostedZoneId": "Z{upper:13.zone}", "status": "available"},
        computed=_rds_endpoint,
    ),
    "rds/cluster:Cluster": Form(
        id="{name}", arn="rds:{region}:{account}:cluster:{name}", outputs={"clusterIdentifier": "{name}"}
    ),
    "rds/subnetGroup:SubnetGroup": Form(id="{name}", arn="rds:{region}:{account}:subgrp:{name}"),
    "rds/parameterGroup:ParameterGroup": Form(id="{name}", arn="rds:{region}:{account}:pg:{name}"),
    "rds/optionGroup:OptionGroup": Form(id="{name}", arn="rds:{region}:{account}:og:{name}"),
    "elasticache/replicationGroup:ReplicationGroup": Form(
        id="{name}",
        arn="elasticache:{region}:{account}:replicationgroup:{name}",
        name_from="replicationGroupId",
        outputs={"replicationGroupId": "{name}"},
        computed=_redis,
    ),
    "elasticache/subnetGroup:SubnetGroup": Form(
        id="{name}", arn="elasticache:{region}:{account}:subnetgroup:{name}"
    ),
    "elasticache/parameterGroup:ParameterGroup": Form(
        id="{name}", arn="elasticache:{region}:{account}:parametergroup:{name}"
    ),
    "elasticache/user:User": Form(id="{of[userId]}", arn="elasticache:{region}:{account}:user:{of[userId]}"),
    "s3/bucket:Bucket": Form(
        id="{name}",
        arn="s3:::{name}",
        name_from="bucket",
        outputs={
            "bucket": "{name}",
            "bucketDomainName": "{name}.s3.{dns_suffix}",
            "bucketRegionalDomainName": "{name}.s3.{region}.{dns_suffix}",
            "bucketRegion": "{region}",
            "hostedZoneId": "Z{upper:13.zone}",
        },
    ),
    "kms/key:Key": Form(id="{uuid}", arn="kms:{region}:{account}:key/{id}", outputs={"keyId": "{id}"}),
    "kms/replicaKey:ReplicaKey": Form(
        id="mrk-{hex:32}", arn="kms:{region}:{account}:key/{id}", outputs={"keyId": "{id}"}
    ),
    "kms/alias:Alias": Form(
        id="{name}",
        arn="kms:{region}:{account}:{name}",
        outputs={"targetKeyArn": "arn:{partition}:kms:{region}:{account}:key/{of[targetKeyId]}"},
    ),
    "ecr/repository:Repository": Form(
        id="{name}",
        arn="ecr:{region}:{account}:repository/{name}",
        outputs={
            "repositoryUrl": "{account}.dkr.ecr.{region}.{dns_suffix}/{name}",
            "registryId": "{account}",
        },
    ),
    "iam/accessKey:AccessKey": Form(
        id="AKIA{upper:16}",
        outputs={
            "secret": "{lower:40.secret}",
            "sesSmtpPasswordV4": "{lower:44.smtp}",
            "createDate": "2026-01-01T00:00:00Z",
        },
    ),
    "iam/role:Role": Form(id="{name}", arn=_IAM + "role/{name}", outputs={"uniqueId": "AROA{upper:17}"}),
    "iam/user:User": Form(id="{name}", arn=_IAM + "user/{name}", outputs={"uniqueId": "AIDA{upper:17}"}),
    "iam/group:Group": Form(id="{name}", arn=_IAM + "group/{name}", outputs={"uniqueId": "AGPA{upper:17}"}),
    "iam/policy:Policy": Form(id="{arn}", arn=_IAM + "policy/{name}", outputs={"policyId": "ANPA{upper:17}"}),
    "iam/instanceProfile:InstanceProfile": Form(id="{name}", arn=_IAM + "instance-profile/{name}"),
    "iam/rolePolicy:RolePolicy": Form(id="{of[role]}:{name}"),
    "iam/rolePolicyAttachment:RolePolicyAttachment": Form(id="{of[role]}-{digits:26}"),
    "iam/openIdConnectProvider:OpenIdConnectProvider": Form(
        id="{arn}", arn=_IAM + "oidc-provider/{name}", name_from="url"
    ),
    "route53/zone:Zone": Form(
        id="Z{upper:20}",
        arn="route53:::hostedzone/{id}",
        outputs={
            "zoneId": "{id}",
            "nameServers": ["ns-{digits:3.a}.awsdns-00.com", "ns-{digits:3.b}.awsdns-00.net"],
        },
    ),
    "route53/record:Record": Form(id="{of[zoneId]}_{name}_{of[type]}", outputs={"fqdn": "{name}"}),
    "acm/certificate:Certificate": Form(
        id="{arn}", arn="acm:{region}:{account}:certificate/{uuid}", outputs={"status": "ISSUED"}
    ),
    "lb/loadBalancer:LoadBalancer": Form(
        id="{arn}",
        arn="elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{hex:16}",
        outputs={
            "dnsName": "{name}-{digits:10}.{region}.elb.{dns_suffix}",
            "zoneId": "Z{upper:13.zone}",
        },
        computed=_arn_suffix,
    ),
    "lb/targetGroup:TargetGroup": Form(
        id="{arn}", arn="elasticloadbalancing:{region}:{account}:targetgroup/{name}/{hex:16}"
    ),
    "lb/listener:Listener": Form(
        id="{arn}", arn="elasticloadbalancing:{region}:{account}:listener/app/{hex:16.lb}/{hex:16}"
    ),
    "cloudwatch/logGroup:LogGroup": Form(id="{name}", arn="logs:{region}:{account}:log-group:{name}"),
    "cloudwatch/metricAlarm:MetricAlarm": Form(id="{name}", arn="cloudwatch:{region}:{account}:alarm:{name}"),
    "cloudwatch/eventRule:EventRule": Form(id="{name}", arn="events:{region}:{account}:rule/{name}"),
    "cloudtrail/trail:Trail": Form(id="{arn}", arn="cloudtrail:{region}:{account}:trail/{name}"),
    "sns/topic:Topic": Form(id="{arn}", arn="sns:{region}:{account}:{name}"),
    "sqs/queue:Queue": Form(
        id="https://sqs.{region}.{dns_suffix}/{account}/{name}",
        arn="sqs:{region}:{account}:{name}",
        outputs={"url": "{id}"},
    ),
    "secretsmanager/secret:Secret": Form(
        id="{arn}", arn="secretsmanager:{region}:{account}:secret:{name}-{lower:6}"
    ),
    "secretsmanager/secretVersion:SecretVersion": Form(
        id="{of[secretId]}|{uuid}",
        arn="secretsmanager:{region}:{account}:secret:{name}",
        outputs={"versionId": "{tail}"},
    ),
    "ssm/parameter:Parameter": Form(id="{name}", arn="ssm:{region}:{account}:parameter/{name}"),
    "budgets/budget:Budget": Form(id="{account}:{name}", arn="budgets::{account}:budget/{name}"),
    "lambda/function:Function": Form(id="{name}", arn="lambda:{region}:{account}:function:{name}"),
    "dynamodb/table:Table": Form(id="{name}", arn="dynamodb:{region}:{account}:table/{name}"),
    "backup/vault:Vault": Form(id="{name}", arn="backup:{region}:{account}:backup-vault:{name}"),
    "backup/plan:Plan": Form(id="{uuid}", arn="backup:{region}:{account}:backup-plan:{id}"),
    "autoscaling/group:Group": Form(
        id="{name}", arn="autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/{name}"
    ),
    "wafv2/webAcl:WebAcl": Form(id="{uuid}", arn="wafv2:{region}:{account}:regional/webacl/{name}/{uuid}"),
    "guardduty/detector:Detector": Form(id="{hex:32}", arn="guardduty:{region}:{account}:detector/{id}"),
}
# Settings of a bucket have the bucket's name as their id.
_BUCKET_PART = Form(id="{of[bucket]}")


def form_of(kind: str) -> Form:
    """The form of a type without its package (`ec2/vpc:Vpc`); others get an id of letters and a plausible ARN."""
    known = FORMS.get(kind)
    if known is not None:
        return known
    module, _, name = kind.partition(":")
    service = module.partition("/")[0]
    if service == "s3" and name.startswith("Bucket"):
        return _BUCKET_PART
    return Form(id="{name}", arn=service + ":{region}:{account}:" + name.lower() + "/{name}")
