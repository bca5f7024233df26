"""Who is let at the data: policy documents, shares and permissions that reach into another home."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalog.clusters import Cluster
from catalog.flows import Flow
from catalog.hostnames import AUDIT_ARCHIVE_BUCKET
from policies.places import Kind, Mention, places
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.unknowns import is_explained
from policies.values import Opaque, Value, as_flag, as_list, as_map, dig
from policies.views import ResourceView, StackView

_NO_DATA = re.compile(
    r"^(?:ecr|ecr-public|sts|iam|budgets|ce|cur|acm|route53|cloudfront|organizations|health|support|cr|ram|tag|pricing"
    r"|wafv2|shield|servicequotas|eks|cloudwatch|tax|sso|account|bcm-data-exports|cs|aps):",
    re.IGNORECASE,
)
"""Services whose actions read or write nothing about persons."""
_ARCHIVING = re.compile(
    r"^(?:s3:(?:Put|AbortMultipart|ListBucketMultipart|ListMultipart|GetBucketLocation|ListBucket$|Replicate"
    r"|ObjectOwnerOverride|GetBucketObjectLock|GetEncryption|GetBucketVersioning)\w*"
    r"|kms:(?:GenerateDataKey\w*|Encrypt|DescribeKey|Decrypt|ReEncrypt\w*)"
    r"|oss:(?:Put|AbortMultipart|ListMultipart|InitiateMultipart|Complete|GetBucketLocation)\w*)$"
)
"""What writing a batch to the archive takes. Reading it back is not among them."""
_TRUSTED = frozenset({"127311923021", "114774131450"})
"""Elastic Load Balancing in Virginia and Singapore, which writes access logs into a bucket."""
_ACCOUNT = re.compile(r"(?<!\d)(\d{12}|\d{16})(?!\d)")
_IN_BUCKET = re.compile(r"(arn:aws[\w-]*:s3:::[\w.-]+)/")
"""An object lies where its bucket is, whatever its key says: the archive keeps each region's batches under its name."""


@dataclass(frozen=True, kw_only=True)
class _Grant:
    """One statement that allows something."""

    path: str
    actions: tuple[str, ...]
    block: Mapping[str, Value]

    @property
    def moves_data(self) -> bool:
        return not self.actions or not all(_NO_DATA.match(action) for action in self.actions)


def _grants(resource: ResourceView) -> Iterator[_Grant]:
    for path, document in resource.mappings:
        for name in ("Statement", "statements"):
            for place, statement in enumerate(as_list(document.get(name))):
                block = {key[:1].upper() + key[1:]: item for key, item in as_map(statement).items()}
                if str(block.get("Effect", "Allow")).lower() == "allow":
                    yield _Grant(
                        path=f"{path}.{name}[{place}]".lstrip("."),
                        actions=tuple(_texts(block.get("Action", block.get("Actions")))),
                        block=block,
                    )


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in as_map(value).values():
            yield from _texts(item)
    else:
        for item in as_list(value):
            yield from _texts(item)


def _reached(stack: StackView) -> Iterator[Violation]:
    """Judge what the own roles may reach: resources of another home."""
    for resource in stack.made():
        sends = Flow.AUDIT.joins(stack.facts.cluster, Cluster.GLOBAL)
        archives = sends and AUDIT_ARCHIVE_BUCKET in str(resource.tree)
        for grant in _grants(resource):
            if not grant.moves_data or resource.type.startswith("aws:organizations/"):
                continue
            found = [
                mention
                for text in _texts(grant.block.get("Resource", grant.block.get("Resources")))
                for mention in places(_place_of(text))
                if mention.is_foreign_to(stack.facts.cluster) and not _harmless(mention)
            ]
            if archives and all(_ARCHIVING.match(action) for action in grant.actions):
                found = [mention for mention in found if Cluster.GLOBAL not in mention.homes]
            if found:
                yield on(resource, f"{grant.path} allows {_shown(grant.actions)} on {found[0]}")


def _place_of(text: str) -> str:
    found = _IN_BUCKET.match(text)
    return found[1] if found else text


def _harmless(mention: Mention) -> bool:
    return (
        re.match(r"arn:aws[\w-]*:(?:iam|sts|ecr|acm|cloudfront|route53|logs:[\w-]*:[\w-]*:\*)", mention.token)
        is not None
    )


