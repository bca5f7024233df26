"""From KafkaConnect, KafkaConnector and KafkaMirrorMaker2 to a Connect worker and its connectors, as the operator does.

Source of what it does: Strimzi's documentation and its cluster operator (KafkaConnectConfigurationBuilder,
KafkaMirrorMaker2Connectors): every client of a worker gets the security settings, also under ``producer.``,
``consumer.`` and ``admin.``; a MirrorMaker 2 is a Connect cluster at its target that runs one connector per kind and
mirror, named ``<source>-><target>.<kind>``. There is no heartbeat connector in the resource since its version v1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from tests.real.kafka.broker_config import fitted
from tests.real.kafka.manifests import Manifest, accepted, known, name_of, namespace_of, understood
from tests.real.kafka.properties import text, texts
from tests.real.kafka.secrets_store import SecretStore, providers

ROLES = ("", "producer.", "consumer.", "admin.")
MIRROR_CONNECTORS = {
    "sourceConnector": "MirrorSourceConnector",
    "checkpointConnector": "MirrorCheckpointConnector",
}
SCRAM_LOGIN = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="{}" password="{}";'
STORAGE = {
    "groupId": "group.id",
    "configStorageTopic": "config.storage.topic",
    "offsetStorageTopic": "offset.storage.topic",
    "statusStorageTopic": "status.storage.topic",
}
VAULT_FILE = "vault.hashicorp.com/agent-inject-secret-"
VAULT_FOLDER = "/vault/secrets"
"""Where Vault's agent puts files unless it is told otherwise."""
DROPPED = (
    *STORAGE.values(),
    "ssl.",
    "sasl.",
    "security.",
    "listeners",
    "plugin.path",
    "rest.",
    "bootstrap.servers",
)
"""What Strimzi 1 takes out of a worker's own settings (KafkaConnectSpec)."""
RAW_BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter"
WORKLOAD = (
    "image",
    "replicas",
    "resources",
    "jvmOptions",
    "jmxOptions",
    "logging",
    "metricsConfig",
    "livenessProbe",
    "readinessProbe",
    "rack",
    "tracing",
    "build",
    "plugins",
)
"""What says how the pods of a worker run, not what the worker does."""

ACCESS = ("bootstrapServers", "tls", "authentication", "config")


