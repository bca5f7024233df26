"""Redis as one pod, where no managed one is worth its price: dev (M§2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.data_classes import DataClass
from catalog.quantities import Cpu, Memory
from components.core.component import Component
from components.core.outputs import DataStoreOutputs
from components.kubernetes.single_pod_store import (
    SECRET_MOUNT,
    InClusterStoreArgs,
    StoreSpec,
    create_store,
    credentials_place,
)

PORT = 6379

VERSION = "7.2.11"
"""The open release next to ElastiCache's 7.1, which is Redis 7.0 with additions; both speak the same commands."""

USER_ID = 999
"""``redis`` in the image based on Debian."""

MEMORY = Memory(256)

SETTINGS: tuple[str, ...] = (
    "bind * -::*",
    f"port {PORT}",
    "dir /data",
    "appendonly yes",
    # Like the managed clusters; a quarter of the memory stays free for copies on write.
    "maxmemory 192mb",
    "maxmemory-policy volatile-lru",
)


@dataclass(frozen=True, kw_only=True)
class InClusterRedisArgs(InClusterStoreArgs):
    """What the pod needs to know."""


class InClusterRedis(Component[DataStoreOutputs]):
    """One Redis with a volume and a password, in the clear inside the cluster's network: pseudo data only.

    It is no cluster: a client must not insist on cluster mode. Another password takes a restart of the pod.
    ``depends_on`` takes what the pod needs beyond its arguments.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem; always in production.

    """

    token = "smp:kubernetes:InClusterRedis"

    def __init__(
        self,
        name: str,
        args: InClusterRedisArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent, depends_on=depends_on)
        configuration = pulumi.Output.concat("\n".join(SETTINGS), "\nrequirepass ", args.password, "\n")
        host = create_store(
            self,
            args,
            StoreSpec(
                thing="redis",
                image=f"redis:{VERSION}",
                port=PORT,
                user_id=USER_ID,
                data_path="/data",
                scratch_paths={},
                command=("redis-server", f"{SECRET_MOUNT}/redis.conf"),
                environment={},
                secret={"redis.conf": configuration, "password": args.password},
                # The client reports a refusal in words and ends with 0 all the same.
                probe=(
                    "sh",
                    "-c",
                    f'REDISCLI_AUTH="$(cat {SECRET_MOUNT}/password)" redis-cli ping | grep -qx PONG',
                ),
                cpu=Cpu(100),
                memory=MEMORY,
            ),
        )
        self.publish(
            DataStoreOutputs(
                engine="redis",
                version=VERSION,
                placement="in-cluster",
                data_class=DataClass.PSEUDO,
                host=host,
                port=PORT,
                reader_hosts={},
                credentials=credentials_place(args, "redis"),
            )
        )
