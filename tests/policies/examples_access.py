"""What the access rules must find and must leave alone: each pair differs in the one thing that decides."""

from __future__ import annotations

from typing import Any

from tests.policies.builders import Thing
from tests.policies.parts import (
    ASIA,
    CHINA,
    DEV,
    GLOBAL,
    GOOD_EKS,
    STAGING,
    UNKNOWN,
    Case,
    document,
    kube,
    made,
)

OWN, OTHER = "arn:aws:iam::111122223333", "arn:aws:iam::999988887777"
GITHUB = "token.actions.githubusercontent.com"
RBAC = "rbac.authorization.k8s.io/v1"
ARCHIVE_WRITE = {
    "Effect": "Allow",
    "Principal": {"AWS": f"{OTHER}:root"},
    "Action": "s3:PutObject",
    "Resource": "*",
}


def _policy(**statement: Any) -> Thing:
    return made("aws:iam/policy:Policy", policy=document({"Effect": "Allow", **statement}))


def _trust(principal: Any, action: str = "sts:AssumeRole", **condition: Any) -> Thing:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return made("aws:iam/role:Role", assumeRolePolicy=document(statement))


def _github(subject: str) -> Thing:
    provider = {"Federated": f"{OWN}:oidc-provider/{GITHUB}"}
    return _trust(provider, "sts:AssumeRoleWithWebIdentity", StringLike={f"{GITHUB}:sub": subject})


def _vault_policy(path: str, *capabilities: str) -> Thing:
    allowed = ", ".join(f'"{item}"' for item in capabilities or ("read",))
    return made(
        "vault:index/policy:Policy",
        name="order-svc",
        policy=f'path "{path}" {{ capabilities = [{allowed}] }}',
    )


def _vault_role(names: list[str]) -> Thing:
    return made(
        "vault:kubernetes/authBackendRole:AuthBackendRole",
        boundServiceAccountNames=names,
        boundServiceAccountNamespaces=["smp-prod"],
        tokenPolicies=["order-svc"],
    )


def _injected(path: str) -> Thing:
    notes = {
        "vault.hashicorp.com/role": "order-svc",
        "vault.hashicorp.com/agent-inject-secret-mysql": path,
    }
    template = {
        "metadata": {"annotations": notes},
        "spec": {"containers": [{"name": "order-svc", "image": "x:1"}]},
    }
    return kube("apps/v1:Deployment", "order-svc", spec={"template": template})


def _binding(role: str, subject: str, kind: str = "Group") -> Thing:
    return kube(
        f"{RBAC}:ClusterRoleBinding", roleRef={"name": role}, subjects=[{"kind": kind, "name": subject}]
    )


def _role(*resources: str, verbs: list[str]) -> Thing:
    return kube(
        f"{RBAC}:ClusterRole", rules=[{"apiGroups": [""], "resources": list(resources), "verbs": verbs}]
    )


def _kafka_user(topic: str) -> Thing:
    acl = {"resource": {"type": "topic", "name": topic}, "operations": ["Read", "Write"]}
    return kube("kafka.strimzi.io/v1:KafkaUser", spec={"authorization": {"acls": [acl]}})


def _atlas_user(role: str, name: str = "smp-app") -> Thing:
    return made("mongodbatlas:index/databaseUser:DatabaseUser", username=name, roles=[{"roleName": role}])


def _entry(principal: str, policy: str) -> Thing:
    return made(
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        principalArn=principal,
        policyArn=f"arn:aws:eks::aws:cluster-access-policy/{policy}",
    )


def _session(idle: str) -> Thing:
    content = {"inputs": {"idleSessionTimeout": idle, "cloudWatchLogGroupName": "sessions"}}
    return made("aws:ssm/document:Document", documentType="Session", content=content)


def _template(tokens: str | None, **more: Any) -> Thing:
    return made("aws:ec2/launchTemplate:LaunchTemplate", metadataOptions={"httpTokens": tokens}, **more)


def _endpoint(**condition: Any) -> Thing:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": condition,
    }
    service = "com.amazonaws.ap-southeast-1.s3"
    return made("aws:ec2/vpcEndpoint:VpcEndpoint", serviceName=service, policy=document(statement))


ADMIN = "AmazonEKSClusterAdminPolicy"
TOKEN = "cloudflare:index/apiToken:ApiToken"

