"""What policies of AWS and Alibaba Cloud allow, and to whom of other accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.clusters import Cluster
from policies.policy_documents import Statement, statements
from policies.relations import explained, texts_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_list, dig
from policies.views import ResourceView, StackView, account_of

_IDENTITY = (
    ("aws:iam/policy:Policy", "policy"),
    ("aws:iam/rolePolicy:RolePolicy", "policy"),
    ("aws:iam/userPolicy:UserPolicy", "policy"),
    ("aws:iam/groupPolicy:GroupPolicy", "policy"),
    ("aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", "inlinePolicy"),
    ("alicloud:ram/policy:Policy", "policyDocument"),
    ("alicloud:ram/policy:Policy", "document"),
)
_ATTACHMENTS = (
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "policyArn"),
    ("aws:iam/userPolicyAttachment:UserPolicyAttachment", "policyArn"),
    ("aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "policyArn"),
    ("aws:iam/policyAttachment:PolicyAttachment", "policyArn"),
    ("aws:iam/role:Role", "managedPolicyArns"),
    ("aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment", "managedPolicyArn"),
    ("alicloud:ram/rolePolicyAttachment:RolePolicyAttachment", "policyName"),
    ("alicloud:ram/userPolicyAttachment:UserPolicyAttachment", "policyName"),
    ("alicloud:ram/groupPolicyAttachment:GroupPolicyAttachment", "policyName"),
)
_TOO_MUCH = re.compile(
    r"(?:^|/)(?:AdministratorAccess\S*|PowerUserAccess|SystemAdministrator|\w*FullAccess)$"
)
_TO_OTHERS = re.compile(
    r"^(?:iam:(?:\*|Create(?:AccessKey|PolicyVersion|LoginProfile)|Attach(?:Role|User|Group)Policy"
    r"|Put(?:Role|User|Group)Policy|UpdateAssumeRolePolicy|SetDefaultPolicyVersion|UpdateLoginProfile)"
    r"|sts:AssumeRole|ram:\*|ram:AttachPolicyTo\w+|ram:CreateAccessKey)$",
    re.IGNORECASE,
)
"""Whoever may do this to anybody may do everything."""
_DATA = re.compile(
    r"^(?:s3:(?:\*|Get\*|GetObject\*?|PutObject\*?|DeleteObject\*?)|secretsmanager:(?:\*|Get\*|GetSecretValue)"
    r"|ssm:(?:Get\*|GetParameters?\*?)|kms:(?:\*|Decrypt)|dynamodb:(?:\*|GetItem|Scan|Query)|rds-db:connect"
    r"|oss:(?:\*|GetObject|PutObject)|kms:GetSecretValue)$",
    re.IGNORECASE,
)
"""Reading data or secrets; never of everything."""


def _identity_documents(stack: StackView) -> Iterator[tuple[ResourceView, str, Value]]:
    for token, name in _IDENTITY:
        for resource in stack.of_type(token):
            if resource.get(name) is not None:
                yield resource, name, resource.get(name)
    for role in stack.of_type("aws:iam/role:Role"):
        for place, block in enumerate(as_list(role.get("inlinePolicies"))):
            yield role, f"inlinePolicies[{place}].policy", dig(block, "policy")


def _allowed(stack: StackView) -> Iterator[Violation]:
    for resource, path, document in _identity_documents(stack):
        found = statements(document)
        if isinstance(found, Opaque):
            if not explained(stack, resource, path):
                yield unproven(resource, path, found)
            continue
        for statement in found or ():
            if statement.allows and (problem := _too_much(statement)):
                yield on(resource, f"{path} {problem}")
    for token, name in _ATTACHMENTS:
        for resource in stack.of_type(token):
            for value in texts_of(resource.get(name)):
                if isinstance(value, str) and _TOO_MUCH.search(value):
                    yield on(resource, f"{name} {value.rsplit('/', maxsplit=1)[-1]} allows nearly everything")


def _too_much(statement: Statement) -> str | None:
    if statement.not_actions:
        return f"allows everything but {', '.join(statement.not_actions)}"
    if statement.is_everything:
        return "allows every action"
    if _is_limited(statement) or not _is_about_everything(statement):
        return None
    return next((said for action in statement.actions if (said := _too_strong(action))), None)


def _too_strong(action: str) -> str | None:
    if action.lower() == "iam:passrole":
        return "may pass any role to a service, and so become it"
    if _TO_OTHERS.match(action):
        return f"allows {action} on everything: whoever may, may everything"
    if re.fullmatch(r"[\w-]+:\*", action) or _DATA.match(action):
        return f"allows {action} on everything"
    return None


def _is_about_everything(statement: Statement) -> bool:
    wide = re.compile(
        r"^arn:aws:s3:::\*|^acs:oss:\*:\*:\*$|:dbuser:\*(?:/\*)?$|^arn:aws:iam::\d*:(?:role|user)/\*$"
    )
    return (
        statement.is_everywhere
        or bool(statement.not_resources)
        or any(wide.search(item) for item in statement.resources)
    )


def _is_limited(statement: Statement) -> bool:
    """Whether a condition narrows what a statement is about."""
    return any(
        statement.condition(key)
        for key in (
            "passedtoservice",
            "resourceaccount",
            "viaservice",
            "resourceorgid",
            "associatedresourcearn",
        )
    ) or any("tag/" in key.lower() for block in statement.conditions.values() for key in _keys(block))


def _keys(block: Value) -> Iterator[str]:
    if isinstance(block, dict):
        yield from (str(key) for key in block)


_RESOURCE_POLICIES = (
    ("aws:kms/key:Key", "policy"),
    ("aws:kms/keyPolicy:KeyPolicy", "policy"),
    ("aws:s3/bucketPolicy:BucketPolicy", "policy"),
    ("aws:s3/bucket:Bucket", "policy"),
    ("aws:secretsmanager/secretPolicy:SecretPolicy", "policy"),
    ("aws:secretsmanager/secret:Secret", "policy"),
    ("aws:sns/topicPolicy:TopicPolicy", "policy"),
    ("aws:sqs/queuePolicy:QueuePolicy", "policy"),
    ("aws:sns/topic:Topic", "policy"),
    ("aws:sqs/queue:Queue", "policy"),
    ("aws:ecr/repositoryPolicy:RepositoryPolicy", "policy"),
    ("aws:backup/vaultPolicy:VaultPolicy", "policy"),
    ("aws:opensearch/domain:Domain", "accessPolicies"),
    ("aws:efs/fileSystemPolicy:FileSystemPolicy", "policy"),
    ("aws:dynamodb/resourcePolicy:ResourcePolicy", "policy"),
    ("alicloud:oss/bucketPolicy:BucketPolicy", "policy"),
    ("alicloud:oss/bucket:Bucket", "policy"),
    ("alicloud:kms/key:Key", "policy"),
)
_LOG_DELIVERY = frozenset({"114774131450", "127311923021", "797873946194", "783225319266"})
"""Accounts of AWS by which load balancers write access logs, in our two regions and two near ones."""
_WRITES_ONLY = re.compile(
    r"^(?:s3:(?:PutObject\w*|AbortMultipartUpload|ListMultipartUploadParts)|kms:(?:Encrypt|GenerateDataKey\*?|DescribeKey))$",
    re.IGNORECASE,
)
"""What the writers of the audit archive may do there (docs/decisions/0019)."""


def foreign_accounts(statement: Statement, own: str | None) -> set[str]:
    """Give the accounts other than ours that a statement's principals, or its conditions, name."""
    return set() if own is None else named_accounts(statement) - {own}


