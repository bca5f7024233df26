"""People: engineers do not administer production, and reach it through a recorded session only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from catalog.environments import Environment
from policies.access.accounts import own_account
from policies.demands import OFF, Absent, Demand, Where, broken
from policies.kubernetes_objects import structured
from policies.relations import texts_of
from policies.rules import Family, Level, Rule, Violation, on
from policies.values import as_int, dig
from policies.views import StackView

MANY_PEOPLE = re.compile(
    r"(?:^|[^a-z])(developers?|engineers?|engineering|eng|backend|frontend|devs?|qa|qc|testers?|support|finance|everyone"
    r"|everybody|all-users|all-staff|staff|employees|contractors?|partners?|analysts?|ops-managers?|bas?|pms?|interns?)"
    r"(?:$|[^a-z])",
    re.IGNORECASE,
)
"""Names of groups that hold more people than the few who operate a cluster."""
_STRONG = ("AmazonEKSClusterAdminPolicy", "AmazonEKSAdminPolicy", "AmazonEKSEditPolicy")
_IDLE_MINUTES = 30
"""After which a session on the bastion ends (M§9)."""

_DEMANDS = (
    Demand(
        types=("aws:eks/cluster:Cluster",),
        path="accessConfig.bootstrapClusterCreatorAdminPermissions",
        wanted=OFF,
        because="whoever made the cluster stays its hidden administrator",
    ),
    Demand(
        types=("aws:ecs/service:Service",),
        path="enableExecuteCommand",
        wanted=OFF,
        absent=Absent.HOLDS,
        where=Where.PRODUCTION,
        because="people could enter its containers",
    ),
)


def _clusters(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    for entry in stack.of_type("aws:eks/accessEntry:AccessEntry"):
        if "system:masters" in list(texts_of(entry.get("kubernetesGroups"))):
            yield on(entry, "maps to system:masters, which no rule of the cluster limits")
    for entry in stack.of_type(
        "aws:eks/accessEntry:AccessEntry", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
    ):
        principal, own = entry.get("principalArn"), own_account(entry)
        if not isinstance(principal, str):
            continue
        found = re.match(r"arn:[\w-]+:iam::(\d{12}):(.*)", principal)
        if found and own and found[1] != own:
            yield on(entry, f"lets a principal of account {found[1]} in")
        who = found[2] if found else principal
        policy = str(entry.get("policyArn")).rsplit("/", maxsplit=1)[-1]
        many = MANY_PEOPLE.search(who.removeprefix("role/").removeprefix("user/"))
        if stack.facts.environment is Environment.DEV or policy not in _STRONG:
            continue
        if many:
            yield on(entry, f"{many[1]} get {policy}")
        elif who == "root":
            yield on(entry, f"everybody of the account gets {policy}")


def _sessions(stack: StackView) -> Iterator[Violation]:
    for document in stack.of_type("aws:ssm/document:Document"):
        if document.get("documentType") != "Session":
            continue
        content = document.get("content")
        inputs = dig(structured(content) if isinstance(content, str) else content, "inputs")
        idle = as_int(dig(inputs, "idleSessionTimeout"))
        if idle is None or idle > _IDLE_MINUTES:
            yield on(
                document, f"idleSessionTimeout is {idle or 'absent'}, not {_IDLE_MINUTES} minutes or less"
            )
        if not (dig(inputs, "s3BucketName") or dig(inputs, "cloudWatchLogGroupName")):
            yield on(document, "sessions are not recorded: neither a bucket nor a log group is named")
    for application in stack.of_type(
        "cloudflare:index/zeroTrustAccessApplication:ZeroTrustAccessApplication"
    ):
        text = json.dumps([str(application.get("domain")), str(application.get("name"))])
        minutes = _minutes(application.get("sessionDuration"))
        if "bastion" in text and minutes is not None and minutes > 24 * 60:
            yield on(application, f"a session lasts {application.get('sessionDuration')}")


def _minutes(value: object) -> float | None:
    found = re.fullmatch(r"(\d+)(m|h)", str(value))
    return int(found[1]) * {"m": 1, "h": 60}[found[2]] if found else None


RULES = (
    Rule(
        id="access-clusters",
        family=Family.ACCESS,
        sentence="Few administer a cluster: no group of many people, no other account, nobody unseen.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="give the role of DevOps an access entry, and engineers a view of one namespace",
        judge=_clusters,
        alone=True,
    ),
    Rule(
        id="access-sessions",
        family=Family.ACCESS,
        sentence="Sessions on production are recorded and end after 30 idle minutes.",
        source="M§9: bastion access",
        level=Level.MANDATORY,
        remedy="name the bucket or log group, and set idleSessionTimeout to 30",
        judge=_sessions,
        alone=True,
    ),
)
