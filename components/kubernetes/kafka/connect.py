"""The Kafka Connect workers that run change data capture and sinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from catalog import kafka_limits
from catalog.copied_artifacts import KAFKA_CONNECT, KAFKA_CONNECT_TAG
from catalog.forms import ImageRegistry
from catalog.kafka_clients import PlatformClient
from catalog.kafka_rights import CONNECT_GROUP
from catalog.kafka_versions import KAFKA
from components.core.component import Args, Component, Outputs, about
from components.kubernetes.kafka.cluster import replicas_of
from components.kubernetes.kafka.pods import CONNECT, ZONE_LABEL, placement
from components.kubernetes.kafka.resources import (
    CA_KEY,
    JAAS_KEY,
    PASSWORD_KEY,
    bootstrap_servers,
    ca_secret,
    cluster_label,
    custom_resource,
    namespace_of,
)

USER = PlatformClient.CONNECT.id

VAULT_SECRETS = "/vault/secrets"
"""Where the Vault agent writes the credentials of the databases."""

USER_MOUNT = "/mnt/kafka-user"
CA_MOUNT = "/mnt/kafka-ca"

_METRICS = (
    "kafka_connect_connector.*",
    "kafka_connect_connect_worker.*",
    "kafka_connect_task_error.*",
    "kafka_connect_source_task.*",
    "kafka_connect_sink_task.*",
    "debezium_.*",
)


@dataclass(frozen=True, kw_only=True)
class KafkaConnectArgs(Args):
    """How many workers, from which image, with which credentials of databases.

    ``vault_secrets`` are the files the Vault agent writes, such as ``mysql.properties`` from the key ``mysql``.
    """

    namespace: pulumi.Output[str]
    workers: int
    brokers: int
    image_registry: ImageRegistry
    vault_secrets: tuple[str, ...]
    secret_mounts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further secrets that connectors read by directory: path below ``/mnt`` -> secret, which may come later."""

    def problems(self) -> Iterator[str]:
        """Check that losing a worker leaves one in production."""
        yield from about("workers", kafka_limits.connect_workers(self.workers, self.scope.environment))


@dataclass(frozen=True, kw_only=True)
class KafkaConnectOutputs(Outputs):
    """What connectors need: an object made in this ``namespace`` waits for the workers."""

    name: str
    namespace: pulumi.Output[str]
    user: str