@dataclass(frozen=True, kw_only=True)
class Connector:
    """A connector as Connect's REST interface takes it."""

    name: str
    config: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What the configuration is fitted to: how many brokers are planned and how many run."""

    planned: int
    running: int


def security(
    access: Mapping[str, Any], secrets: SecretStore, namespace: str, *, where: str
) -> dict[str, str]:
    """The settings of a Kafka client for a part of a resource with ``tls`` and ``authentication``."""
    settings: dict[str, str] = {}
    protocol = "PLAINTEXT"
    if "tls" in access:
        protocol = "SSL"
        trusted = known(access["tls"], where=f"{where}.tls", used=("trustedCertificates",))
        settings["ssl.truststore.type"] = "PEM"
        settings["ssl.truststore.certificates"] = _bundle(
            trusted["trustedCertificates"], secrets, namespace, where
        )
    proof = access.get("authentication", {})
    match proof.get("type"):
        case None:
            pass
        case "tls":
            known(proof, where=f"{where}.authentication", used=("type", "certificateAndKey"))
            pair = proof["certificateAndKey"]
            settings["ssl.keystore.type"] = "PEM"
            for key, part in (("certificate.chain", "certificate"), ("key", "key")):
                settings[f"ssl.keystore.{key}"] = secrets.reference(namespace, pair["secretName"], pair[part])
        case "scram-sha-512":
            known(proof, where=f"{where}.authentication", used=("type", "username", "passwordSecret"))
            protocol = f"SASL_{protocol}"
            source = proof["passwordSecret"]
            password = secrets.reference(namespace, source["secretName"], source["password"])
            settings["sasl.mechanism"] = "SCRAM-SHA-512"
            settings["sasl.jaas.config"] = SCRAM_LOGIN.format(proof["username"], password)
        case other:
            raise AssertionError(f"{where}: the tests know no authentication {other}")
    return {"security.protocol": protocol, **settings}


def _bundle(entries: list[Mapping[str, str]], secrets: SecretStore, namespace: str, where: str) -> str:
    """One reference to all trusted certificates together, as the operator merges them."""
    merged = "\n".join(
        secrets.read(namespace, entry["secretName"], key)
        for entry in entries
        for key in secrets.keys(namespace, entry["secretName"])
        if fnmatch(key, entry.get("pattern", entry.get("certificate", "")))
    )
    assert merged, f"{where}.tls: no certificate is trusted"
    bundle = "trusted-" + "-".join(dict.fromkeys(entry["secretName"] for entry in entries))
    secrets.write(namespace, bundle, {"ca.crt": merged})
    return secrets.reference(namespace, bundle, "ca.crt")


def _worker(
    spec: Mapping[str, Any],
    secrets: SecretStore,
    namespace: str,
    *,
    where: str,
    cluster: Cluster,
    defaults: Mapping[str, str],
) -> dict[str, str]:
    accepted(spec.get("config", {}), where=f"{where}.config", dropped=DROPPED)
    config = {**defaults, **spec.get("config", {})}
    own = texts(fitted(config, planned=cluster.planned, running=cluster.running))
    access = security(spec, secrets, namespace, where=where)
    settings = {
        "bootstrap.servers": spec["bootstrapServers"],
        **{setting: spec[field] for field, setting in STORAGE.items()},
        **{f"{role}{key}": value for role in ROLES for key, value in access.items()},
        **own,
        **providers(own),
    }
    return {key: secrets.localised(value) for key, value in settings.items()}


def _mount(template: Mapping[str, Any], secrets: SecretStore, namespace: str) -> None:
    """Mount the secrets that the pods mount, and the folder of the Vault agent where one is asked for."""
    annotations = template.get("pod", {}).get("metadata", {}).get("annotations", {})
    if any(key.startswith(VAULT_FILE) for key in annotations):
        secrets.mount(VAULT_FOLDER)
    volumes = {volume["name"]: volume for volume in template.get("pod", {}).get("volumes", ())}
    for mounted in template.get("connectContainer", {}).get("volumeMounts", ()):
        volume = volumes[mounted["name"]]
        assert "secret" in volume, f"the tests mount secrets alone, not {volume}"
        name = volume["secret"]["secretName"]
        if volume["secret"].get("optional") and not secrets.place(namespace, name).is_dir():
            secrets.mount(mounted["mountPath"])
        else:
            secrets.mount_secret(mounted["mountPath"], namespace, name)


def storage_topics(manifest: Manifest) -> set[str]:
    """The topics in which the workers of a KafkaConnect or a KafkaMirrorMaker2 keep what they know."""
    holder = manifest["spec"].get("target", manifest["spec"])
    return {holder[field] for field in STORAGE if field.endswith("Topic")}


def connect_worker(manifest: Manifest, secrets: SecretStore, cluster: Cluster) -> dict[str, str]:
    """The settings of one worker of a KafkaConnect, without those that tell workers of one machine apart."""
    spec = understood(manifest, used=(*STORAGE, *ACCESS, "version", "template"), left_out=WORKLOAD)
    _mount(spec.get("template", {}), secrets, namespace_of(manifest))
    where = f"KafkaConnect {name_of(manifest)}"
    json = "org.apache.kafka.connect.json.JsonConverter"
    defaults = {"key.converter": json, "value.converter": json}
    return _worker(spec, secrets, namespace_of(manifest), where=where, cluster=cluster, defaults=defaults)


def mirror_worker(manifest: Manifest, secrets: SecretStore, cluster: Cluster) -> dict[str, str]:
    """The settings of the worker of a KafkaMirrorMaker2: a Connect cluster at the target."""
    spec = understood(manifest, used=("target", "mirrors", "version", "template"), left_out=WORKLOAD)
    _mount(spec.get("template", {}), secrets, namespace_of(manifest))
    where = f"KafkaMirrorMaker2 {name_of(manifest)}.target"
    target = known(spec["target"], where=where, used=("alias", *STORAGE, *ACCESS))
    defaults = {f"{part}.converter": RAW_BYTES for part in ("key", "value", "header")}
    return _worker(target, secrets, namespace_of(manifest), where=where, cluster=cluster, defaults=defaults)


def mirror_connectors(manifest: Manifest, secrets: SecretStore, cluster: Cluster) -> list[Connector]:
    """The connectors of a KafkaMirrorMaker2."""
    where = f"KafkaMirrorMaker2 {name_of(manifest)}"
    namespace = namespace_of(manifest)
    target = manifest["spec"]["target"]
    connectors: list[Connector] = []
    for mirror in manifest["spec"]["mirrors"]:
        patterns = {
            "topicsPattern": "topics",
            "topicsExcludePattern": "topics.exclude",
            "groupsPattern": "groups",
            "groupsExcludePattern": "groups.exclude",
        }
        known(mirror, where=f"{where}.mirrors", used=("source", *patterns, *MIRROR_CONNECTORS))
        source = known(mirror["source"], where=f"{where}.mirrors.source", used=("alias", *ACCESS))
        for field, kind in MIRROR_CONNECTORS.items():
            if field not in mirror:
                continue
            entry = known(
                mirror[field],
                where=f"{where}.{field}",
                used=("config", "tasksMax"),
                left_out=("autoRestart",),
            )
            config: dict[str, Any] = {
                "connector.class": f"org.apache.kafka.connect.mirror.{kind}",
                "tasks.max": entry.get("tasksMax", 1),
                **fitted(entry.get("config", {}), planned=cluster.planned, running=cluster.running),
                **{setting: mirror[pattern] for pattern, setting in patterns.items() if pattern in mirror},
                **_side("source", source, secrets, namespace, where),
                **_side("target", target, secrets, namespace, where),
            }
            name = f"{source['alias']}->{target['alias']}.{kind}"
            local = {key: secrets.localised(value) for key, value in texts(config).items()}
            connectors.append(Connector(name=name, config=local))
    return connectors


def _side(
    side: str, access: Mapping[str, Any], secrets: SecretStore, namespace: str, where: str
) -> dict[str, str]:
    settings = {
        "alias": access["alias"],
        "bootstrap.servers": access["bootstrapServers"],
        **security(access, secrets, namespace, where=f"{where}.{side}"),
        **{key: text(value) for key, value in access.get("config", {}).items()},
    }
    return {f"{side}.cluster.{key}": value for key, value in settings.items()}


def connector(manifest: Manifest, secrets: SecretStore, cluster: Cluster) -> Connector:
    """A KafkaConnector as it is submitted."""
    spec = understood(manifest, used=("class", "tasksMax", "config"), left_out=("autoRestart", "state"))
    config = {
        **fitted(spec["config"], planned=cluster.planned, running=cluster.running),
        "connector.class": spec["class"],
        "tasks.max": spec.get("tasksMax", 1),
    }
    local = {key: secrets.localised(value) for key, value in texts(config).items()}
    return Connector(name=name_of(manifest), config=local)
