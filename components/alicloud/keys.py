"""Encryption keys in Alibaba Cloud KMS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_alicloud as alicloud

from components.core.component import Args, Component
from components.core.naming import NameLimit
from components.core.outputs import KeysOutputs

DELETION_WINDOW_DAYS = 30
"""A deleted key can be brought back for this long; without it its data cannot be read."""

DEFAULT_KEY_ROTATION = "365d"
"""The only interval KMS accepts for a region's default master key."""

INSTANCE_KEY_ROTATION = "90d"
"""Quarterly, like every other secret (M§5.1); a KMS instance accepts 7 to 365 days."""


class KeyPurpose(StrEnum):
    """What a key protects; the last part of its alias and its key in the outputs."""

    KUBERNETES = "kubernetes"
    """Secrets in the cluster's etcd."""
    VOLUMES = "volumes"
    """Nodes and volumes."""
    DATABASE = "database"
    """MySQL and MongoDB."""
    OBJECTS = "objects"
    """Personal objects and the log archive."""
    AUDIT = "audit"
    """The immutable audit log."""
    LOGS = "logs"
    """Flow logs and control-plane logs."""


@dataclass(frozen=True, kw_only=True)
class KeysArgs(Args):
    """What the keys need to know.

    ``kms_instance_id`` is a KMS instance the operators bought (``kst-...``). Without one, a region has exactly
    one customer master key, free of charge; it then carries the alias of every purpose, so that an instance can
    take over later without any name changing.
    """

    kms_instance_id: str | None = None

    def problems(self) -> Iterator[str]:
        """Check the instance id's form."""
        if self.kms_instance_id is not None and not self.kms_instance_id.startswith("kst-"):
            yield f"kms_instance_id {self.kms_instance_id!r} is no KMS instance; its id starts with kst-"


class Keys(Component[KeysOutputs]):
    """Rotating keys, one alias per purpose (M§14.3: encrypted, with key rotation).

    Protected in production: without them nothing can be read.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:alicloud:Keys"

    def __init__(
        self, name: str, args: KeysArgs, *, provider: alicloud.Provider, parent: pulumi.Resource | None = None
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        keys = self._create_default_key() if args.kms_instance_id is None else self._create_instance_keys()
        self._create_aliases(keys)
        self.publish(
            KeysOutputs(
                arns={purpose: key.arn for purpose, key in keys.items()},
                ids={purpose: key.id for purpose, key in keys.items()},
            )
        )

    def _create_default_key(self) -> dict[KeyPurpose, alicloud.kms.Key]:
        key = self._key("master", "Everything this cluster stores", rotation=DEFAULT_KEY_ROTATION)
        return dict.fromkeys(KeyPurpose, key)

    def _create_instance_keys(self) -> dict[KeyPurpose, alicloud.kms.Key]:
        return {
            purpose: self._key(purpose, f"Protects {purpose}", rotation=INSTANCE_KEY_ROTATION)
            for purpose in KeyPurpose
        }

    def _key(self, thing: str, description: str, *, rotation: str) -> alicloud.kms.Key:
        name = self.scope.name(f"key-{thing}", NameLimit.KMS_ALIAS)
        return alicloud.kms.Key(
            name,
            description=f"{self.scope.cluster.id} {self.scope.environment}: {description}",
            key_spec="Aliyun_AES_256",
            key_usage="ENCRYPT/DECRYPT",
            origin="Aliyun_KMS",
            dkms_instance_id=self._args.kms_instance_id,
            status="Enabled",
            automatic_rotation="Enabled",
            rotation_interval=rotation,
            deletion_protection="Enabled",
            deletion_protection_description="Data encrypted with this key would be lost",
            pending_window_in_days=DELETION_WINDOW_DAYS,
            tags=self.scope.tags(name),
            opts=self.stateful_child(),
        )

    def _create_aliases(self, keys: dict[KeyPurpose, alicloud.kms.Key]) -> None:
        for purpose, key in keys.items():
            name = self.scope.name(purpose, NameLimit.KMS_ALIAS)
            alicloud.kms.Alias(name, alias_name=f"alias/{name}", key_id=key.id, opts=self.stateful_child())
