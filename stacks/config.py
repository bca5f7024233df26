"""Everything that differs per stack, and nothing else. What a stack *is* stands in ``catalog/stack_facts.py``."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
)

from catalog.clusters import Cluster, cluster_of
from catalog.places import Cloud, Country, Region
from stacks.config_edge import CloudflareConfig
from stacks.config_network import KubernetesConfig, NetworkConfig
from stacks.config_section import Section, present, within
from stacks.config_stores import Billing, MongodbConfig, MysqlConfig, RedisConfig
from stacks.config_types import (
    Count,
    MonthlyUsd,
    problem,
    stack_of,
)


class Layer(StrEnum):
    """How far a stack is built. Each layer stands on the ones before it."""

    CLOUD = "cloud"
    """Network, keys, cluster, managed data stores, buckets, registry, budget."""
    PLATFORM = "platform"
    """What runs in the cluster before any service: namespaces, storage classes, in-cluster data stores."""
    SERVICES = "services"
    """The ten services' identities."""


class ObjectsConfig(Section):
    """Buckets."""

    audit_retention_days: Annotated[Count, AfterValidator(lambda days: within(days, 1, 3650))]
    """How long nobody, not even the account's root, may delete an audit object (Object Lock, WORM)."""
    log_retention_days: Annotated[Count, AfterValidator(lambda days: within(days, 1, 3650))]
    """When cold logs expire."""


class ArchiveConfig(Section):
    """The global audit archive (M§14.3)."""

    retention_days: Annotated[Count, AfterValidator(lambda days: within(days, 365, 3650))]
    """How long nobody may delete an archived batch."""
    writers: dict[str, str]
    """Which account may write below a cluster's prefix: cluster id -> AWS account id."""

    @field_validator("writers")
    @classmethod
    def _known_writers(cls, writers: dict[str, str]) -> dict[str, str]:
        known = [c.id for c in Cluster if c.holds_personal_data and c.cloud is Cloud.AWS]
        for cluster, account in writers.items():
            if cluster not in known:
                msg = f"{cluster} is no cluster that writes from AWS; those are {', '.join(known)}"
                raise problem(msg)
            if re.fullmatch(r"\d{12}", account) is None:
                msg = f"{cluster}: {account!r} is not an AWS account; write its 12 digits, in quotes"
                raise problem(msg)
        return writers


class BudgetConfig(Section):
    """What the stack may cost, and who hears of it (M§13)."""

    monthly_usd: MonthlyUsd
    """US dollars a month."""
    subscribers: Annotated[tuple[str, ...], Field(min_length=1)]
    """E-mail addresses told at 100 % (forecast) and alarmed at 110 % (actual)."""


def _own_country(country: Country, info: ValidationInfo) -> Country:
    cluster = stack_of(info).facts.cluster
    if cluster_of(country) is not cluster:
        own = ", ".join(cluster.value.countries) or "none at all"
        msg = f"{country} belongs to {cluster_of(country).id}, not to {cluster.id}; its countries are {own}"
        raise problem(msg)
    return country


ServedCountry = Annotated[Country, AfterValidator(_own_country)]
"""A country of the stack's own cluster (M§14.1)."""


class StackConfig(Section):
    """The whole configuration of a stack, as ``smp:`` keys of ``Pulumi.<stack>.yaml``."""

    account: Annotated[str, Field(pattern=r"^\d{12}(\d{4})?$", examples=["111122223333"])]
    """Cloud account the stack deploys into and no other: 12 digits on AWS, 16 on Alibaba Cloud; in quotes."""
    region: Region
    """The cluster's home; any other is refused."""
    countries: tuple[ServedCountry, ...]
    """Whose personal data the cluster holds; empty for the control plane."""
    layers: Annotated[tuple[Layer, ...], Field(min_length=1)] = (Layer.CLOUD, Layer.PLATFORM, Layer.SERVICES)
    """How far the stack is built; a layer brings the ones it stands on."""
    budget: BudgetConfig
    network: NetworkConfig
    kubernetes: KubernetesConfig
    objects: ObjectsConfig | None = None
    mysql: MysqlConfig | None = None
    redis: RedisConfig | None = None
    mongodb: MongodbConfig | None = None
    cloudflare: CloudflareConfig | None = None
    archive: ArchiveConfig | None = None
    billing: Billing | None = None
    """How the databases of the Beijing cluster are paid."""
    image_mirror: str | None = None
    """Registry prefix every third-party image is pulled through; required where public registries are out of reach."""

    @field_validator("region")
    @classmethod
    def _is_home(cls, region: Region, info: ValidationInfo) -> Region:
        cluster = stack_of(info).facts.cluster
        if region is not cluster.home:
            msg = f"{region} is not the home of {cluster.id}; write {cluster.home}"
            raise problem(msg)
        return region

    @field_validator("countries")
    @classmethod
    def _serves_somebody(cls, countries: tuple[Country, ...], info: ValidationInfo) -> tuple[Country, ...]:
        cluster = stack_of(info).facts.cluster
        if cluster.holds_personal_data and not countries:
            msg = f"the cluster serves nobody; name at least one of {', '.join(cluster.value.countries)}"
            raise problem(msg)
        return countries

    def builds(self, layer: Layer) -> bool:
        """Whether a layer is built: named itself, or stood on by one that is named."""
        order = list(Layer)
        return any(order.index(named) >= order.index(layer) for named in self.layers)

    @property
    def required_objects(self) -> ObjectsConfig:
        """The section ``objects``, of stacks that have it."""
        return present(self.objects, "objects")

    @property
    def required_mysql(self) -> MysqlConfig:
        """The section ``mysql``, of stacks that have it."""
        return present(self.mysql, "mysql")

    @property
    def required_redis(self) -> RedisConfig:
        """The section ``redis``, of stacks that have it."""
        return present(self.redis, "redis")

    @property
    def required_mongodb(self) -> MongodbConfig:
        """The section ``mongodb``, of stacks that have it."""
        return present(self.mongodb, "mongodb")

    @property
    def required_cloudflare(self) -> CloudflareConfig:
        """The section ``cloudflare``, of stacks that have it."""
        return present(self.cloudflare, "cloudflare")

    @property
    def required_archive(self) -> ArchiveConfig:
        """The section ``archive``, of the control plane."""
        return present(self.archive, "archive")

    @property
    def required_billing(self) -> Billing:
        """How Alibaba Cloud's databases are paid."""
        return present(self.billing, "billing")
