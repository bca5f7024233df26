"""What the workload rules must find and must leave alone: each pair differs in the one thing that decides."""

from __future__ import annotations

from typing import Any

from tests.policies.builders import Thing
from tests.policies.parts import ASIA, CHINA, DEV, Case, kube, made

HARD = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
SHARE = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi"}}
PROBE = {"httpGet": {"path": "/healthz", "port": 8080}}
OWN = "111122223333.dkr.ecr.ap-southeast-1.amazonaws.com/smp-asia-prod/order-svc"


def _pod(container: dict[str, Any], spec: dict[str, Any] | None = None) -> dict[str, Any]:
    whole = {
        "name": "order-svc",
        "image": f"{OWN}:4.0.0",
        "resources": SHARE,
        "readinessProbe": PROBE,
        "livenessProbe": PROBE,
        "securityContext": HARD,
        **container,
    }
    return {"serviceAccountName": "order-svc", "containers": [whole], **(spec or {})}


def run(kind: str = "apps/v1:Deployment", namespace: str = "smp-prod", /, **container: Any) -> Thing:
    return kube(kind, "order-svc", namespace, spec={"template": {"spec": _pod(container)}})


def with_spec(kind: str = "apps/v1:Deployment", namespace: str = "smp-prod", /, **spec: Any) -> Thing:
    return kube(kind, "order-svc", namespace, spec={"template": {"spec": _pod({}, spec)}})


def _cron(**container: Any) -> Thing:
    job = {"jobTemplate": {"spec": {"template": {"spec": _pod(container)}}}}
    return kube("batch/v1:CronJob", "report", spec=job)


def _chart(**values: Any) -> Thing:
    return made("kubernetes:helm.sh/v3:Release", chart="kafka-ui", namespace="kafka", values=values)


def _namespace(name: str, **labels: str) -> Thing:
    return made("kubernetes:core/v1:Namespace", "ns", metadata={"name": name, "labels": labels})


def _settings(**data: str) -> Thing:
    return kube("core/v1:ConfigMap", data=data)


def _mysql(volume: dict[str, Any]) -> Thing:
    mounts = [{"name": "data", "mountPath": "/var/lib/mysql"}]
    container = {"image": "mysql:8.4.7", "volumeMounts": mounts}
    return kube("apps/v1:StatefulSet", spec={"template": {"spec": _pod(container, {"volumes": [volume]})}})


CLOSED = kube(
    "networking.k8s.io/v1:NetworkPolicy", "deny", spec={"podSelector": {}, "policyTypes": ["Ingress"]}
)
ENFORCE = {"pod-security.kubernetes.io/enforce": "restricted"}
HOST = [{"name": "logs", "hostPath": {"path": "/var/log"}}]
ECR = "aws:ecr/repository:Repository"

VIOLATIONS: list[Case] = [
    ("workloads-privileges", ASIA, "privileged", (run(securityContext={**HARD, "privileged": True}),)),
    ("workloads-privileges", ASIA, "a job as root", (_cron(securityContext={**HARD, "runAsUser": 0}),)),
    (
        "workloads-privileges",
        ASIA,
        "a canary on the node's disk",
        (with_spec("argoproj.io/v1alpha1:Rollout", volumes=HOST),),
    ),
    (
        "workloads-restricted",
        ASIA,
        "writes",
        (run(securityContext={**HARD, "readOnlyRootFilesystem": False}),),
    ),
    ("workloads-accounts", ASIA, "the default one", (with_spec(serviceAccountName="default"),)),
    ("workloads-charts", ASIA, "root", (_chart(podSecurityContext={"runAsUser": 0}),)),
    ("workloads-resources", ASIA, "no limits", (run(resources={"requests": SHARE["requests"]}),)),
    ("workloads-probes", ASIA, "never ready", (run(readinessProbe=None),)),
    ("workloads-image-versions", ASIA, "latest by silence", (run(image=OWN),)),
    ("workloads-image-registries", CHINA, "the public registry", (run(image="redis:7.4.1"),)),
    (
        "workloads-image-registries",
        ASIA,
        "a service of the public registry",
        (run(image="docker.io/smp/order-svc:4.0.0"),),
    ),
    ("workloads-image-scans", ASIA, "not scanned", (made(ECR, imageTagMutability="IMMUTABLE"),)),
    ("workloads-standards", ASIA, "takes any pod", (_namespace("smp-prod"),)),
    ("workloads-network-policies", ASIA, "open", (_namespace("smp-prod", **ENFORCE),)),
    ("workloads-settings", ASIA, "mock money", (_settings(ENABLE_MOCK_PAYMENT="true"),)),
    ("workloads-volumes", ASIA, "forgets", (_mysql({"name": "data", "emptyDir": {}}),)),
]

NEAR_MISSES: list[Case] = [
    ("workloads-privileges", ASIA, "as it should be", (run(), _cron())),
    (
        "workloads-privileges",
        ASIA,
        "a daemon reads the node's logs",
        (with_spec("apps/v1:DaemonSet", "monitoring", volumes=HOST),),
    ),
    ("workloads-restricted", ASIA, "as it should be", (run(),)),
    ("workloads-accounts", ASIA, "its own", (run(),)),
    ("workloads-charts", ASIA, "somebody", (_chart(podSecurityContext={"runAsUser": 1000}),)),
    ("workloads-resources", ASIA, "as the matrix says", (run(),)),
    ("workloads-probes", ASIA, "a job ends", (_cron(readinessProbe=None, livenessProbe=None),)),
    ("workloads-image-versions", ASIA, "a digest", (run(image=f"{OWN}@sha256:{'a' * 64}"),)),
    (
        "workloads-image-registries",
        CHINA,
        "the mirror in ACR",
        (run(image="smp-china-prod-images-registry-vpc.cn-beijing.cr.aliyuncs.com/mirror/redis:7.4.1"),),
    ),
    (
        "workloads-image-registries",
        ASIA,
        "a tool of the public registry",
        (run(name="redis", image="docker.io/library/redis:7.4.1"),),
    ),
    (
        "workloads-image-scans",
        ASIA,
        "scanned",
        (made(ECR, imageTagMutability="IMMUTABLE", imageScanningConfiguration={"scanOnPush": True}),),
    ),
    ("workloads-standards", ASIA, "daemons need more", (_namespace("monitoring"),)),
    ("workloads-network-policies", ASIA, "closed", (_namespace("smp-prod", **ENFORCE), CLOSED)),
    ("workloads-settings", DEV, "dev has mock money", (_settings(ENABLE_MOCK_PAYMENT="true"),)),
    (
        "workloads-volumes",
        ASIA,
        "a claim",
        (_mysql({"name": "data", "persistentVolumeClaim": {"claimName": "x"}}),),
    ),
]
