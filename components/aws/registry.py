"""ECR: where a stack's images are pulled from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from catalog.clusters import Cluster
from catalog.copied_artifacts import CHARTS_PREFIX, IMAGES_PREFIX, charts_of, images_of
from catalog.data_classes import DataClass
from catalog.services import Service
from components.aws.iam import Effect, Statement, policy_document
from components.core.component import Args, Component
from components.core.naming import NameLimit
from components.core.outputs import RegistryOutputs
from components.core.scope import Scope

KEPT_IMAGES = {True: 100, False: 20}
"""By production or not: enough to roll back to any release of a year at two a week, or to last week's."""

UNTAGGED_DAYS = 7
"""An image that lost its tag is only reachable by digest, by whoever still runs it."""


def repository_name(scope: Scope, service: Service) -> str:
    """Name a service's repository, ``<cluster>-<env>/<service>``."""
    return NameLimit.ECR_REPOSITORY.check(f"{_root(scope)}/{service.id}")


def _root(scope: Scope) -> str:
    return f"{scope.cluster.id}-{scope.environment}"


def _host(scope: Scope) -> str:
    return f"{scope.account}.dkr.ecr.{scope.region}.amazonaws.com"


def copies(scope: Scope) -> tuple[str, ...]:
    """Name the repositories of others' images and charts, such as ``smp-asia-dev/mirror/strimzi/kafka``.

    ECR makes none when something is pushed.
    """
    images = [f"{IMAGES_PREFIX}/{image}" for image in images_of(scope.cluster)]
    charts = [f"{CHARTS_PREFIX}/{chart}" for chart in charts_of(scope.cluster)]
    return tuple(NameLimit.ECR_REPOSITORY.check(f"{_root(scope)}/{path}") for path in (*images, *charts))


def repository_url(scope: Scope, service: Service) -> str:
    """Give the address images of a service are pulled from, without a tag."""
    return f"{_host(scope)}/{repository_name(scope, service)}"


@dataclass(frozen=True, kw_only=True)
class RegistryArgs(Args):
    """Which services have a repository; none in the control plane, which keeps copies alone."""

    services: tuple[Service, ...] = tuple(Service)

    def problems(self) -> Iterator[str]:
        """Check that every product cluster has its services' repositories."""
        if not self.services and self.scope.cluster is not Cluster.GLOBAL:
            yield "no services; only the control plane runs none"
        if len(set(self.services)) != len(self.services):
            yield "services name one twice"


class Registry(Component[RegistryOutputs]):
    """Repositories of a stack's own: a tag is never moved, and nobody outside the account reads them.

    M§14.7 builds one image for all regions. Promotion copies it, by digest, into the repository of the next stack:
    what a stack may run is what its repository holds, and no stack needs another to exist, whether they share an
    account or not.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:Registry"

    def __init__(
        self, name: str, args: RegistryArgs, *, provider: aws.Provider, parent: pulumi.Resource | None = None
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        repositories = {
            service: self._create_repository(f"images-{service.id}", repository_name(self.scope, service))
            for service in args.services
        }
        root = _root(self.scope)
        for copy in copies(self.scope):
            path = copy.removeprefix(f"{root}/")
            self._create_repository(path.replace("/", "-"), copy)
        host = _host(self.scope)
        self.publish(
            RegistryOutputs(
                repositories={
                    service.id: pulumi.Output.concat(host, "/", repository.name)
                    for service, repository in repositories.items()
                },
                mirror=f"{host}/{root}/{IMAGES_PREFIX}",
                charts=f"{host}/{root}/{CHARTS_PREFIX}",
            )
        )

    def _create_repository(self, thing: str, path: str) -> aws.ecr.Repository:
        name = self.scope.name(thing)
        repository = aws.ecr.Repository(
            name,
            name=path,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            # ECR's own encryption: an image holds nothing about anybody, so a key of its own buys nothing.
            encryption_configurations=[
                aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")
            ],
            force_delete=not self.scope.is_production,
            tags=self.scope.tags(name, DataClass.PUBLIC),
            opts=self.child(),
        )
        aws.ecr.LifecyclePolicy(
            name,
            repository=repository.name,
            policy=lifecycle_policy(KEPT_IMAGES[self.scope.is_production]),
            opts=self.child(),
        )
        aws.ecr.RepositoryPolicy(
            name, repository=repository.name, policy=self._closed_to_others(), opts=self.child()
        )
        return repository

    def _closed_to_others(self) -> pulumi.Output[str]:
        """Shut out every other account; inside ours IAM decides. An allow added by mistake changes nothing."""
        return policy_document(
            Statement(
                sid="OnlyThisAccount",
                effect=Effect.DENY,
                principals={"AWS": "*"},
                actions=("ecr:*",),
                conditions={
                    "StringNotEquals": {"aws:PrincipalAccount": self.scope.account},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                },
            )
        )


def lifecycle_policy(kept: int) -> str:
    """Write the lifecycle policy: forget untagged images after a week, and all but the newest ``kept``."""
    return json.dumps(
        {
            "rules": [
                {
                    "rulePriority": 1,
                    "description": f"Untagged for {UNTAGGED_DAYS} days",
                    "selection": {
                        "tagStatus": "untagged",
                        "countType": "sinceImagePushed",
                        "countUnit": "days",
                        "countNumber": UNTAGGED_DAYS,
                    },
                    "action": {"type": "expire"},
                },
                {
                    "rulePriority": 2,
                    "description": f"All but the newest {kept}",
                    "selection": {
                        "tagStatus": "any",
                        "countType": "imageCountMoreThan",
                        "countNumber": kept,
                    },
                    "action": {"type": "expire"},
                },
            ]
        }
    )
