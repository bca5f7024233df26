"""Everything that differs per stack, and nothing else. What a stack *is* stands in ``catalog/stack_facts.py``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
)

from catalog.audit_batches import chain_name, seal_key
from catalog.budgets import MOST_SUBSCRIBERS, AllocationTags
from catalog.clusters import Cluster, cluster_of
from catalog.forms import alibaba_account, aws_account
from catalog.places import Cloud, Country, Region
from catalog.quantities import Usd
from catalog.store_limits import oss_log_days
from stacks.config_edge import CloudflareConfig
from stacks.config_kafka import KafkaConfig
from stacks.config_network import KubernetesConfig, NetworkConfig
from stacks.config_search import SearchConfig
from stacks.config_section import Section, present, within
from stacks.config_stores import Billing, MongodbConfig, MysqlConfig, RedisConfig
from stacks.config_types import (
    Count,
    Mailbox,
    MonthlyUsd,
    RegistryText,
    on_aws,
    problem,
    reading_of,
    refuse,
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


def _chain(name: str) -> str:
    refuse(chain_name(name))
    return name


class ObjectsConfig(Section):
    """Buckets."""

    audit_retention_days: Annotated[Count, AfterValidator(lambda days: within(days, 1, 3650))]
    """How long nobody, not even the account's root, may delete an audit object (Object Lock, WORM)."""
    audit_chain: Annotated[str, AfterValidator(_chain)] | None = None
    """Name of the chain of audit batches begun when the topic was made anew (docs/runbooks/audit-batches.md)."""
    log_retention_days: Annotated[Count, AfterValidator(lambda days: within(days, 1, 3650))]
    """When cold logs expire; in Beijing after 60 days or more."""

    @field_validator("log_retention_days")
    @classmethod
    def _pays(cls, days: int, info: ValidationInfo) -> int:
        refuse(None if on_aws(info) else oss_log_days(days))
        return days


class ArchiveConfig(Section):
    """The global audit archive (M§14.3)."""

    retention_days: Annotated[Count, AfterValidator(lambda days: within(days, 365, 3650))]
    """How long nobody may delete an archived batch."""
    writers: dict[str, str]
    """Which account may write below a cluster's prefix: cluster id -> AWS account id."""

    @field_validator("writers")
    @classmethod
    def _known_writers(cls, writers: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if not writers:
            raise problem("nobody would write to the archive; name a cluster and its account")
        known = [c.id for c in Cluster if c.holds_personal_data and c.cloud is Cloud.AWS]
        for cluster, account in writers.items():
            if cluster not in known:
                msg = f"{cluster} is no cluster that writes from AWS; those are {', '.join(known)}"
                raise problem(msg)
            refuse(aws_account(account))
        accounts = [*writers.values(), reading_of(info).account]
        if len(set(accounts)) != len(accounts):
            raise problem(
                "two share an account; each cluster has its own, and so has the archive (smp:account)"
            )
        return writers


class AuditBatchesConfig(Section):
    """Daily batches of the audit log to the global archive (M§14.3); asia and us in production alone."""

    archive_account: Annotated[str, Field(examples=["111122223333"])]
    """AWS account of prod-global, whose archive it must be: 12 digits, in quotes."""
    seal_key: str
    """Public half (PEM, RSA, 3072 bits or more) of the key that opens batches (docs/runbooks/audit-seal.md)."""

    @field_validator("archive_account")
    @classmethod
    def _is_another_account(cls, account: str, info: ValidationInfo) -> str:
        refuse(aws_account(account))
        if account == reading_of(info).account:
            raise problem("is this stack's own account; the archive is in that of prod-global")
        return account

    @field_validator("seal_key")
    @classmethod
    def _is_a_seal(cls, key: str) -> str:
        refuse(seal_key(key))
        return key


class BudgetConfig(Section):
    """What the stack may cost, and who hears of it (M§13)."""

    monthly_usd: MonthlyUsd
    """US dollars a month."""
    subscribers: Annotated[tuple[Mailbox, ...], Field(min_length=1)]
    """E-mail addresses told at 100 % (forecast) and alarmed at 110 % (actual)."""
    allocation_tags: AllocationTags = AllocationTags.ACTIVE
    """``pending`` on the first day of a new account: AWS does not know the tags' keys yet. Without meaning in China."""

    @field_validator("monthly_usd")
    @classmethod
    def _approved(cls, monthly: Usd, info: ValidationInfo) -> Usd:
        facts = stack_of(info).facts
        if monthly > facts.approved_budget:
            msg = (
                f"{monthly} is more than the {facts.approved_budget} approved for {facts.name} (M§13, M§14.2);"
                " write that or less, or have catalog/stack_facts.py raised first"
            )
            raise problem(msg)
        return monthly

    @field_validator("subscribers")
    @classmethod
    def _as_many_as_aws_takes(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        if len(addresses) > MOST_SUBSCRIBERS:
            msg = f"{len(addresses)} addresses; AWS takes {MOST_SUBSCRIBERS}, so write to a list"
            raise problem(msg)
        if len(set(addresses)) != len(addresses):
            raise problem("an address is named twice; name each once")
        return addresses


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

    account: Annotated[
        str, Field(examples=["111122223333"], json_schema_extra={"pattern": r"^\d{12}(\d{4})?$"})
    ]
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
    kafka: KafkaConfig
    objects: ObjectsConfig | None = None
    mysql: MysqlConfig | None = None
    redis: RedisConfig | None = None
    mongodb: MongodbConfig | None = None
    search: SearchConfig | None = None
    cloudflare: CloudflareConfig | None = None
    archive: ArchiveConfig | None = None
    audit_batches: AuditBatchesConfig | None = None
    billing: Billing | None = None
    """How the databases of the Beijing cluster are paid."""
    image_mirror: RegistryText | None = None
    """Registry prefix every third-party image is pulled through; required where public registries are out of reach."""

    @field_validator("account")
    @classmethod
    def _is_an_account(cls, account: str, info: ValidationInfo) -> str:
        refuse(aws_account(account) if on_aws(info) else alibaba_account(account))
        return account

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
    def required_search(self) -> SearchConfig:
        """The section ``search``, of stacks that have it."""
        return present(self.search, "search")

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