class KafkaConnect(Component[KafkaConnectOutputs]):
    """Connect workers that deliver exactly once, run connectors declared as objects, and read secrets from files.

    A connector names a secret by file: what Vault writes as ``${file:/vault/secrets/...}``, the workers' own Kafka
    credentials as ``${directory:/mnt/...}``. Neither value is in an object or in Connect's own topics.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:KafkaConnect"

    def __init__(
        self,
        name: str,
        args: KafkaConnectArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        connect = custom_resource(
            self,
            "KafkaConnect",
            connect_name(),
            namespace=args.namespace,
            labels=cluster_label(self.scope),
            # Connectors are objects; what somebody sets through the workers' interface is set back.
            annotations={"strimzi.io/use-connector-resources": "true"},
            spec=self._spec(),
        )
        self.publish(KafkaConnectOutputs(name=connect_name(), namespace=namespace_of(connect), user=USER))

    def _spec(self) -> dict[str, Any]:
        args = self._args
        return {
            "version": KAFKA,
            "replicas": args.workers,
            "image": args.image_registry.image(f"{KAFKA_CONNECT}:{KAFKA_CONNECT_TAG}"),
            "bootstrapServers": bootstrap_servers(self.scope),
            "tls": {"trustedCertificates": [{"secretName": ca_secret(self.scope), "pattern": "*.crt"}]},
            "authentication": {
                "type": "scram-sha-512",
                "username": USER,
                "passwordSecret": {"secretName": USER, "password": PASSWORD_KEY},
            },
            "groupId": CONNECT_GROUP,
            "configStorageTopic": f"{USER}.configs",
            "offsetStorageTopic": f"{USER}.offsets",
            "statusStorageTopic": f"{USER}.status",
            "config": self._config(),
            "resources": CONNECT.resources(),
            "jvmOptions": CONNECT.heap(),
            "rack": {"type": "topology-label", "topologyKey": ZONE_LABEL},
            "metricsConfig": {"type": "strimziMetricsReporter", "values": {"allowList": list(_METRICS)}},
            "template": self._template(),
        }

    def _config(self) -> dict[str, Any]:
        replicas = replicas_of(self._args.brokers)
        converter = "org.apache.kafka.connect.json.JsonConverter"
        return {
            "config.storage.replication.factor": replicas,
            "offset.storage.replication.factor": replicas,
            "status.storage.replication.factor": replicas,
            "exactly.once.source.support": "enabled",
            # A lost worker's tasks move to the other after half a minute; Connect's own wait is five.
            "scheduled.rebalance.max.delay.ms": 30_000,
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": converter,
            "value.converter.schemas.enable": False,
            "config.providers": "file,directory",
            "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
            "config.providers.file.param.allowed.paths": VAULT_SECRETS,
            "config.providers.directory.class": (
                "org.apache.kafka.common.config.provider.DirectoryConfigProvider"
            ),
            "config.providers.directory.param.allowed.paths": ",".join(
                (USER_MOUNT, CA_MOUNT, *self._args.secret_mounts)
            ),
        }

    def _template(self) -> dict[str, Any]:
        place = placement(
            self.scope, {"strimzi.io/cluster": connect_name(), "strimzi.io/kind": "KafkaConnect"}
        )
        annotations = vault_annotations(self.scope.environment, USER, self._args.vault_secrets)
        return {
            "pod": {
                **place,
                "metadata": {**place["metadata"], "annotations": annotations},
                # Said for the pod, so that it holds for the Vault agent beside the worker too.
                "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                "volumes": [
                    {"name": "kafka-user", "secret": {"secretName": USER}},
                    {"name": "kafka-ca", "secret": {"secretName": ca_secret(self.scope)}},
                    *(
                        {"name": _volume(path), "secret": {"secretName": secret, "optional": True}}
                        for path, secret in self._args.secret_mounts.items()
                    ),
                ],
            },
            "connectContainer": {
                "volumeMounts": [
                    {"name": "kafka-user", "mountPath": USER_MOUNT, "readOnly": True},
                    {"name": "kafka-ca", "mountPath": CA_MOUNT, "readOnly": True},
                    *(
                        {"name": _volume(path), "mountPath": path, "readOnly": True}
                        for path in self._args.secret_mounts
                    ),
                ]
            },
            "podDisruptionBudget": {"maxUnavailable": 1},
        }


def _volume(path: str) -> str:
    """Name the volume of a mount, after the last part of its path."""
    return path.rsplit("/", maxsplit=1)[-1]


def connect_name() -> str:
    """Name the Connect cluster; connectors bind to it by this name."""
    return "connect"


def connector_label() -> dict[str, str]:
    """Bind a connector to the workers."""
    return {"strimzi.io/cluster": connect_name()}


def own_client_settings(prefix: str, servers: str) -> dict[str, str]:
    """Write how a connector's own Kafka client connects as the workers do; ``prefix`` ends with a dot or is empty."""
    return {
        f"{prefix}security.protocol": "SASL_SSL",
        f"{prefix}sasl.mechanism": "SCRAM-SHA-512",
        f"{prefix}sasl.jaas.config": f"${{directory:{USER_MOUNT}:{JAAS_KEY}}}",
        f"{prefix}ssl.truststore.type": "PEM",
        f"{prefix}ssl.truststore.location": f"{CA_MOUNT}/{CA_KEY}",
        f"{prefix}bootstrap.servers": servers,
    }


def vault_annotations(environment: str, role: str, files: tuple[str, ...]) -> dict[str, str]:
    """Ask the Vault agent for files of ``key=value`` lines, made of what Vault keeps for each (M§5.2)."""
    prefix = "vault.hashicorp.com"
    annotations = {
        f"{prefix}/agent-inject": "true",
        f"{prefix}/role": role,
        f"{prefix}/agent-requests-cpu": "25m",
        f"{prefix}/agent-requests-mem": "32Mi",
    }
    for file in files:
        path = f"secret/smp/{environment}/{role}/{file.removesuffix('.properties')}"
        annotations[f"{prefix}/agent-inject-secret-{file}"] = path
        annotations[f"{prefix}/agent-inject-template-{file}"] = (
            f'{{{{- with secret "{path}" -}}}}'
            "{{- range $key, $value := .Data.data }}{{ $key }}={{ $value }}\n{{ end -}}"
            "{{- end -}}"
        )
    return annotations
