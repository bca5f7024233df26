"""Vault: a service reads its own path of its own environment, signs in as itself, and not for ever (M§5.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.environments import Environment
from catalog.services import Service
from policies.kubernetes_objects import structured
from policies.pods import pods
from policies.relations import explained, texts_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_int, as_map, dig
from policies.views import ResourceView, StackView

_SERVICES = frozenset(service.id for service in Service)
_ENVIRONMENTS = frozenset(str(environment) for environment in Environment)
_HCL_PATH = re.compile(r'path\s+"([^"]+)"\s*\{([^}]*)\}', re.DOTALL)
_QUOTED = re.compile(r'"([a-z]+)"')
_KV = re.compile(r"^secret/(?:data/|metadata/|delete/|undelete/|destroy/)?(.*)$")
_STRONG_POLICIES = frozenset({"root", "admin", "admins", "administrator", "superuser"})
_CHANGING = frozenset({"create", "update", "delete", "sudo", "patch"})


def vault_paths(document: Value) -> Iterator[tuple[str, frozenset[str]]]:
    """Give the paths of a policy with what they allow, from its language or from JSON."""
    inner = structured(document)
    if isinstance(inner, str):
        for found in _HCL_PATH.finditer(inner):
            yield found[1], frozenset(_QUOTED.findall(found[2]))
        return
    for path, rule in as_map(dig(inner, "path")).items():
        yield path, frozenset(str(item) for item in texts_of(dig(rule, "capabilities")))


def _policies(stack: StackView) -> Iterator[Violation]:
    for policy in stack.of_type("vault:index/policy:Policy"):
        document = policy.get("policy")
        if isinstance(document, Opaque):
            if not explained(stack, policy, "policy"):
                yield unproven(policy, "policy", document)
            continue
        for path, allowed in vault_paths(document):
            if (
                allowed
                and allowed != frozenset({"deny"})
                and (problem := _too_wide(stack, policy, path, allowed))
            ):
                yield on(policy, problem)


def _too_wide(stack: StackView, policy: ResourceView, path: str, allowed: frozenset[str]) -> str | None:
    if "sudo" in allowed:
        return f"sudo on {path} changes Vault itself"
    if path.lstrip("+/").startswith("*") or path in {"secret/*", "secret/data/*", "secret/metadata/*"}:
        return f"{path} opens every path"
    if path.startswith(("sys/", "auth/", "identity/")) and path.endswith("*") and allowed & _CHANGING:
        return f"{path} changes Vault itself"
    found = _KV.match(path)
    return _not_own(stack, policy, found[1], path) if found else None


def _not_own(stack: StackView, policy: ResourceView, below: str, path: str) -> str | None:
    parts = below.split("/")
    environment = str(stack.facts.environment)
    if parts[0] in {"*", "+", "smp*"}:
        return f"{path} opens every path"
    if parts[0] != "smp" or len(parts) < 2:
        return None
    if parts[1] != environment:
        return f"{path} is not of {environment}"
    service = parts[2] if len(parts) > 2 else "*"
    if environment != Environment.DEV and (not service or "*" in service or "+" in service):
        return f"{path} opens the secrets of every service"
    name = str(policy.get("name") or policy.name)
    if name in _SERVICES and service in _SERVICES and service != name:
        return f"{path} is of {service}, not of {name}"
    return None


def _roles(stack: StackView) -> Iterator[Violation]:
    for role in stack.of_type("vault:kubernetes/authBackendRole:AuthBackendRole"):
        for name in ("boundServiceAccountNames", "boundServiceAccountNamespaces"):
            values = [item for item in texts_of(role.get(name)) if isinstance(item, str)]
            if any("*" in item for item in values):
                yield on(role, f"{name} is {', '.join(values)}: anybody may sign in")
            if name.endswith("Names") and "default" in values:
                yield on(role, "the default account may sign in, and so every pod of its namespace")
    for role in stack.of_type("vault:jwt/authBackendRole:AuthBackendRole"):
        bound = (role.get("boundSubject"), role.get("boundClaims"), role.get("boundAudiences"))
        claims = as_map(role.get("boundClaims"))
        wide = claims and all(str(value).strip() == "*" for value in claims.values())
        if not any(bound[:2]) or wide:
            yield on(role, "whoever the identity provider knows may sign in: no subject or claim is bound")
    for role in stack.of_type("vault:appRole/authBackendRole:AuthBackendRole"):
        if role.get("bindSecretId") is False:
            yield on(role, "bindSecretId is off: the role's name alone signs in")
        if not as_int(role.get("secretIdTtl")) and not as_int(role.get("secretIdNumUses")):
            yield on(role, "a secret id of the role never ends")
    for resource in stack.resources:
        if resource.package == "vault":
            given = [*texts_of(resource.get("tokenPolicies")), *texts_of(resource.get("policies"))]
            strong = [item for item in given if isinstance(item, str) and item in _STRONG_POLICIES]
            if strong:
                yield on(resource, f"gives the policy {strong[0]}")


def _lasting(stack: StackView) -> Iterator[Violation]:
    for token in stack.of_type("vault:index/token:Token"):
        ends = (token.get("ttl"), token.get("explicitMaxTtl"), token.get("period"))
        if not any(ends):
            yield on(token, "has no ttl: it is as good for ever")
    for mount in stack.of_type("vault:index/mount:Mount"):
        kind = mount.get("type")
        version = dig(mount.get("options"), "version")
        if kind == "generic" or (kind == "kv" and str(version or "1") != "2"):
            yield on(
                mount, "is a KV store of version 1, which keeps no earlier value and no trace of deletion"
            )
    for role in stack.of_type("vault:database/secretBackendRole:SecretBackendRole"):
        for text in texts_of(role.get("creationStatements")):
            said = str(text).upper()
            if re.search(r"GRANT\s+ALL(?:\s+PRIVILEGES)?\s+ON\s+[*`\"]*\*", said) or "GRANT OPTION" in said:
                yield on(role, "its users may do everything in every database")
            if re.search(r'"ROLE"\s*:\s*"(?:ROOT|ATLASADMIN|DBADMINANYDATABASE)"', said):
                yield on(role, "its users administer every database")


def _pods(stack: StackView) -> Iterator[Violation]:
    environment = str(stack.facts.environment)
    for pod in pods(stack):
        notes = pod.annotations
        role = notes.get("vault.hashicorp.com/role")
        for key, value in notes.items():
            if not key.startswith("vault.hashicorp.com/agent-inject-secret") or not isinstance(value, str):
                continue
            found = re.match(r"secret/(?:data/)?smp/([\w-]+)/([\w-]+)", value)
            if not found:
                continue
            if found[1] in _ENVIRONMENTS and found[1] != environment:
                yield on(pod.owner.view, f"reads {value}, which is not of {environment}")
            elif isinstance(role, str) and role in _SERVICES and found[2] in _SERVICES and found[2] != role:
                yield on(pod.owner.view, f"{role} reads {value}, which is of {found[2]}")


RULES = (
    Rule(
        id="access-vault-policies",
        family=Family.ACCESS,
        sentence="A policy of Vault opens the path of one service in the stack's environment.",
        source="M§5.2",
        level=Level.MANDATORY,
        remedy="name secret/data/smp/<env>/<service>/* and what may be done there",
        judge=_policies,
    ),
    Rule(
        id="access-vault-roles",
        family=Family.ACCESS,
        sentence="A named account of a named namespace signs in to Vault, and nobody gets root.",
        source="M§5.2",
        level=Level.MANDATORY,
        remedy="bind the role to the service's account and namespace",
        judge=_roles,
        alone=True,
    ),
    Rule(
        id="access-vault-lasting",
        family=Family.ACCESS,
        sentence="Tokens of Vault end, secrets keep their history, and users it makes are narrow.",
        source="M§5.1: rotation; DESIGN 6: KV v2",
        level=Level.MANDATORY,
        remedy="set a ttl, version 2 of KV, and grant rights on one database",
        judge=_lasting,
        alone=True,
    ),
    Rule(
        id="access-vault-pods",
        family=Family.ACCESS,
        sentence="A pod reads the secrets of its own service and environment.",
        source="M§5.2",
        level=Level.MANDATORY,
        remedy="name secret/data/smp/<env>/<service> of the pod's own service",
        judge=_pods,
        alone=True,
    ),
)
