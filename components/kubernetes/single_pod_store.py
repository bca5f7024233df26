"""One pod with a volume that keeps data: what the development stand-ins of managed stores have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.data_classes import DataClass
from catalog.forms import DOCKER_LIBRARY, ImageRegistry
from catalog.quantities import Cpu, Memory, Storage
from catalog.tags import DATA_CLASS_TAG
from components.core.component import Args, Component
from components.core.naming import NameLimit
from components.kubernetes.namespaces import pods_of

SECRET_MOUNT = "/run/secrets/store"

DATA_VOLUME = "data"


@dataclass(frozen=True, kw_only=True)
class InClusterStoreArgs(Args):
    """What a store in the cluster needs to know.

    ``password`` must be a secret of letters and digits. ``client_namespaces`` are those whose pods may connect;
    since network policies add up, the store belongs in a namespace of its own for that to mean anything.
    """

    namespace: pulumi.Output[str]
    client_namespaces: frozenset[str]
    storage: Storage
    storage_class: pulumi.Output[str]
    password: pulumi.Output[str]
    image_registry: ImageRegistry = DOCKER_LIBRARY
    """Where images come from, a mirror for instance."""

    def problems(self) -> Iterator[str]:
        """Check that this is no production, and who may connect."""
        if self.scope.is_production:
            yield "an in-cluster store has one pod and no standby; production takes the managed one"
        if not self.client_namespaces:
            yield f"client_namespaces are empty; name at least {self.scope.services_namespace}"
        for namespace in sorted(self.client_namespaces):
            try:
                NameLimit.KUBERNETES.check(namespace)
            except ValueError as error:
                yield f"client_namespaces: {error}"
        if self.storage.gibibytes < 1:
            yield f"storage {self.storage} must be 1Gi or more"


@dataclass(frozen=True, kw_only=True)
class StoreSpec:
    """What differs between the stores. Paths are inside the container."""

    thing: str
    image: str
    """Repository and tag below the registry."""
    port: int
    user_id: int
    """The image's own user; it also owns the volume."""
    data_path: str
    scratch_paths: Mapping[str, str]
    """Name -> path of what the program must write besides its data; gone with the pod."""
    command: Sequence[str]
    environment: Mapping[str, str]
    secret: Mapping[str, pulumi.Output[str]]
    """File name -> content, mounted under ``SECRET_MOUNT``."""
    probe: Sequence[str]
    """Command that ends with 0 when the store answers."""
    cpu: Cpu
    memory: Memory


def create_store(component: Component[Any], args: InClusterStoreArgs, spec: StoreSpec) -> pulumi.Output[str]:
    """Create the secret, the service, the policy and the pod; return the host name inside the cluster."""
    name = NameLimit.KUBERNETES.check(spec.thing)
    labels = component.scope.labels(name)
    selector = {"app.kubernetes.io/name": name}
    secret = kubernetes.core.v1.Secret(
        component.scope.name(f"{name}-secret"),
        metadata=_metadata(name, args, labels),
        string_data={key: pulumi.Output.secret(value) for key, value in spec.secret.items()},
        opts=component.child(),
    )
    _create_service(component, args, spec, labels, selector)
    _create_policy(component, args, spec, labels, selector)
    _create_stateful_set(component, args, spec, labels, selector, secret)
    return pulumi.Output.concat(name, ".", args.namespace, ".svc.cluster.local")


def credentials_place(args: InClusterStoreArgs, thing: str) -> pulumi.Output[str]:
    """Say where the password is kept."""
    return pulumi.Output.concat("Secret ", args.namespace, "/", thing)


def _metadata(
    name: str, args: InClusterStoreArgs, labels: Mapping[str, str]
) -> kubernetes.meta.v1.ObjectMetaArgs:
    return kubernetes.meta.v1.ObjectMetaArgs(name=name, namespace=args.namespace, labels=labels)


def _create_service(
    component: Component[Any],
    args: InClusterStoreArgs,
    spec: StoreSpec,
    labels: Mapping[str, str],
    selector: Mapping[str, str],
) -> None:
    kubernetes.core.v1.Service(
        component.scope.name(f"{spec.thing}-service"),
        metadata=_metadata(spec.thing, args, labels),
        spec=kubernetes.core.v1.ServiceSpecArgs(
            cluster_ip="None",
            selector=selector,
            ports=[
                kubernetes.core.v1.ServicePortArgs(name=spec.thing, port=spec.port, target_port=spec.thing)
            ],
        ),
        opts=component.child(),
    )


