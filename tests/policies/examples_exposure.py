"""What the exposure rules must find and must leave alone."""

from __future__ import annotations

from tests.policies.builders import Thing, urn_of
from tests.policies.parts import (
    ALI_RDS,
    ASIA,
    CHINA,
    GLOBAL,
    GOOD_ALI_RDS,
    Case,
    bucket,
    document,
    kube,
    made,
)

EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
OWN_ACCOUNT = {**EVERYBODY, "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}
NOT_OWN = {**EVERYBODY, "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}}
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
RECORD = "cloudflare:index/dnsRecord:DnsRecord"
SERVICE = "core/v1:Service"
HTTPS_PORT = [{"port": 443, "targetPort": 8443}]
INTERNAL = {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}
PREFIXES = made("aws:ec2/managedPrefixList:ManagedPrefixList", "all", entries=[{"cidr": "0.0.0.0/0"}])
FROM_PREFIXES = Thing(
    type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    name="rule",
    inputs={"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "prefixListId": "pl-1"},
    depends={"prefixListId": (urn_of(PREFIXES),)},
)


def _backend(service: str) -> dict[str, object]:
    backend = {"service": {"name": service, "port": {"number": 80}}}
    return {"rules": [{"host": "x.smp.vn", "http": {"paths": [{"path": "/", "backend": backend}]}}]}


def _kafka(**listener: object) -> Thing:
    return kube(
        "kafka.strimzi.io/v1:Kafka", spec={"kafka": {"listeners": [{"name": "x", "tls": True, **listener}]}}
    )


def _release(chart: str, **values: object) -> Thing:
    return made("kubernetes:helm.sh/v3:Release", chart=chart, namespace="vault", values=values)


def _for_mirrors(*ranges: str, authentication: str = "tls") -> Thing:
    return _kafka(
        type="loadbalancer",
        authentication={"type": authentication},
        configuration={"loadBalancerSourceRanges": list(ranges)},
    )


VIOLATIONS: list[Case] = [
    ("exposure-kubernetes-stores", ASIA, "a way into a region", (_for_mirrors("192.0.2.1/32"),)),
    ("exposure-kubernetes-stores", GLOBAL, "a way in for a whole provider", (_for_mirrors("52.0.0.0/8"),)),
    ("exposure-kubernetes-stores", GLOBAL, "a way in from anywhere", (_for_mirrors(),)),
    (
        "exposure-kubernetes-stores",
        GLOBAL,
        "a way in by password",
        (_for_mirrors("192.0.2.1/32", authentication="scram-sha-512"),),
    ),
    ("exposure-network", ASIA, "through a prefix list", (PREFIXES, FROM_PREFIXES)),
    ("exposure-ranges", ASIA, "a list of everybody", (PREFIXES,)),
    (
        "exposure-network-policies",
        ASIA,
        "the internet to MySQL",
        (
            kube(
                "networking.k8s.io/v1:NetworkPolicy",
                spec={"ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 3306}]}]},
            ),
        ),
    ),
    (
        "exposure-network-policies",
        ASIA,
        "an empty rule admits everybody",
        (kube("networking.k8s.io/v1:NetworkPolicy", spec={"podSelector": {}, "ingress": [{}]}),),
    ),
    (
        "exposure-addresses",
        ASIA,
        "a task",
        (made("aws:ecs/service:Service", networkConfiguration={"assignPublicIp": True}),),
    ),
    (
        "exposure-addresses",
        CHINA,
        "a node with bandwidth outwards",
        (made("alicloud:cs/nodePool:NodePool", internetMaxBandwidthOut=5),),
    ),
    (
        "exposure-subnets",
        ASIA,
        "a private subnet",
        (made("aws:ec2/subnet:Subnet", "private-a", mapPublicIpOnLaunch=True),),
    ),
    (
        "exposure-whitelists",
        CHINA,
        "everybody's database",
        (made(ALI_RDS, **{**GOOD_ALI_RDS, "securityIps": ["10.30.0.0/16", "0.0.0.0/0"]}),),
    ),
    (
        "exposure-authentication",
        ASIA,
        "a cache without a password",
        (made("aws:elasticache/replicationGroup:ReplicationGroup", engine="redis"),),
    ),
    (
        "exposure-bucket-policies",
        ASIA,
        "everybody but our account",
        (made(POLICY, bucket="b", policy=document(NOT_OWN)),),
    ),
    (
        "exposure-policies",
        ASIA,
        "everybody's queue",
        (made("aws:sqs/queuePolicy:QueuePolicy", policy=document(EVERYBODY)),),
    ),
    (
        "exposure-functions",
        ASIA,
        "a function everybody calls",
        (made("aws:lambda/functionUrl:FunctionUrl", authorizationType="NONE"),),
    ),
    (
        "exposure-load-balancers",
        ASIA,
        "Kafka outside, under an old token",
        (made("aws:alb/loadBalancer:LoadBalancer", "smp-asia-prod-kafka", internal=False),),
    ),
    (
        "exposure-sharing",
        ASIA,
        "a snapshot for everybody",
        (made("aws:rds/snapshot:Snapshot", sharedAccounts=["all"]),),
    ),
    (
        "exposure-kubernetes-services",
        ASIA,
        "a load balancer nobody calls internal",
        (kube(SERVICE, "order-svc", spec={"type": "LoadBalancer", "ports": HTTPS_PORT}),),
    ),
    (
        "exposure-kubernetes-routes",
        ASIA,
        "Vault behind an ingress",
        (kube("networking.k8s.io/v1:Ingress", spec=_backend("vault")),),
    ),
    ("exposure-kubernetes-stores", ASIA, "Kafka on node ports", (_kafka(type="nodeport"),)),
    (
        "exposure-charts",
        ASIA,
        "Vault's own service",
        (_release("vault", ui={"serviceType": "LoadBalancer"}),),
    ),
    (
        "exposure-records",
        GLOBAL,
        "the API past the proxy",
        (made(RECORD, name="api.smp.vn", type="A", content="203.0.113.7", proxied=False),),
    ),
    (
        "exposure-applications",
        GLOBAL,
        "MySQL at the edge",
        (made("cloudflare:index/spectrumApplication:SpectrumApplication", protocol="tcp/3306"),),
    ),
    (
        "exposure-bypasses",
        GLOBAL,
        "the Worker at workers.dev",
        (made("cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain", enabled=True),),
    ),
]

NEAR_MISSES: list[Case] = [
    (
        "exposure-network",
        CHINA,
        "a rule that refuses",
        (
            made(
                "alicloud:ecs/securityGroupRule:SecurityGroupRule",
                type="ingress",
                policy="drop",
                ipProtocol="all",
                portRange="-1/-1",
                cidrIp="0.0.0.0/0",
            ),
        ),
    ),
    (
        "exposure-ranges",
        ASIA,
        "Cloudflare's own ranges",
        (made("aws:ec2/managedPrefixList:ManagedPrefixList", entries=[{"cidr": "172.64.0.0/13"}]),),
    ),
    (
        "exposure-network-policies",
        ASIA,
        "the load balancer to the gateway",
        (
            kube(
                "networking.k8s.io/v1:NetworkPolicy",
                spec={"ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 8443}]}]},
            ),
        ),
    ),
    (
        "exposure-addresses",
        ASIA,
        "the bastion",
        (made("aws:ec2/instance:Instance", "smp-asia-prod-bastion", associatePublicIpAddress=True),),
    ),
    (
        "exposure-subnets",
        ASIA,
        "a public subnet",
        (made("aws:ec2/subnet:Subnet", "smp-asia-prod-public-a", mapPublicIpOnLaunch=True),),
    ),
    (
        "exposure-whitelists",
        CHINA,
        "the network's own range",
        (made(ALI_RDS, **{**GOOD_ALI_RDS, "securityIps": ["10.30.0.0/16"]}),),
    ),
    (
        "exposure-authentication",
        ASIA,
        "users instead of a password",
        (made("aws:elasticache/replicationGroup:ReplicationGroup", engine="redis", userGroupIds=["app"]),),
    ),
    (
        "exposure-bucket-policies",
        ASIA,
        "everybody of our account",
        (made(POLICY, bucket="b", policy=document(OWN_ACCOUNT)),),
    ),
    (
        "exposure-policies",
        ASIA,
        "everybody is refused",
        (made("aws:sqs/queuePolicy:QueuePolicy", policy=document({**EVERYBODY, "Effect": "Deny"})),),
    ),
    (
        "exposure-functions",
        ASIA,
        "signed calls",
        (made("aws:lambda/functionUrl:FunctionUrl", authorizationType="AWS_IAM"),),
    ),
    (
        "exposure-load-balancers",
        ASIA,
        "Kafka inside",
        (made("aws:lb/loadBalancer:LoadBalancer", "smp-asia-prod-kafka", internal=True),),
    ),
    (
        "exposure-sharing",
        ASIA,
        "a snapshot for one account",
        (made("aws:rds/snapshot:Snapshot", sharedAccounts=["111122223333"]),),
    ),
    (
        "exposure-kubernetes-services",
        ASIA,
        "an internal load balancer, and the entrance",
        (
            kube(
                SERVICE, "order-svc", spec={"type": "LoadBalancer", "ports": HTTPS_PORT}, annotations=INTERNAL
            ),
            kube(SERVICE, "ingress-nginx", spec={"type": "LoadBalancer", "ports": HTTPS_PORT}),
        ),
    ),
    (
        "exposure-kubernetes-routes",
        ASIA,
        "the gateway of the product",
        (kube("networking.k8s.io/v1:Ingress", spec=_backend("api-gateway")),),
    ),
    ("exposure-kubernetes-stores", ASIA, "inside", (_kafka(type="internal"),)),
    ("exposure-kubernetes-stores", GLOBAL, "the mirrors' way in", (_for_mirrors("192.0.2.1/32"),)),
    ("exposure-charts", ASIA, "inside", (_release("vault", ui={"serviceType": "ClusterIP"}),)),
    (
        "exposure-records",
        GLOBAL,
        "the status page of others, a proof of ownership, mail",
        (
            made(RECORD, "a", name="status.smp.vn", type="CNAME", content="x.statuspage.io", proxied=False),
            made(RECORD, "b", name="_acme-challenge.smp.vn", type="CNAME", content="x.example"),
            made(RECORD, "c", name="smp.vn", type="MX", content="mx.example"),
        ),
    ),
    (
        "exposure-applications",
        GLOBAL,
        "a tool behind Access",
        (
            made(
                "cloudflare:index/zeroTrustTunnelCloudflaredConfig:ZeroTrustTunnelCloudflaredConfig",
                config={
                    "ingresses": [
                        {
                            "hostname": "grafana.smp.vn",
                            "service": "https://grafana:3000",
                            "originRequest": {"access": {"required": True}},
                        }
                    ]
                },
            ),
        ),
    ),
    (
        "exposure-bypasses",
        GLOBAL,
        "off",
        (made("cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain", enabled=False),),
    ),
    (
        "exposure-buckets",
        ASIA,
        "the block names the bucket by its name",
        (
            bucket(bucket="smp-asia-prod-media"),
            made(
                "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
                "block",
                bucket="smp-asia-prod-media",
                blockPublicAcls=True,
                blockPublicPolicy="true",
                ignorePublicAcls=True,
                restrictPublicBuckets=True,
            ),
        ),
    ),
]
