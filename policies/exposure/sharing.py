"""Snapshots, images and repositories: none is given to everybody; and API servers of clusters."""

from __future__ import annotations

from collections.abc import Iterator

from policies.addresses import is_everybody
from policies.demands import Demand, broken, is_off, none_of, one_of
from policies.relations import explained, texts_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_flag, as_list, dig
from policies.views import StackView

_SHARED_LISTS = (
    ("aws:rds/snapshot:Snapshot", "sharedAccounts"),
    ("aws:rds/clusterSnapshot:ClusterSnapshot", "sharedAccounts"),
    ("aws:rds/snapshotCopy:SnapshotCopy", "sharedAccounts"),
    ("aws:ec2/ami:Ami", "launchPermissions"),
    ("aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission", "accountId"),
    ("aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission", "group"),
    ("aws:ec2/amiLaunchPermission:AmiLaunchPermission", "group"),
    ("aws:docdb/clusterSnapshot:ClusterSnapshot", "sharedAccounts"),
    ("aws:neptune/clusterSnapshot:ClusterSnapshot", "sharedAccounts"),
    ("aws:imagebuilder/distributionConfiguration:DistributionConfiguration", "userGroups"),
)
_DEMANDS = (
    Demand(
        types=("aws:ec2/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",),
        path="state",
        wanted=none_of("unblocked"),
    ),
    Demand(
        types=("aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",),
        path="state",
        wanted=one_of("block-new-sharing"),
    ),
    Demand(
        types=("alicloud:cs/registryEnterpriseRepo:RegistryEnterpriseRepo",),
        path="repoType",
        wanted=one_of("PRIVATE"),
        because="everybody may pull its images",
    ),
    Demand(
        types=("alicloud:cr/repo:Repo",),
        path="repoType",
        wanted=one_of("PRIVATE"),
        because="everybody may pull its images",
    ),
    Demand(
        types=(
            "alicloud:cs/registryEnterpriseNamespace:RegistryEnterpriseNamespace",
            "alicloud:cr/namespace:Namespace",
        ),
        path="defaultVisibility",
        wanted=one_of("PRIVATE"),
        because="everybody may pull images of new repositories",
    ),
    Demand(
        types=("alicloud:cr/chartNamespace:ChartNamespace",),
        path="defaultRepoType",
        wanted=one_of("PRIVATE"),
    ),
    Demand(types=("alicloud:cr/chartRepository:ChartRepository",), path="repoType", wanted=one_of("PRIVATE")),
)


def _shared(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    for token, name in _SHARED_LISTS:
        for resource in stack.of_type(token):
            for value in texts_of(resource.get(name)):
                if isinstance(value, str) and value.lower() in {"all", "*"}:
                    yield on(resource, f"{name} {value} gives it to everybody")
    for document in stack.of_type("aws:ssm/document:Document"):
        accounts = dig(document.get("permissions"), "accountIds", "account_ids")
        if str(dig(document.get("permissions"), "accountIds") or accounts).lower() == "all":
            yield on(document, "permissions share it with everybody")
    for repository in stack.of_type("aws:ecrpublic/repository:Repository"):
        yield on(repository, "is a public repository: everybody may pull its images")


def _control_planes(stack: StackView) -> Iterator[Violation]:
    for cluster in stack.of_type("aws:eks/cluster:Cluster"):
        block = dig(as_list(cluster.get("vpcConfig")), 0)
        public = as_flag(dig(block, "endpointPublicAccess"))
        if isinstance(public, Opaque):
            yield unproven(cluster, "vpcConfig.endpointPublicAccess", public)
        elif public is not False:  # EKS opens it when nothing is said
            ranges = list(texts_of(dig(block, "publicAccessCidrs")))
            if not ranges:
                yield on(
                    cluster, "the API server is open to everybody: public access without publicAccessCidrs"
                )
            for value in ranges:
                if isinstance(value, Opaque):
                    if not explained(stack, cluster, "vpcConfig"):
                        yield unproven(cluster, "vpcConfig.publicAccessCidrs", value)
                elif is_everybody(value):
                    yield on(cluster, f"the API server is open to {value}")
    for cluster in stack.of_type(
        "alicloud:cs/managedKubernetes:ManagedKubernetes",
        "alicloud:cs/kubernetes:Kubernetes",
        "alicloud:cs/serverlessKubernetes:ServerlessKubernetes",
        "alicloud:cs/edgeKubernetes:EdgeKubernetes",
    ):
        serverless = "serverless" in cluster.type.lower()
        name = "endpointPublicAccessEnabled" if serverless else "slbInternetEnabled"
        value = cluster.get(name)
        if isinstance(value, Opaque):
            yield unproven(cluster, name, value)
        elif not is_off(value) and not (serverless and value is None):  # ACK opens it when nothing is said
            yield on(cluster, f"the API server has a public address: {name} is not false")


RULES = (
    Rule(
        id="exposure-sharing",
        family=Family.EXPOSURE,
        sentence="No snapshot, machine image or image repository is given to everybody.",
        source="M§9, M§14.3",
        level=Level.MANDATORY,
        remedy="share it with named accounts, or not at all",
        judge=_shared,
        alone=True,
    ),
    Rule(
        id="exposure-control-plane",
        family=Family.EXPOSURE,
        sentence="A Kubernetes API server has a private endpoint; a public one only for named ranges.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="turn the public endpoint off, or name ranges in smp:kubernetes.publicAccess",
        judge=_control_planes,
    ),
)