VIOLATIONS: list[Case] = [
    ("access-policies", ASIA, "everything", (_policy(Action="*", Resource="*"),)),
    ("access-policies", ASIA, "any role", (_policy(Action=["iam:PassRole"], Resource="*"),)),
    (
        "access-policies",
        CHINA,
        "administrators",
        (made("alicloud:ram/rolePolicyAttachment:RolePolicyAttachment", policyName="AdministratorAccess"),),
    ),
    (
        "access-accounts",
        ASIA,
        "another account's secret",
        (made("aws:secretsmanager/secretPolicy:SecretPolicy", policy=document(ARCHIVE_WRITE)),),
    ),
    ("access-endpoints", ASIA, "any bucket", (_endpoint(),)),
    ("access-trust", ASIA, "everybody", (_trust("*"),)),
    ("access-trust", GLOBAL, "any repository", (_github("repo:*"),)),
    (
        "access-trust",
        ASIA,
        "not known, and nothing explains it",
        (made("aws:iam/role:Role", assumeRolePolicy=UNKNOWN),),
    ),
    ("access-lasting", ASIA, "a key", (made("aws:iam/accessKey:AccessKey", user="ci"),)),
    ("access-edge", GLOBAL, "a token without an end", (made(TOKEN, policies=[]),)),
    ("access-clusters", ASIA, "developers", (_entry(f"{OWN}:role/developers", ADMIN),)),
    (
        "access-clusters",
        ASIA,
        "hidden administrator by silence",
        (made("aws:eks/cluster:Cluster", **GOOD_EKS),),
    ),
    ("access-sessions", ASIA, "an hour", (_session("60"),)),
    ("access-metadata", ASIA, "by silence", (_template(None),)),
    ("access-keys", ASIA, "a key for every node", (_template("required", keyName="ops"),)),
    (
        "access-audit",
        ASIA,
        "no audit log",
        (made("aws:eks/cluster:Cluster", enabledClusterLogTypes=["api"]),),
    ),
    ("access-roles", ASIA, "every Secret", (_role("secrets", verbs=["get"]),)),
    ("access-bindings", ASIA, "everybody", (_binding("view", "system:authenticated"),)),
    (
        "access-sign-in",
        GLOBAL,
        "anonymous",
        (kube("core/v1:ConfigMap", "argocd-cm", data={"users.anonymous.enabled": "true"}),),
    ),
    ("access-vault-policies", ASIA, "all services", (_vault_policy("secret/data/smp/prod/*"),)),
    (
        "access-vault-policies",
        ASIA,
        "another environment",
        (_vault_policy("secret/data/smp/dev/order-svc/*"),),
    ),
    (
        "access-vault-policies",
        ASIA,
        "another service",
        (_vault_policy("secret/data/smp/prod/finance-svc/*"),),
    ),
    ("access-vault-roles", ASIA, "any account", (_vault_role(["*"]),)),
    ("access-vault-lasting", ASIA, "for ever", (made("vault:index/token:Token", policies=["ci"]),)),
    ("access-vault-pods", DEV, "a secret of production", (_injected("secret/smp/prod/order-svc"),)),
    ("access-databases", ASIA, "administrator", (_atlas_user("atlasAdmin"),)),
    ("access-databases", ASIA, "engineers in production", (_atlas_user("read", "engineers"),)),
    ("access-databases", STAGING, "engineers write in staging", (_atlas_user("readWrite", "engineers"),)),
    ("access-kafka", ASIA, "every topic", (_kafka_user("*"),)),
]

NEAR_MISSES: list[Case] = [
    (
        "access-policies",
        ASIA,
        "what cannot be narrowed",
        (_policy(Action="ec2:DescribeInstances", Resource="*"),),
    ),
    (
        "access-policies",
        ASIA,
        "a role for one service",
        (
            _policy(
                Action="iam:PassRole",
                Resource="*",
                Condition={"StringEquals": {"iam:PassedToService": "eks.amazonaws.com"}},
            ),
        ),
    ),
    (
        "access-accounts",
        GLOBAL,
        "a writer of the audit archive",
        (made("aws:s3/bucketPolicy:BucketPolicy", policy=document(ARCHIVE_WRITE)),),
    ),
    (
        "access-endpoints",
        ASIA,
        "our own buckets",
        (_endpoint(StringEquals={"aws:ResourceAccount": "111122223333"}),),
    ),
    ("access-trust", ASIA, "a service", (_trust({"Service": "eks.amazonaws.com"}),)),
    (
        "access-trust",
        ASIA,
        "a partner with an external id",
        (_trust({"AWS": f"{OTHER}:root"}, StringEquals={"sts:ExternalId": "smp-4711"}),),
    ),
    ("access-trust", GLOBAL, "one repository", (_github("repo:smp/infrastructure:ref:refs/heads/main"),)),
    (
        "access-lasting",
        CHINA,
        "a second factor",
        (made("alicloud:ram/loginProfile:LoginProfile", userName="wei", mfaBindRequired=True),),
    ),
    ("access-edge", GLOBAL, "until next year", (made(TOKEN, policies=[], expiresOn="2027-06-01T00:00:00Z"),)),
    ("access-clusters", ASIA, "DevOps", (_entry(f"{OWN}:role/smp-devops", ADMIN),)),
    ("access-clusters", ASIA, "engineers look", (_entry(f"{OWN}:role/engineers", "AmazonEKSViewPolicy"),)),
    ("access-sessions", ASIA, "half an hour", (_session("30"),)),
    ("access-metadata", ASIA, "with a token", (_template("required"),)),
    ("access-keys", ASIA, "none", (_template("required"),)),
    (
        "access-audit",
        DEV,
        "dev need not log",
        (made("aws:eks/cluster:Cluster", enabledClusterLogTypes=["api"]),),
    ),
    ("access-roles", ASIA, "one Secret's neighbours", (_role("configmaps", verbs=["get", "list"]),)),
    ("access-bindings", ASIA, "a small group", (_binding("cluster-admin", "smp:devops"),)),
    (
        "access-sign-in",
        GLOBAL,
        "nobody unknown",
        (kube("core/v1:ConfigMap", "argocd-cm", data={"users.anonymous.enabled": "false"}),),
    ),
    ("access-vault-policies", ASIA, "its own", (_vault_policy("secret/data/smp/prod/order-svc/*"),)),
    ("access-vault-roles", ASIA, "one account", (_vault_role(["order-svc"]),)),
    (
        "access-vault-lasting",
        ASIA,
        "for an hour",
        (made("vault:index/token:Token", policies=["ci"], ttl="1h"),),
    ),
    ("access-vault-pods", ASIA, "its own", (_injected("secret/smp/prod/order-svc"),)),
    ("access-databases", ASIA, "its own database", (_atlas_user("readWrite"),)),
    ("access-databases", STAGING, "engineers read in staging", (_atlas_user("read", "engineers"),)),
    ("access-kafka", ASIA, "its own topic", (_kafka_user("orders.events"),)),
]