def _create_policy(
    component: Component[Any],
    args: InClusterStoreArgs,
    spec: StoreSpec,
    labels: Mapping[str, str],
    selector: Mapping[str, str],
) -> None:
    kubernetes.networking.v1.NetworkPolicy(
        component.scope.name(f"{spec.thing}-policy"),
        metadata=_metadata(spec.thing, args, labels),
        spec=kubernetes.networking.v1.NetworkPolicySpecArgs(
            pod_selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels=selector),
            # No egress rule follows: the store answers and calls nobody.
            policy_types=["Ingress", "Egress"],
            ingress=[
                kubernetes.networking.v1.NetworkPolicyIngressRuleArgs(
                    from_=[pods_of(namespace) for namespace in sorted(args.client_namespaces)],
                    ports=[
                        kubernetes.networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=spec.port),
                    ],
                )
            ],
        ),
        opts=component.child(),
    )


def _create_stateful_set(
    component: Component[Any],
    args: InClusterStoreArgs,
    spec: StoreSpec,
    labels: Mapping[str, str],
    selector: Mapping[str, str],
    secret: kubernetes.core.v1.Secret,
) -> None:
    kubernetes.apps.v1.StatefulSet(
        component.scope.name(spec.thing),
        metadata=_metadata(spec.thing, args, labels),
        spec=kubernetes.apps.v1.StatefulSetSpecArgs(
            service_name=spec.thing,
            replicas=1,
            selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels=selector),
            template=kubernetes.core.v1.PodTemplateSpecArgs(
                metadata=kubernetes.meta.v1.ObjectMetaArgs(labels=labels),
                spec=_pod(args, spec, secret),
            ),
            volume_claim_templates=[
                kubernetes.core.v1.PersistentVolumeClaimArgs(
                    metadata=kubernetes.meta.v1.ObjectMetaArgs(
                        name=DATA_VOLUME, labels={**labels, f"smp.vn/{DATA_CLASS_TAG}": DataClass.PSEUDO}
                    ),
                    spec=kubernetes.core.v1.PersistentVolumeClaimSpecArgs(
                        access_modes=["ReadWriteOnce"],
                        storage_class_name=args.storage_class,
                        resources=kubernetes.core.v1.VolumeResourceRequirementsArgs(
                            requests={"storage": str(args.storage)}
                        ),
                    ),
                )
            ],
        ),
        opts=component.stateful_child(),
    )


def _pod(
    args: InClusterStoreArgs, spec: StoreSpec, secret: kubernetes.core.v1.Secret
) -> kubernetes.core.v1.PodSpecArgs:
    v1 = kubernetes.core.v1
    probe = v1.ExecActionArgs(command=list(spec.probe))
    mounts = {DATA_VOLUME: spec.data_path, **spec.scratch_paths}
    return v1.PodSpecArgs(
        automount_service_account_token=False,
        security_context=v1.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=spec.user_id,
            run_as_group=spec.user_id,
            fs_group=spec.user_id,
            seccomp_profile=v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[
            v1.ContainerArgs(
                name=spec.thing,
                image=args.image_registry.image(spec.image),
                command=list(spec.command),
                env=[v1.EnvVarArgs(name=key, value=value) for key, value in spec.environment.items()],
                ports=[v1.ContainerPortArgs(name=spec.thing, container_port=spec.port)],
                # Three minutes to start on a full volume; a minute and a half of silence before a restart.
                startup_probe=v1.ProbeArgs(
                    exec_=probe, period_seconds=5, timeout_seconds=6, failure_threshold=36
                ),
                readiness_probe=v1.ProbeArgs(exec_=probe, period_seconds=10, timeout_seconds=6),
                liveness_probe=v1.ProbeArgs(exec_=probe, period_seconds=30, timeout_seconds=6),
                resources=v1.ResourceRequirementsArgs(
                    requests={"cpu": str(spec.cpu), "memory": str(spec.memory)},
                    limits={"memory": str(spec.memory)},
                ),
                security_context=v1.SecurityContextArgs(
                    allow_privilege_escalation=False,
                    read_only_root_filesystem=True,
                    capabilities=v1.CapabilitiesArgs(drop=["ALL"]),
                ),
                volume_mounts=[
                    *(v1.VolumeMountArgs(name=key, mount_path=path) for key, path in mounts.items()),
                    v1.VolumeMountArgs(name="secret", mount_path=SECRET_MOUNT, read_only=True),
                ],
            )
        ],
        volumes=[
            *(v1.VolumeArgs(name=key, empty_dir=v1.EmptyDirVolumeSourceArgs()) for key in spec.scratch_paths),
            v1.VolumeArgs(
                name="secret",
                secret=v1.SecretVolumeSourceArgs(secret_name=secret.metadata.name, default_mode=0o440),
            ),
        ],
    )