def _shown(actions: tuple[str, ...]) -> str:
    return ", ".join(actions[:3]) + (" and more" if len(actions) > 3 else "") if actions else "everything"


_IDENTITY = ("aws:iam/", "alicloud:ram/", "aws:ecr/", "aws:ecrpublic/", "aws:organizations/", "aws:ssoadmin/")


def _let_in(stack: StackView) -> Iterator[Violation]:
    """Judge who may reach the own data: principals of another home or account."""
    for resource in stack.made():
        if resource.type.startswith(_IDENTITY) or _is_archive(stack, resource):
            continue
        for grant in _grants(resource):
            if grant.moves_data:
                yield from _principals(stack, resource, grant)
        yield from _shares(stack, resource)


def _is_archive(stack: StackView, resource: ResourceView) -> bool:
    """The archive and its key let the regions write; what they may do there is said in other families."""
    if stack.facts.cluster is not Cluster.GLOBAL:
        return False
    return any(
        _ARCHIVING.match(action)
        for grant in _grants(resource)
        for action in grant.actions
        if "archive" in f"{resource.name} {resource.urn} {resource.tree}"
    )


def _principals(stack: StackView, resource: ResourceView, grant: _Grant) -> Iterator[Violation]:
    named = list(_texts(grant.block.get("Principal", grant.block.get("Principals"))))
    for operator, block in as_map(grant.block.get("Condition")).items():
        if not operator.lower().startswith(("stringnot", "arnnot", "forallvalues:stringnot")):
            for key, value in as_map(block).items():
                if key.lower() in {
                    "aws:principalaccount",
                    "aws:sourceaccount",
                    "kms:calleraccount",
                    "aws:principalarn",
                }:
                    named += _texts(value)
    for text in named:
        owner = _stranger(resource, text)
        if owner:
            yield on(resource, f"{grant.path} allows {_shown(grant.actions)} to account {owner}")
            return
        foreign = [item for item in places(text) if item.is_foreign_to(stack.facts.cluster)]
        if foreign and foreign[0].kind is not Kind.REGION:
            yield on(resource, f"{grant.path} allows {_shown(grant.actions)} to {foreign[0]}")
            return


