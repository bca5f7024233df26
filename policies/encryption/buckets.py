"""Buckets: encrypted with a key that rotates where the seeds ask for it, and never spoken to without TLS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalog.data_classes import DataClass
from catalog.tags import DATA_CLASS_TAG
from policies.demands import ON, Demand, broken, one_of
from policies.policy_documents import Statement, statements
from policies.relations import companions, explained, texts_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_list, dig
from policies.views import ResourceView, StackView, is_set

_BUCKET = "aws:s3/bucket:Bucket"
_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
_OSS = "alicloud:oss/bucket:Bucket"
_HTTPS = "alicloud:oss/bucketHttpsConfig:BucketHttpsConfig"
_OSS_POLICY = "alicloud:oss/bucketPolicy:BucketPolicy"
_OSS_ENCRYPTION = "alicloud:oss/bucketServerSideEncryption:BucketServerSideEncryption"
_KEYED = frozenset({"aws:kms", "aws:kms:dsse"})
_ALGORITHMS = _KEYED | {"AES256"}
_DEMANDS = (
    Demand(types=(_HTTPS,), path="enable", wanted=ON, because="plain HTTP is answered"),
    Demand(types=(_OSS_ENCRYPTION,), path="sseAlgorithm", wanted=one_of("KMS", "AES256", "SM4")),
)


def _wants_key(bucket: ResourceView) -> bool:
    """Whether the bucket holds personal data or the audit log, which lie under keys of ours (M§14.3)."""
    names = (bucket.name, bucket.get("bucket"))
    audit = any(isinstance(name, str) and "audit" in name for name in names)
    return audit or bucket.get("tags", DATA_CLASS_TAG) == DataClass.PERSONAL


def _at_rest(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    for bucket in stack.of_type(_BUCKET):
        inline = as_list(bucket.get("serverSideEncryptionConfiguration"))
        keyed = any(_algorithm(rule) in _KEYED for rule in _rules(inline))
        configured = tuple(companions(stack, bucket, "bucket", _ENCRYPTION))
        if not _wants_key(bucket) or keyed:
            continue
        if any(_is_keyed(configuration) for configuration in configured):
            continue
        for configuration in configured:
            yield on(configuration, f"{bucket.name} holds what must lie under a key of ours (aws:kms)")
        yield on(bucket, "is not encrypted under a key of ours (aws:kms), and holds what must be")
    for configuration in stack.of_type(_ENCRYPTION):
        algorithms = [_algorithm(rule) for rule in as_list(configuration.get("rules"))]
        if not algorithms:
            yield on(configuration, "says no algorithm")
        for algorithm in algorithms:
            if isinstance(algorithm, Opaque):
                yield unproven(configuration, "sseAlgorithm", algorithm)
            elif algorithm not in _ALGORITHMS:
                yield on(configuration, f"sseAlgorithm is {algorithm}")
    for bucket in stack.of_type(_OSS):
        has_rule = is_set(bucket.get("serverSideEncryptionRule"))
        if not has_rule and not any(companions(stack, bucket, "bucket", _OSS_ENCRYPTION)):
            yield on(bucket, "has no serverSideEncryptionRule")


def _is_keyed(configuration: ResourceView) -> bool:
    algorithms = [_algorithm(rule) for rule in as_list(configuration.get("rules"))]
    return any(isinstance(item, Opaque) or item in _KEYED for item in algorithms)


def _rules(blocks: Sequence[Value]) -> Iterator[Value]:
    for block in blocks:
        yield from as_list(dig(block, "rule") or dig(block, "rules"))


def _algorithm(rule: Value) -> Value:
    return dig(as_list(dig(rule, "applyServerSideEncryptionByDefault")), 0, "sseAlgorithm")


def _refuses_plain_http(statement: Statement) -> bool:
    refusals = (*statement.condition("securetransport"), *statement.condition("acs:securetransport"))
    return not statement.allows and "false" in refusals and statement.is_for_everybody


def _in_transit(stack: StackView) -> Iterator[Violation]:
    for bucket in stack.of_type(_BUCKET):
        policies = tuple(companions(stack, bucket, "bucket", _POLICY))
        if not policies:
            inline = statements(bucket.get("policy"))
            if isinstance(inline, Opaque) or any(_refuses_plain_http(item) for item in inline or ()):
                continue
            yield on(bucket, "no policy refuses plain HTTP (aws:SecureTransport)")
    for policy in stack.of_type(_POLICY):
        found = statements(policy.get("policy"))
        if isinstance(found, Opaque):
            if not explained(stack, policy, "policy"):
                yield unproven(policy, "that it refuses plain HTTP: policy", found)
        elif not any(_refuses_plain_http(item) for item in found or ()):
            yield on(policy, "does not refuse plain HTTP (aws:SecureTransport)")
    for config in stack.of_type(_HTTPS):
        versions = list(texts_of(config.get("tlsVersions")))
        old = [item for item in versions if item in {"TLSv1.0", "TLSv1.1"}]
        if old or not versions:
            yield on(config, f"takes {', '.join(str(item) for item in old) or 'every version of TLS'}")
    for bucket in stack.of_type(_OSS):
        if any(companions(stack, bucket, "bucket", _HTTPS)):
            continue
        found = [statements(bucket.get("policy"))]
        found += [statements(item.get("policy")) for item in companions(stack, bucket, "bucket", _OSS_POLICY)]
        if not any(
            isinstance(item, Opaque) or any(_refuses_plain_http(statement) for statement in item or ())
            for item in found
        ):
            yield on(bucket, "nothing refuses plain HTTP: neither a BucketHttpsConfig nor a policy")


RULES = (
    Rule(
        id="encryption-buckets",
        family=Family.ENCRYPTION,
        sentence="Buckets are encrypted; those of persons and of the audit log under keys of ours.",
        source="M§14.3: encrypted with key rotation",
        level=Level.MANDATORY,
        remedy="give the bucket an encryption configuration with aws:kms and the stack's key for the purpose",
        judge=_at_rest,
    ),
    Rule(
        id="encryption-buckets-in-transit",
        family=Family.ENCRYPTION,
        sentence="Buckets refuse plain HTTP.",
        source="M§14.3; AWS Foundational Security Best Practices S3.5",
        level=Level.MANDATORY,
        remedy="deny everything where aws:SecureTransport is false in the bucket's policy",
        judge=_in_transit,
    ),
)
