"""No secret in plain text (M§5.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.rules import Family, Level, Rule, Violation, on
from policies.values import Value, as_list, as_map, dig, walk
from policies.views import ResourceView, StackView

_SECRET_PROPERTIES = frozenset(
    {
        "accountPassword",
        "adminPassword",
        "apiKey",
        "apiToken",
        "authToken",
        "clientSecret",
        "masterPassword",
        "masterUserPassword",
        "password",
        "privateKey",
        "secretAccessKey",
        "secretKey",
        "secretString",
        "token",
    }
)
_SECRET_NAME = re.compile(
    r"(?:^|[_.-])(?:PASSWORD|PASSWD|PWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?)$",
    re.IGNORECASE,
)
"""The end of a name says what it holds: ``REDIS_PASSWORD`` is one, ``TOKEN_TTL`` and ``PASSWORD_FILE`` are not."""

_KNOWN_FORMS = (
    (re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"), "an AWS access key"),
    (re.compile(r"\bLTAI[A-Za-z0-9]{12,24}\b"), "an Alibaba Cloud access key"),
    (re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"), "a GitHub token"),
    (re.compile(r"\bhv[sb]\.[A-Za-z0-9_-]{24,}"), "a Vault token"),
    (
        re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@${}<>]+:(?![${<*])[^/\s@]{4,}@"),
        "a password in a connection URL",
    ),
)
_REFERENCE = re.compile(r"^(?:/|\./|arn:|vault:|secret/|file:|\$|\{\{|<|https?://[^@]*$|ref\+|kms://)")
"""Where the secret is, not what it is."""


def _is_literal(value: Value) -> bool:
    # Without a letter or digit it is punctuation, such as the delimiters that a log index calls its token.
    return (
        isinstance(value, str)
        and re.search(r"\w", value) is not None
        and _REFERENCE.match(value.strip()) is None
    )


def _properties(resource: ResourceView) -> Iterator[Violation]:
    for path, value in walk(resource.inputs):
        leaf = re.split(r"[.\[]", path)[-1] if not path.endswith("]") else ""
        if leaf in _SECRET_PROPERTIES and resource.package != "kubernetes" and _is_literal(value):
            yield on(resource, f"{path} is plain text")
        if isinstance(value, str):
            for pattern, what in _KNOWN_FORMS:
                if pattern.search(value):
                    yield on(resource, f"{path} holds {what}")


def _environment(resource: ResourceView) -> Iterator[Violation]:
    for spec in _pod_specs(resource):
        for kind in ("containers", "initContainers"):
            for container in as_list(dig(spec, kind)):
                for entry in as_list(dig(container, "env")):
                    name = dig(entry, "name")
                    if (
                        isinstance(name, str)
                        and _SECRET_NAME.search(name)
                        and _is_literal(dig(entry, "value"))
                    ):
                        yield on(resource, f"container {dig(container, 'name')}: {name} is plain text")
    if resource.type == "kubernetes:core/v1:ConfigMap":
        for name, value in as_map(resource.get("data")).items():
            if _SECRET_NAME.search(name) and _is_literal(value):
                yield on(resource, f"data.{name} is plain text, and a ConfigMap keeps no secrets")
    if resource.type == "kubernetes:core/v1:Secret":
        for block in ("data", "stringData"):
            for name, value in as_map(resource.get(block)).items():
                if isinstance(value, str) and value:
                    yield on(resource, f"{block}.{name} is plain text in the state of Pulumi")


def _pod_specs(resource: ResourceView) -> Iterator[Value]:
    if resource.package == "kubernetes":
        yield resource.get("spec")
        yield resource.get("spec", "template", "spec")
        yield resource.get("spec", "jobTemplate", "spec", "template", "spec")


def _plain(stack: StackView) -> Iterator[Violation]:
    for resource in stack.resources:
        yield from _properties(resource)
        yield from _environment(resource)


def _escaped(stack: StackView) -> Iterator[Violation]:
    if not stack.known_secrets:
        return
    for resource in stack.resources:
        for block, properties in (("inputs", resource.inputs), ("outputs", resource.outputs)):
            for path, value in walk(properties):
                if isinstance(value, str) and any(secret in value for secret in stack.known_secrets):
                    yield on(resource, f"{block}.{path} holds a secret of the configuration without its mark")


RULES = (
    Rule(
        id="secrets-plain-text",
        family=Family.SECRETS,
        sentence="No password, token or private key stands in a property in plain text.",
        source="M§5.4",
        level=Level.MANDATORY,
        remedy="take it from secret configuration or from Vault; a Pulumi secret stays encrypted in the state",
        judge=_plain,
        alone=True,
    ),
    Rule(
        id="secrets-keep-their-mark",
        family=Family.SECRETS,
        sentence="A secret of the configuration stays marked as one, whatever is computed from it.",
        source="M§5.4",
        level=Level.MANDATORY,
        remedy="compute with Output.apply on the secret itself, and never unwrap it with a known value",
        judge=_escaped,
        alone=True,
    ),
)
