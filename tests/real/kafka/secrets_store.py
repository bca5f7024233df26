"""Kubernetes' secrets as files, and the configuration values that point at them.

The operator writes ``${strimzisecrets:NAMESPACE/SECRET:KEY}`` and a provider that asks Kubernetes. Here a secret is a
folder and a key is a file in it, read by Kafka's own directory provider. What is mounted into a pod lies in a folder
too, and values that name the pod's path name that folder instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROVIDER = "strimzisecrets"
DIRECTORY_PROVIDER = "org.apache.kafka.common.config.provider.DirectoryConfigProvider"


@dataclass(frozen=True, kw_only=True)
class SecretStore:
    """The secrets that one cluster's programs may read, and what is mounted into its pods."""

    folder: Path
    mounts: dict[str, Path] = field(default_factory=dict)

    def place(self, namespace: str, secret: str) -> Path:
        return self.folder / "secrets" / namespace / secret

    def write(self, namespace: str, secret: str, values: Mapping[str, str]) -> None:
        place = self.place(namespace, secret)
        place.mkdir(parents=True, exist_ok=True)
        for key, value in values.items():
            (place / key).write_text(value, encoding="utf-8")

    def read(self, namespace: str, secret: str, key: str) -> str:
        return (self.existing(namespace, secret) / key).read_text(encoding="utf-8")

    def keys(self, namespace: str, secret: str) -> list[str]:
        return sorted(path.name for path in self.existing(namespace, secret).iterdir())

    def existing(self, namespace: str, secret: str) -> Path:
        place = self.place(namespace, secret)
        assert place.is_dir(), f"nobody made the secret {namespace}/{secret} that a resource names"
        return place

    def reference(self, namespace: str, secret: str, key: str) -> str:
        """What a configuration says instead of the value."""
        return f"${{{PROVIDER}:{self.existing(namespace, secret)}:{key}}}"

    def mount(self, path: str) -> Path:
        """The folder that stands for a path in the pods; made empty."""
        local = self.mounts.setdefault(path, self.folder / "mounted" / path.strip("/").replace("/", "-"))
        local.mkdir(parents=True, exist_ok=True)
        return local

    def mount_secret(self, path: str, namespace: str, secret: str) -> None:
        """Let a path in the pods be a secret."""
        self.mounts[path] = self.existing(namespace, secret)

    def localised(self, value: str) -> str:
        """A value with this machine's folders where it names paths in the pods."""
        for path, local in self.mounts.items():
            value = value.replace(path, str(local))
        return value


def providers(own: Mapping[str, str]) -> dict[str, str]:
    """The settings of the providers: those of the resource's own configuration and the operator's."""
    named = [*filter(None, own.get("config.providers", "").split(",")), PROVIDER]
    return {"config.providers": ",".join(named), f"config.providers.{PROVIDER}.class": DIRECTORY_PROVIDER}