def _stranger(resource: ResourceView, value: Value) -> str | None:
    """Give the account a text names, if it is not the resource's own and its own is known."""
    match = (
        _ACCOUNT.search(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    )
    if match and resource.accounts and match[1] not in resource.accounts | _TRUSTED:
        return match[1]
    return None


_GIVEN_AWAY = (
    *("aws:ec2/snapshotCreateVolumePermission:", "aws:ec2/amiLaunchPermission:", "aws:ram/"),
    *(
        "aws:rds/snapshot",
        "aws:rds/clusterSnapshot",
        "aws:redshift/dataShare",
        "aws:redshift/endpointAuthorization:",
    ),
    *("aws:opensearch/authorizeVpcEndpointAccess:", "aws:servicecatalog/", "aws:directoryservice/"),
)
"""What nobody shares with himself: an account named there is another one, whichever the own is."""


def _receiver(resource: ResourceView, value: str) -> str | None:
    """Give the account something is given to, where the own account is not known."""
    match = _ACCOUNT.search(value) if not resource.accounts else None
    return match[1] if match and resource.type.startswith(_GIVEN_AWAY) and match[1] not in _TRUSTED else None


_SHARES: dict[str, tuple[str, ...]] = {
    "aws:ec2/snapshotCreateVolumePermission:": ("accountId",),
    "aws:ec2/amiLaunchPermission:": ("accountId", "organizationArn", "organizationalUnitArn"),
    "aws:rds/snapshot:": ("sharedAccounts",),
    "aws:rds/snapshotCopy:": ("sharedAccounts",),
    "aws:rds/clusterSnapshot:": ("sharedAccounts",),
    "aws:rds/clusterSnapshotCopy:": ("sharedAccounts",),
    "aws:ram/principalAssociation:": ("principal",),
    "aws:ram/resourceShare:": ("principals",),
    "aws:kms/grant:": ("granteePrincipal",),
    "aws:lakeformation/permissions:": ("principal",),
    "aws:redshift/dataShareAuthorization:": ("consumerIdentifier",),
    "aws:redshift/dataShareConsumerAssociation:": ("consumerArn",),
    "aws:redshift/endpointAuthorization:": ("account",),
    "aws:lambda/permission:": ("principal", "sourceAccount"),
    "aws:lambda/layerVersionPermission:": ("principal",),
    "aws:cloudwatch/eventPermission:": ("principal",),
    "aws:ec2/vpcEndpointServiceAllowedPrinciple:": ("principalArn",),
    "aws:ec2/vpcEndpointService:": ("allowedPrincipals",),
    "aws:opensearch/authorizeVpcEndpointAccess:": ("account",),
    "aws:auditmanager/frameworkShare:": ("destinationAccount",),
    "aws:servicecatalog/portfolioShare:": ("principalId",),
    "aws:directoryservice/sharedDirectory:": ("target",),
    "aws:dlm/lifecyclePolicy:": ("policyDetails",),
    "alicloud:ecs/imageSharePermission:": ("accountId",),
    "alicloud:resourcemanager/resourceShare:": ("targets",),
    "alicloud:resourcemanager/sharedTarget:": ("targetId",),
    "alicloud:hbr/": ("crossAccountUserId",),
    "alicloud:dbs/backupPlan:": ("crossAliyunId",),
    "alicloud:dts/": ("sourceEndpointOwnerId", "destinationEndpointOwnerId"),
    "alicloud:vpc/peerConnection:": ("acceptingAliUid",),
    "alicloud:ecs/securityGroupRule:": ("sourceGroupOwnerAccount", "sourceGroupOwnerId"),
    "alicloud:privatelink/vpcEndpointServiceUser:": ("userId",),
    "alicloud:cen/instanceGrant:": ("cenOwnerId",),
}
"""Types that let another account at data, with the properties that name it."""


def _shares(stack: StackView, resource: ResourceView) -> Iterator[Violation]:
    for start, names in _SHARES.items():
        if not resource.type.startswith(start):
            continue
        for name in names:
            value = resource.get(name)
            if value is Opaque.UNKNOWN and not is_explained(stack, resource, name):
                yield unproven(resource, f"with whom it is shared ({name})", Opaque.UNKNOWN)
            for text in _texts(value) if not isinstance(value, int) else [str(value)]:
                owner = _stranger(resource, text) or _receiver(resource, text)
                if owner:
                    yield on(resource, f"{name} lets account {owner} have the data")
                elif text.lower() in {"all", "*"}:
                    yield on(resource, f"{name} lets every account have the data")
                elif ":organization" in text or text.startswith("o-"):
                    yield on(resource, f"{name} lets other accounts of the organisation have the data")
    yield from _opened(resource)


def _opened(resource: ResourceView) -> Iterator[Violation]:
    if resource.type.startswith("aws:ec2/amiLaunchPermission:") and resource.get("group") == "all":
        yield on(resource, "lets every account start the image")
    if resource.type.startswith("aws:backup/globalSettings:"):
        flag = as_flag(dig(as_map(resource.get("globalSettings")), "isCrossAccountBackupEnabled"))
        if flag is True:
            yield on(resource, "lets backups be copied to other accounts")
    if resource.type.startswith("alicloud:resourcemanager/resourceShare:") and (
        as_flag(resource.get("allowExternalTargets")) is True
    ):
        yield on(resource, "allowExternalTargets lets accounts outside the directory have the data")


RULES = (
    Rule(
        id="residency-reach",
        family=Family.RESIDENCY,
        sentence="No role may read or write data of another home; the archive may be written to, never read.",
        source="M§14.3, M§9",
        level=Level.MANDATORY,
        remedy="name only resources of the own cluster in the policy",
        judge=_reached,
        alone=True,
    ),
    Rule(
        id="residency-shared",
        family=Family.RESIDENCY,
        sentence="No other account is let at a cluster's data: no shared snapshot, image, key or bucket.",
        source="M§14.3, M§14.6; PIPL art. 38-40",
        level=Level.MANDATORY,
        remedy="remove the grant; each cluster's data stays in its own account",
        judge=_let_in,
    ),
)
