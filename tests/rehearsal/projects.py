"""Small Pulumi projects for tests, written to a folder."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rehearsal import EngineChoice, Project, RehearsalResult, rehearse

ACCOUNT = "123456789012"
HEADER = """\
import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

config = pulumi.Config()
cloud = aws.Provider("cloud", region="ap-southeast-1", allowed_account_ids=["123456789012"])
here = pulumi.ResourceOptions(provider=cloud)
"""
SECRETS = {"shop:password": "correct-horse-battery"}

# Several providers, components in components, explicit and implicit dependencies, secrets, a protected resource.
SHOP = HEADER + textwrap.dedent(
    """
    class Network(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("shop:aws:Network", name, {"cidr": "10.0.0.0/16"}, opts)
            inside = pulumi.ResourceOptions(parent=self)
            self.vpc = aws.ec2.Vpc(name, cidr_block="10.0.0.0/16", tags={"Environment": "dev"}, opts=inside)
            self.subnets = [
                aws.ec2.Subnet(
                    f"{name}-{zone}", vpc_id=self.vpc.id, cidr_block=f"10.0.{n}.0/24",
                    availability_zone=f"ap-southeast-1{zone}", opts=inside,
                )
                for n, zone in enumerate("ab")
            ]
            self.register_outputs({"vpcId": self.vpc.id})

    class Shop(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("shop:index:Shop", name, {}, opts)
            self.network = Network(f"{name}-net", pulumi.ResourceOptions(parent=self))
            self.register_outputs({})

    shop = Shop("shop", pulumi.ResourceOptions(providers=[cloud]))
    america = aws.Provider("america", region="us-east-1", allowed_account_ids=["123456789012"])
    archive = aws.s3.Bucket("archive", bucket="shop-archive", opts=pulumi.ResourceOptions(provider=america))
    generated = aws.iam.AccessKey("generated", user="shop", opts=pulumi.ResourceOptions(provider=america))
    groups = aws.rds.SubnetGroup("db", name="shop-db", subnet_ids=[s.id for s in shop.network.subnets], opts=here)
    db = aws.rds.Instance(
        "db", identifier="shop-db", instance_class=config.require("class"), engine="mysql", username="root",
        password=config.require_secret("password"), db_subnet_group_name=groups.name,
        tags={"Tier": config.get("tier") or "data"},
        opts=pulumi.ResourceOptions(provider=cloud, protect=True, depends_on=[shop]),
    )
    cluster = kubernetes.Provider("cluster", kubeconfig=db.endpoint)
    kubernetes.core.v1.ConfigMap(
        "settings", metadata={"name": "settings", "namespace": "default"}, data={"host": db.address},
        opts=pulumi.ResourceOptions(provider=cluster),
    )
    kubernetes.core.v1.Secret(
        "login", metadata={"name": "login"}, string_data={"password": generated.secret},
        opts=pulumi.ResourceOptions(provider=cluster),
    )
    kubernetes.apiextensions.CustomResource(
        "kafka", api_version="kafka.strimzi.io/v1", kind="Kafka", metadata={"name": "kafka"},
        spec={"kafka": {"replicas": 3}}, opts=pulumi.ResourceOptions(provider=cluster),
    )
    pulumi.export("endpoint", db.endpoint)
    pulumi.export("password", generated.secret)
    pulumi.export("given", config.require_secret("password"))
    """
)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A project in a folder."""

    root: Path
    stack: str = "dev"

    @property
    def project(self) -> Project:
        return Project(root=self.root, stack=self.stack)

    @property
    def state(self) -> Path:
        return self.root / ".smp" / self.stack / "embedded"

    def program(self, source: str) -> Sample:
        (self.root / "stacks").mkdir(exist_ok=True)
        # Python tells a compiled module from a changed one by its size and its second: tests are faster.
        shutil.rmtree(self.root / "stacks" / "__pycache__", ignore_errors=True)
        (self.root / "stacks" / "__main__.py").write_text(textwrap.dedent(source), encoding="utf-8")
        return self

    def config(self, values: Mapping[str, Any] | None = None, *, defaults: bool = False) -> Sample:
        config: dict[str, Any] = {} if defaults else {"pulumi:disable-default-providers": ["*"]}
        text = yaml.safe_dump({"config": config | dict(values or {})})
        (self.root / f"Pulumi.{self.stack}.yaml").write_text(text, encoding="utf-8")
        return self

    def rehearse(self, **options: Any) -> RehearsalResult:
        options.setdefault("engine", EngineChoice.EMBEDDED)
        return rehearse(self.project, **options)


def sample(root: Path, source: str, *, stack: str = "dev", config: Mapping[str, Any] | None = None) -> Sample:
    """Write a project whose stack has default providers disabled."""
    root.mkdir(exist_ok=True)
    (root / "Pulumi.yaml").write_text("name: shop\nruntime: python\nmain: stacks\n", encoding="utf-8")
    return Sample(root=root, stack=stack).program(source).config(config)


def shop(root: Path) -> Sample:
    """The project with everything."""
    return sample(root, SHOP, config={"class": "db.t4g.micro"})


def resources(deployment: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The resources of an export by URN."""
    return {entry["urn"]: entry for entry in deployment["deployment"]["resources"]}


def named(deployment: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The one resource with a logical name."""
    found = [entry for urn, entry in resources(deployment).items() if urn.endswith(f"::{name}")]
    assert len(found) == 1, [entry["urn"] for entry in found]
    return found[0]


def by_name(result: RehearsalResult) -> dict[str, str]:
    """What was done, by logical name, without what stayed as it was."""
    return {step.name: step.op.value for step in result.steps if step.op != "same"}
