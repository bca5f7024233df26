"""Karapace: the schemas of events, kept in Kafka (P 3 weeks 1 and 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.copied_artifacts import KARAPACE_IMAGE
from catalog.forms import ImageRegistry
from catalog.kafka_clients import PlatformClient, group_prefix
from catalog.kafka_internals import SCHEMAS
from catalog.kafka_versions import KARAPACE
from components.core.component import Args, Component, Outputs
from components.kubernetes.kafka.cluster import replicas_of
from components.kubernetes.kafka.pods import REGISTRY, ZONE_LABEL
from components.kubernetes.kafka.resources import (
    CA_KEY,
    KAFKA_NAMESPACE,
    PASSWORD_KEY,
    bootstrap_servers,
    ca_secret,
)
from components.kubernetes.namespaces import pods_of

NAME = "schema-registry"

PORT = 8081

COMPATIBILITY = "BACKWARD_TRANSITIVE"
"""A new schema must read every record that an older one wrote; see docs/decisions/0051."""

USER_ID = 10001
"""Any user but root: the image's own has a name and no number, which Kubernetes cannot check."""

CA_MOUNT = "/run/secrets/kafka-ca"


@dataclass(frozen=True, kw_only=True)
class SchemaRegistryArgs(Args):
    """How many instances, and who may call them."""

    namespace: pulumi.Output[str]
    replicas: int
    brokers: int
    image_registry: ImageRegistry
    client_namespaces: frozenset[str]

    def problems(self) -> Iterator[str]:
        """Check that there is a registry and that somebody may call it."""
        if self.replicas < 1 or (self.scope.is_production and self.replicas < 2):
            yield f"replicas {self.replicas}: one at least, two in production"
        if not self.client_namespaces:
            yield f"client_namespaces are empty; name at least {self.scope.services_namespace}"


@dataclass(frozen=True, kw_only=True)
class SchemaRegistryOutputs(Outputs):
    """Where it answers, inside the cluster."""

    url: str
    compatibility: str


