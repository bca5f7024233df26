"""Buckets: no access list, policy or managed domain opens one to everybody."""

from __future__ import annotations

from collections.abc import Iterator

from policies.demands import OFF, ON, Absent, Demand, broken
from policies.policy_documents import statements
from policies.relations import explained, refers
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_flag, as_list, dig
from policies.views import ResourceView, StackView

_ACL_TYPES = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketAcl:BucketAcl",
    "aws:s3/bucketObject:BucketObject",
    "aws:s3/objectCopy:ObjectCopy",
    "alicloud:oss/bucket:Bucket",
    "alicloud:oss/bucketAcl:BucketAcl",
    "alicloud:oss/bucketObject:BucketObject",
)
_PUBLIC_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})
_ANYBODY = ("/AllUsers", "/AuthenticatedUsers")
_BLOCK_TYPE = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ACCOUNT_BLOCK = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_POLICIES = (
    ("aws:s3/bucketPolicy:BucketPolicy", "policy"),
    ("aws:s3/bucket:Bucket", "policy"),
    ("aws:s3/accessPoint:AccessPoint", "policy"),
    ("aws:s3control/accessPointPolicy:AccessPointPolicy", "policy"),
    ("aws:s3control/bucketPolicy:BucketPolicy", "policy"),
    ("alicloud:oss/bucketPolicy:BucketPolicy", "policy"),
    ("alicloud:oss/bucket:Bucket", "policy"),
    ("alicloud:oss/accessPoint:AccessPoint", "policy"),
)
_DEMANDS = (
    Demand(
        types=("alicloud:oss/bucketPublicAccessBlock:BucketPublicAccessBlock",),
        path="blockPublicAccess",
        wanted=ON,
    ),
    Demand(
        types=("alicloud:oss/accountPublicAccessBlock:AccountPublicAccessBlock",),
        path="blockPublicAccess",
        wanted=ON,
    ),
    Demand(
        types=("cloudflare:index/r2ManagedDomain:R2ManagedDomain",),
        path="enabled",
        wanted=OFF,
        because="its objects are served at r2.dev, past the zone's firewall",
    ),
    *(
        Demand(
            types=("aws:s3/accessPoint:AccessPoint",),
            path=f"publicAccessBlockConfiguration?.{name}",
            wanted=ON,
            absent=Absent.HOLDS,
        )
        for name in _BLOCKS
    ),
)


def _buckets(stack: StackView) -> Iterator[Violation]:
    for bucket in stack.of_type(*_ACL_TYPES):
        acl = bucket.get("acl")
        if isinstance(acl, Opaque):
            yield unproven(bucket, "acl", acl)
        elif isinstance(acl, str) and acl.lower() in _PUBLIC_ACLS:
            yield on(bucket, f"the access list {acl} opens it to everybody")
        grants = [*as_list(bucket.get("grants")), *as_list(bucket.get("accessControlPolicy", "grants"))]
        for grant in grants:
            uri = dig(grant, "uri") or dig(grant, "grantee", "uri")
            if isinstance(uri, str) and uri.endswith(_ANYBODY):
                yield on(bucket, f"a grant to {uri.rsplit('/', maxsplit=1)[-1]} opens it to everybody")
    yield from _blocks(stack)
    yield from broken(stack, _DEMANDS)


def _blocks(stack: StackView) -> Iterator[Violation]:
    blocks = tuple(stack.of_type(_BLOCK_TYPE))
    for block in (*blocks, *stack.of_type(_ACCOUNT_BLOCK)):
        values = {name: as_flag(block.get(name)) for name in _BLOCKS}
        for name, value in values.items():
            if isinstance(value, Opaque):
                yield unproven(block, name, value)
        off = [name for name, value in values.items() if not isinstance(value, Opaque) and value is not True]
        if off:
            yield on(block, f"not set: {', '.join(off)}")
    for bucket in stack.of_type("aws:s3/bucket:Bucket"):
        if not any(refers(block, "bucket", bucket) for block in blocks):
            yield on(bucket, "no BucketPublicAccessBlock belongs to it")


def _policies(stack: StackView) -> Iterator[Violation]:
    for token, name in _POLICIES:
        for resource in stack.of_type(token):
            yield from grants_to_everybody(stack, resource, name)


def grants_to_everybody(stack: StackView, resource: ResourceView, path: str) -> Iterator[Violation]:
    """Object to statements of a resource's policy that allow everybody without a narrowing condition."""
    found = statements(resource.get(*path.split(".")))
    if isinstance(found, Opaque):
        if not explained(stack, resource, path):
            yield unproven(resource, path, found)
        return
    for statement in found or ():
        if statement.allows and not statement.is_narrowed:
            if statement.is_for_everybody:
                said = ", ".join(statement.actions) or "everything but a few"
                yield on(resource, f"{path} allows everybody {said}")
            elif statement.not_principals:
                yield on(resource, f"{path} allows everybody but a few (NotPrincipal)")


RULES = (
    Rule(
        id="exposure-buckets",
        family=Family.EXPOSURE,
        sentence="No bucket of the clusters is public, and S3 buckets block public access wholly.",
        source="M§9, M§14.3",
        level=Level.MANDATORY,
        remedy="remove the public access list and give the bucket a BucketPublicAccessBlock with all four set",
        judge=_buckets,
    ),
    Rule(
        id="exposure-bucket-policies",
        family=Family.EXPOSURE,
        sentence="No bucket's policy allows everybody, unless a condition leaves only known callers.",
        source="M§9, M§14.3",
        level=Level.MANDATORY,
        remedy="name the principals, or the account, organisation or VPC endpoint that calls",
        judge=_policies,
    ),
)
