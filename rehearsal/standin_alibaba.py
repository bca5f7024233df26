"""Alibaba Cloud: ids and endpoints in the services' own forms (the product documentation's examples of each id)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rehearsal.standin_forms import Form, Naming
from rehearsal.values import Properties


def _rds(naming: Naming) -> Properties:
    return {
        "connectionString": naming.fill("{id}.mysql.rds.aliyuncs.com"),
        "port": str(naming.inputs.get("port") or "3306"),
        "connectionStringPrefix": naming.fill("{id}"),
    }


def _redis(naming: Naming) -> Properties:
    return {
        "connectionDomain": naming.fill("{id}.redis.rds.aliyuncs.com"),
        "privateConnectionPort": str(naming.inputs.get("port") or "6379"),
    }


FORMS: Final[Mapping[str, Form]] = {
    "vpc/network:Network": Form(
        id="vpc-{place}{lower:19}",
        name_from="vpcName",
        outputs={
            "routeTableId": "vtb-{place}{lower:19}",
            "routerId": "vrt-{place}{lower:19}",
            "status": "Available",
        },
    ),
    "vpc/switch:Switch": Form(
        id="vsw-{place}{lower:19}", name_from="vswitchName", outputs={"status": "Available"}
    ),
    "vpc/natGateway:NatGateway": Form(
        id="ngw-{place}{lower:19}",
        name_from="natGatewayName",
        outputs={"snatTableIds": "stb-{place}{lower:19}"},
    ),
    "vpc/snatEntry:SnatEntry": Form(
        id="{of[snatTableId]}:snat-{place}{lower:19}", outputs={"snatEntryId": "{tail}"}
    ),
    "ecs/eipAddress:EipAddress": Form(
        id="eip-{place}{lower:19}", name_from="addressName", outputs={"ipAddress": "203.0.113.20"}
    ),
    "ecs/securityGroup:SecurityGroup": Form(id="sg-{place}{lower:19}", name_from="securityGroupName"),
    "ecs/securityGroupRule:SecurityGroupRule": Form(
        id="{of[securityGroupId]}:{of[type]}:{of[ipProtocol]}:{of[portRange]}:{of[cidrIp]}"
    ),
    "ecs/instance:Instance": Form(id="i-{place}{lower:19}", name_from="instanceName"),
    "ecs/launchTemplate:LaunchTemplate": Form(id="lt-{place}{lower:19}", name_from="launchTemplateName"),
    "rds/instance:Instance": Form(id="rm-{place}{lower:14}", name_from="instanceName", computed=_rds),
    "rds/readOnlyInstance:ReadOnlyInstance": Form(
        id="rr-{place}{lower:14}", name_from="instanceName", computed=_rds
    ),
    "rds/account:Account": Form(id="{of[dbInstanceId]}:{of[accountName]}", name_from="accountName"),
    "rds/database:Database": Form(id="{of[instanceId]}:{name}", name_from="dataBaseName"),
    "kvstore/instance:Instance": Form(id="r-{place}{lower:14}", name_from="dbInstanceName", computed=_redis),
    "redis/tairInstance:TairInstance": Form(
        id="r-{place}{lower:14}", name_from="tairInstanceName", computed=_redis
    ),
    "mongodb/instance:Instance": Form(
        id="dds-{place}{hex:14}",
        outputs={
            "replicaSetName": "mgset-{digits:8}",
            "replicaSets": [
                {
                    "connectionDomain": "{id}.mongodb.rds.aliyuncs.com",
                    "connectionPort": "3717",
                    "networkType": "VPC",
                    "replicaSetRole": "Primary",
                    "roleId": "{digits:8}",
                    "vpcCloudInstanceId": "{id}",
                    "vpcId": "",
                    "vswitchId": "",
                }
            ],
        },
    ),
    "mongodb/shardingInstance:ShardingInstance": Form(id="dds-{place}{hex:14}"),
    "cs/managedKubernetes:ManagedKubernetes": Form(
        id="c{hex:32}",
        outputs={
            "connections": [
                {
                    "apiServerInternet": "https://203.0.113.30:6443",
                    "apiServerIntranet": "https://10.0.0.30:6443",
                    "masterPublicIp": "203.0.113.30",
                    "serviceDomain": "*.{id}.{region}.alicontainer.com",
                }
            ],
            "rrsaMetadata": {
                "enabled": True,
                "rrsaOidcIssuerUrl": "https://oidc-ack-{region}.oss-{region}.aliyuncs.com/{id}",
                "ramOidcProviderName": "ack-rrsa-{id}",
                "ramOidcProviderArn": "acs:ram::{account}:oidc-provider/ack-rrsa-{id}",
            },
            "workerRamRoleName": "KubernetesWorkerRole-{uuid}",
        },
    ),
    "cs/nodePool:NodePool": Form(
        id="{of[clusterId]}:np{hex:32}",
        name_from="nodePoolName",
        outputs={"nodePoolId": "{tail}", "scalingGroupId": "asg-{place}{lower:19}"},
    ),
    "cs/kubernetesAddon:KubernetesAddon": Form(id="{of[clusterId]}:{name}"),
    "oss/bucket:Bucket": Form(
        id="{name}",
        arn="acs:oss:oss-{region}:{account}:{name}",
        name_from="bucket",
        outputs={
            "bucket": "{name}",
            "extranetEndpoint": "oss-{region}.aliyuncs.com",
            "intranetEndpoint": "oss-{region}-internal.aliyuncs.com",
            "location": "oss-{region}",
            "owner": "{account}",
        },
    ),
    "kms/key:Key": Form(
        id="key-{place}{hex:16}",
        arn="acs:kms:{region}:{account}:key/{id}",
        outputs={"primaryKeyVersion": "{uuid}", "status": "Enabled", "creator": "{account}"},
    ),
    "kms/alias:Alias": Form(id="{of[aliasName]}", arn="acs:kms:{region}:{account}:{of[aliasName]}"),
    "kms/instance:Instance": Form(id="kst-{place}{hex:18}"),
    "kms/secret:Secret": Form(
        id="{name}", arn="acs:kms:{region}:{account}:secret/{name}", name_from="secretName"
    ),
    "ram/role:Role": Form(
        id="{name}",
        arn="acs:ram::{account}:role/{name}",
        name_from="roleName",
        outputs={"roleId": "3{digits:17}"},
    ),
    "ram/policy:Policy": Form(id="{name}", arn="acs:ram::{account}:policy/{name}", name_from="policyName"),
    "ram/user:User": Form(id="2{digits:17}", arn="acs:ram::{account}:user/{name}"),
    "ram/rolePolicyAttachment:RolePolicyAttachment": Form(
        id="role:{of[policyName]}:{of[policyType]}:{of[roleName]}"
    ),
    "pvtz/zone:Zone": Form(id="{hex:32}", name_from="zoneName"),
    "pvtz/zoneAttachment:ZoneAttachment": Form(id="{of[zoneId]}"),
    "pvtz/zoneRecord:ZoneRecord": Form(id="{digits:10}:{of[zoneId]}", outputs={"recordId": "{head}"}),
    "cr/registryEnterpriseInstance:RegistryEnterpriseInstance": Form(
        id="cri-{lower:16}", name_from="instanceName"
    ),
    "cr/repo:Repo": Form(id="{of[namespace]}/{name}"),
    "cr/namespace:Namespace": Form(id="{name}"),
    "cs/registryEnterpriseNamespace:RegistryEnterpriseNamespace": Form(id="{of[instanceId]}:{name}"),
    "cs/registryEnterpriseRepo:RegistryEnterpriseRepo": Form(
        id="{of[instanceId]}:{of[namespace]}:{name}", outputs={"repoId": "crr-{lower:16}"}
    ),
    "log/project:Project": Form(
        id="{name}", arn="acs:log:{region}:{account}:project/{name}", name_from="projectName"
    ),
    "log/store:Store": Form(id="{of[projectName]}:{name}", name_from="logstoreName"),
    "slb/applicationLoadBalancer:ApplicationLoadBalancer": Form(
        id="lb-{place}{lower:19}", name_from="loadBalancerName"
    ),
    "alb/loadBalancer:LoadBalancer": Form(
        id="alb-{lower:18}",
        name_from="loadBalancerName",
        outputs={"dnsName": "{id}.{region}.alb.aliyuncs.com"},
    ),
    "alb/serverGroup:ServerGroup": Form(id="sgp-{lower:18}", name_from="serverGroupName"),
    "alb/listener:Listener": Form(id="lsn-{lower:18}"),
    "actiontrail/trail:Trail": Form(id="{name}", name_from="trailName"),
}


def form_of(kind: str) -> Form:
    """The form of a type without its package; others get an id with the mark of the region."""
    known = FORMS.get(kind)
    if known is not None:
        return known
    module, _, name = kind.partition(":")
    return Form(
        id=f"{name.lower()[:4]}-{{place}}{{lower:19}}",
        arn=f"acs:{module.partition('/')[0]}:{{region}}:{{account}}:{name.lower()}/{{name}}",
    )
