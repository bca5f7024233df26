"""MongoDB as one pod, where no managed one is worth its price: dev (M§2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.data_classes import DataClass
from catalog.databases import APPLICATION_USER, MONGODB_RELEASES, pod_mongodb_version
from catalog.quantities import Cpu, Memory
from components.core.component import Component, about
from components.core.outputs import DataStoreOutputs
from components.kubernetes.single_pod_store import (
    SECRET_MOUNT,
    InClusterStoreArgs,
    StoreSpec,
    create_store,
    credentials_place,
)

PORT = 27017

USER_ID = 999
"""``mongodb`` in the image."""


@dataclass(frozen=True, kw_only=True)
class InClusterMongodbArgs(InClusterStoreArgs):
    """What the pod needs to know."""

    version: str = "8.0"
    """Major release."""

    def problems(self) -> Iterator[str]:
        """Check the release as well."""
        yield from super().problems()
        yield from about("version", pod_mongodb_version(self.version))


class InClusterMongodb(Component[DataStoreOutputs]):
    """One MongoDB with a volume and a password, in the clear inside the cluster's network: pseudo data only.

    The application's user is the instance's administrator here. It is no replica set: transactions and change
    streams need staging. The image sets the password when the volume is empty; another one takes a new volume, or
    ``changeUserPassword`` by hand.
    ``depends_on`` takes what the pod needs beyond its arguments.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem; always in production.

    """

    token = "smp:kubernetes:InClusterMongodb"

    def __init__(
        self,
        name: str,
        args: InClusterMongodbArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent, depends_on=depends_on)
        release = MONGODB_RELEASES[args.version]
        host = create_store(
            self,
            args,
            StoreSpec(
                thing="mongodb",
                image=f"mongo:{release}",
                port=PORT,
                user_id=USER_ID,
                data_path="/data/db",
                scratch_paths={"configuration": "/data/configdb", "scratch": "/tmp"},  # noqa: S108 - in the pod
                command=(
                    "docker-entrypoint.sh",
                    "mongod",
                    "--bind_ip_all",
                    "--auth",
                    # Half a gigabyte of cache; the rest of the memory is for connections.
                    "--wiredTigerCacheSizeGB",
                    "0.5",
                ),
                environment={
                    # The shell keeps a history in its home, which is read-only otherwise.
                    "HOME": "/tmp",  # noqa: S108
                    "MONGO_INITDB_ROOT_USERNAME": APPLICATION_USER,
                    "MONGO_INITDB_ROOT_PASSWORD_FILE": f"{SECRET_MOUNT}/password",
                },
                secret={"password": args.password},
                probe=("mongosh", "--quiet", "--eval", "quit(db.adminCommand('ping').ok ? 0 : 1)"),
                cpu=Cpu(250),
                memory=Memory(1024),
            ),
        )
        self.publish(
            DataStoreOutputs(
                engine="mongodb",
                version=release,
                placement="in-cluster",
                data_class=DataClass.PSEUDO,
                host=host,
                port=PORT,
                reader_hosts={},
                credentials=credentials_place(args, "mongodb"),
            )
        )