class SchemaRegistry(Component[SchemaRegistryOutputs]):
    """A registry under an open licence; one instance writes, all of them answer.

    Schemas are nothing about anybody, and it speaks plain HTTP: who may call it is decided by the network policy
    (docs/decisions/0077).

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:SchemaRegistry"

    def __init__(
        self,
        name: str,
        args: SchemaRegistryArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        self._labels = self.scope.labels(NAME)
        self._selector = {"app.kubernetes.io/name": NAME}
        self._create_service()
        self._create_policy()
        self._create_budget()
        self._create_deployment()
        self.publish(
            SchemaRegistryOutputs(
                url=f"http://{NAME}.{KAFKA_NAMESPACE}.svc:{PORT}", compatibility=COMPATIBILITY
            )
        )

    def _metadata(self) -> kubernetes.meta.v1.ObjectMetaArgs:
        return kubernetes.meta.v1.ObjectMetaArgs(
            name=NAME, namespace=self._args.namespace, labels=self._labels
        )

    def _match(self) -> kubernetes.meta.v1.LabelSelectorArgs:
        return kubernetes.meta.v1.LabelSelectorArgs(match_labels=self._selector)

    def _create_service(self) -> None:
        kubernetes.core.v1.Service(
            self.scope.name(f"{NAME}-service"),
            metadata=self._metadata(),
            spec=kubernetes.core.v1.ServiceSpecArgs(
                selector=self._selector,
                ports=[kubernetes.core.v1.ServicePortArgs(name="http", port=PORT, target_port="http")],
            ),
            opts=self.child(),
        )

    def _create_policy(self) -> None:
        # Whoever is not the writer hands a new schema on to the one that is.
        peers = [
            kubernetes.networking.v1.NetworkPolicyPeerArgs(pod_selector=self._match()),
            *(pods_of(namespace) for namespace in sorted(self._args.client_namespaces)),
        ]
        kubernetes.networking.v1.NetworkPolicy(
            self.scope.name(f"{NAME}-policy"),
            metadata=self._metadata(),
            spec=kubernetes.networking.v1.NetworkPolicySpecArgs(
                pod_selector=self._match(),
                policy_types=["Ingress"],
                ingress=[
                    kubernetes.networking.v1.NetworkPolicyIngressRuleArgs(
                        from_=peers,
                        ports=[kubernetes.networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=PORT)],
                    )
                ],
            ),
            opts=self.child(),
        )

    def _create_budget(self) -> None:
        kubernetes.policy.v1.PodDisruptionBudget(
            self.scope.name(f"{NAME}-budget"),
            metadata=self._metadata(),
            spec=kubernetes.policy.v1.PodDisruptionBudgetSpecArgs(max_unavailable=1, selector=self._match()),
            opts=self.child(),
        )

    def _create_deployment(self) -> None:
        kubernetes.apps.v1.Deployment(
            self.scope.name(NAME),
            metadata=self._metadata(),
            spec=kubernetes.apps.v1.DeploymentSpecArgs(
                replicas=self._args.replicas,
                selector=self._match(),
                template=kubernetes.core.v1.PodTemplateSpecArgs(
                    metadata=kubernetes.meta.v1.ObjectMetaArgs(labels=self._labels), spec=self._pod()
                ),
            ),
            opts=self.child(),
        )

    def _pod(self) -> kubernetes.core.v1.PodSpecArgs:
        v1 = kubernetes.core.v1
        probe = v1.HTTPGetActionArgs(path="/_health", port="http")
        requests, limits = (REGISTRY.resources()[key] for key in ("requests", "limits"))
        return v1.PodSpecArgs(
            automount_service_account_token=False,
            security_context=v1.PodSecurityContextArgs(
                run_as_non_root=True,
                run_as_user=USER_ID,
                run_as_group=0,
                seccomp_profile=v1.SeccompProfileArgs(type="RuntimeDefault"),
            ),
            topology_spread_constraints=[
                v1.TopologySpreadConstraintArgs(
                    max_skew=1,
                    topology_key=ZONE_LABEL,
                    when_unsatisfiable="ScheduleAnyway",
                    label_selector=self._match(),
                )
            ],
            containers=[
                v1.ContainerArgs(
                    name=NAME,
                    image=self._args.image_registry.image(f"{KARAPACE_IMAGE}:{KARAPACE}"),
                    command=["python3", "-m", "karapace"],
                    env=self._environment(),
                    ports=[v1.ContainerPortArgs(name="http", container_port=PORT)],
                    startup_probe=v1.ProbeArgs(http_get=probe, period_seconds=5, failure_threshold=36),
                    readiness_probe=v1.ProbeArgs(http_get=probe, period_seconds=10, timeout_seconds=5),
                    liveness_probe=v1.ProbeArgs(http_get=probe, period_seconds=30, timeout_seconds=10),
                    resources=v1.ResourceRequirementsArgs(requests=requests, limits=limits),
                    security_context=v1.SecurityContextArgs(
                        allow_privilege_escalation=False,
                        read_only_root_filesystem=True,
                        capabilities=v1.CapabilitiesArgs(drop=["ALL"]),
                    ),
                    volume_mounts=[
                        v1.VolumeMountArgs(name="kafka-ca", mount_path=CA_MOUNT, read_only=True),
                        v1.VolumeMountArgs(name="scratch", mount_path="/tmp"),  # noqa: S108 - in the pod
                    ],
                )
            ],
            volumes=[
                v1.VolumeArgs(
                    name="kafka-ca", secret=v1.SecretVolumeSourceArgs(secret_name=ca_secret(self.scope))
                ),
                v1.VolumeArgs(name="scratch", empty_dir=v1.EmptyDirVolumeSourceArgs()),
            ],
        )

    def _environment(self) -> list[kubernetes.core.v1.EnvVarArgs]:
        v1 = kubernetes.core.v1
        user = PlatformClient.SCHEMA_REGISTRY.id
        plain = {
            "KARAPACE_REGISTRY": "true",
            "BOOTSTRAP_URI": bootstrap_servers(self.scope),
            "SECURITY_PROTOCOL": "SASL_SSL",
            "SASL_MECHANISM": "SCRAM-SHA-512",
            "SASL_PLAIN_USERNAME": user,
            "SSL_CAFILE": f"{CA_MOUNT}/{CA_KEY}",
            "TOPIC_NAME": SCHEMAS,
            "REPLICATION_FACTOR": str(replicas_of(self._args.brokers)),
            "GROUP_ID": f"{group_prefix(PlatformClient.SCHEMA_REGISTRY)}primary",
            "COMPATIBILITY": COMPATIBILITY,
            "HOST": "0.0.0.0",  # noqa: S104 - in the pod, behind the policy
            "PORT": str(PORT),
            "ADVERTISED_PORT": str(PORT),
            "LOG_LEVEL": "INFO",
        }
        password = v1.EnvVarSourceArgs(secret_key_ref=v1.SecretKeySelectorArgs(name=user, key=PASSWORD_KEY))
        # By which address others hand it a new schema when it is the writer.
        address = v1.EnvVarSourceArgs(field_ref=v1.ObjectFieldSelectorArgs(field_path="status.podIP"))
        return [
            *(v1.EnvVarArgs(name=f"KARAPACE_{key}", value=value) for key, value in plain.items()),
            v1.EnvVarArgs(name="KARAPACE_SASL_PLAIN_PASSWORD", value_from=password),
            v1.EnvVarArgs(name="KARAPACE_ADVERTISED_HOSTNAME", value_from=address),
        ]