def named_accounts(statement: Statement) -> set[str]:
    """Give the accounts a statement's principals, or its conditions, name; those of AWS's log delivery left out."""
    named = {
        found[1]
        for kind, name in statement.principals
        if kind in {"AWS", "RAM", "*"} and (found := re.search(r"(?<!\d)(\d{12}|\d{16})(?!\d)", name))
    }
    if statement.is_for_everybody:
        for key in ("calleraccount", "principalaccount"):
            named.update(statement.condition(key))
    return {account for account in named if account.isdigit()} - _LOG_DELIVERY


def own_account(resource: ResourceView) -> str | None:
    """Give the account a resource is made in; ``None`` where its provider does not say."""
    found = account_of(resource.package, resource.provider.inputs if resource.provider else None)
    return str(found) if isinstance(found, str | int) else None


def _several(resource: ResourceView, path: str, allowing: list[Statement]) -> Iterator[Violation]:
    """Object to a policy for two accounts where the own is not known: one of them is another's."""
    named = set[str]().union(*(named_accounts(item) for item in allowing))
    if len(named) > 1:
        yield on(
            resource, f"{path} lets {len(named)} accounts in, {', '.join(sorted(named)[:3])}; one is ours"
        )


def _foreign(stack: StackView) -> Iterator[Violation]:
    for token, path in _RESOURCE_POLICIES:
        for resource in stack.of_type(token):
            read = statements(resource.get(path))
            found = [item for item in read if item.allows] if isinstance(read, tuple) else []
            own = own_account(resource)
            if own is None and stack.facts.cluster is not Cluster.GLOBAL:
                yield from _several(resource, path, found)
            for statement in found:
                others = foreign_accounts(statement, own)
                writes = all(_WRITES_ONLY.match(action) for action in statement.actions)
                if others and not (stack.facts.cluster is Cluster.GLOBAL and writes):
                    yield on(resource, f"{path} lets account {', '.join(sorted(others))} in")


RULES = (
    Rule(
        id="access-policies",
        family=Family.ACCESS,
        sentence="No policy allows every action, or data, secrets and roles of everybody.",
        source="M§9; CIS AWS Foundations 1",
        level=Level.MANDATORY,
        remedy="name the actions and the resources",
        judge=_allowed,
    ),
    Rule(
        id="access-accounts",
        family=Family.ACCESS,
        sentence="No other account reaches keys, secrets, buckets or queues; the audit archive's writers only write.",
        source="M§9, M§14.3; docs/decisions/0019",
        level=Level.MANDATORY,
        remedy="remove the other account from the policy",
        judge=_foreign,
        alone=True,
    ),
)
