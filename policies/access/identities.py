"""Who may become a role, and which identities live for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.access.accounts import foreign_accounts, own_account
from policies.demands import ON, Demand, broken
from policies.policy_documents import Statement, statements
from policies.relations import explained
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_list, dig
from policies.views import StackView

_TRUSTS = (
    ("aws:iam/role:Role", "assumeRolePolicy"),
    ("alicloud:ram/role:Role", "assumeRolePolicyDocument"),
    ("alicloud:ram/role:Role", "document"),
)
_ANY_SUBJECT = re.compile(
    r"^(?:\*|repo:\*.*|repo:[^/:]+/\*.*|system:serviceaccount:\*.*|system:serviceaccount:[^:]*:\*|project_path:\*.*|organization:\*.*)$"
)


def _trust(stack: StackView) -> Iterator[Violation]:
    for token, path in _TRUSTS:
        for role in stack.of_type(token):
            if role.get(path) is None:
                continue
            found = statements(role.get(path))
            if isinstance(found, Opaque):
                if not explained(stack, role, path):
                    yield unproven(role, path, found)
                continue
            for statement in found or ():
                if statement.allows and (problem := _too_open(statement, own_account(role))):
                    yield on(role, f"{path}: {problem}")


def _too_open(statement: Statement, own: str | None) -> str | None:
    if statement.not_principals:
        return "everybody but a few may become the role (NotPrincipal)"
    if statement.is_for_everybody and not statement.is_narrowed:
        return "everybody may become the role"
    others = foreign_accounts(statement, own)
    if others and not statement.condition("externalid") and not statement.condition("principalorgid"):
        return f"account {', '.join(sorted(others))} may become the role"
    return _any_subject(statement) if any(kind == "Federated" for kind, _ in statement.principals) else None


def _any_subject(statement: Statement) -> str | None:
    if any("saml-provider" in name for _, name in statement.principals):
        return None  # the directory says who they are
    subjects = statement.condition(":sub")
    if not subjects:
        return "whoever the identity provider knows may become the role: no condition on the subject"
    wide = next((subject for subject in subjects if _ANY_SUBJECT.match(subject)), None)
    return f"the subject {wide} is nobody in particular" if wide else None


_FOR_EVER = {
    "aws:iam/user:User": "is a user of its own, whom no directory removes; take a role",
    "aws:iam/accessKey:AccessKey": "is a key that lives for ever; take a role",
    "aws:iam/userLoginProfile:UserLoginProfile": "signs in with a password of the account, without MFA",
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential": "is a password that lives for ever",
    "aws:lightsail/keyPair:KeyPair": "is a key that lives for ever",
    "alicloud:ram/accessKey:AccessKey": "is a key that lives for ever; take a role",
}
_MFA = (
    Demand(
        types=("alicloud:ram/loginProfile:LoginProfile",),
        path="mfaBindRequired",
        wanted=ON,
        because="a password alone signs in",
    ),
    Demand(
        types=("alicloud:ram/securityPreference:SecurityPreference",),
        path="enforceMfaForLogin",
        wanted=ON,
        because="a password alone signs in",
    ),
)


def _lasting(stack: StackView) -> Iterator[Violation]:
    for token, problem in _FOR_EVER.items():
        for identity in stack.of_type(token):
            yield on(identity, problem)
    yield from broken(stack, _MFA)


def _tokens(stack: StackView) -> Iterator[Violation]:
    for token in stack.of_type(
        "cloudflare:index/apiToken:ApiToken", "cloudflare:index/accountToken:AccountToken"
    ):
        if token.get("expiresOn") is None:
            yield on(token, "never ends: expiresOn is not set")
        for policy in as_list(token.get("policies")):
            resources = dig(policy, "resources")
            text = resources if isinstance(resources, str) else str(resources)
            compact = "".join(text.split()).replace("'", '"')
            if re.search(r'com\.cloudflare\.api\.account(?:\.zone)?\.\*":"\*"', compact):
                yield on(token, "may act on every account or zone")
    for token in stack.of_type("cloudflare:index/zeroTrustAccessServiceToken:ZeroTrustAccessServiceToken"):
        if str(token.get("duration")).lower() == "forever":
            yield on(token, "never ends")
    for policy in stack.of_type(
        "cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy",
        "cloudflare:index/zeroTrustAccessGroup:ZeroTrustAccessGroup",
    ):
        decision = str(policy.get("decision") or "allow")
        includes = [*as_list(policy.get("includes")), *as_list(policy.get("include"))]
        everybody = any(dig(item, "everyone") is not None for item in includes)
        if everybody and decision != "deny":
            yield on(policy, f"everybody passes ({decision})")
        elif decision == "bypass" and not any(dig(item, "ip") is not None for item in includes):
            yield on(policy, "bypass lets callers pass without saying who they are")


RULES = (
    Rule(
        id="access-trust",
        family=Family.ACCESS,
        sentence="A role says exactly who may become it.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="name the service, the role or the subject; other accounts need an external id",
        judge=_trust,
    ),
    Rule(
        id="access-lasting",
        family=Family.ACCESS,
        sentence="Nobody has a key or a password of an account; people sign in with a second factor.",
        source="M§9: MFA required",
        level=Level.MANDATORY,
        remedy="use roles, OIDC or the directory; demand MFA",
        judge=_lasting,
        alone=True,
    ),
    Rule(
        id="access-edge",
        family=Family.ACCESS,
        sentence="Tokens of Cloudflare end and are narrow, and nobody passes Access unknown.",
        source="M§5.1: annual; M§9",
        level=Level.MANDATORY,
        remedy="set expiresOn within a year, name the zone, and name who may pass",
        judge=_tokens,
        alone=True,
    ),
)
