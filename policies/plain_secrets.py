"""No secret in plain text (M§5.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.kubernetes_objects import kubernetes_objects, structured
from policies.pods import pods
from policies.relations import texts_of
from policies.rules import Family, Level, Rule, Violation, on
from policies.secret_forms import assignments, decoded, is_literal, is_secret_name, known_forms
from policies.values import Value, as_list, as_map, walk
from policies.views import ResourceView, StackView

_NAME_KEYS = ("name", "key", "Name", "Key", "variable")
_VALUE_KEYS = ("value", "Value", "text", "defaultValue", "stringValue")
_NAMES_A_SECRET = frozenset(
    {"secretName", "secretRef", "existingSecret", "secretKeyRef", "remoteRef", "valueFrom"}
)
"""Beside one of these, ``password`` is the name of an entry, not what it holds."""
_PROGRAMS = frozenset({"content", "script", "code", "zipFile", "sourceCode", "functionCode", "body"})
_SCRIPTS = frozenset({"userData", "userDataBase64", "customData"})
_SKIPPED = frozenset(
    {"description", "comment", "csr", "publicKey", "certificatePem", "certificateBody", "tagsAll"}
)

_OPEN_STORES = {
    "vault:kv/secretV2:SecretV2": ("dataJson",),
    "vault:kv/secret:Secret": ("dataJson",),
    "vault:generic/secret:Secret": ("dataJson",),
    "aws:secretsmanager/secretVersion:SecretVersion": ("secretString", "secretBinary"),
    "alicloud:kms/secret:Secret": ("secretData",),
    "cloudflare:index/workersSecret:WorkersSecret": ("secretText",),
    "cloudflare:index/secretsStoreSecret:SecretsStoreSecret": ("value",),
    "github:index/actionsSecret:ActionsSecret": ("plaintextValue",),
}
"""Stores of secrets, and the property that must have its mark whatever it is named inside."""


def _plain(stack: StackView) -> Iterator[Violation]:
    for resource in stack.resources:
        found = dict.fromkeys(_in(resource.inputs, ""))
        if not resource.custom:  # the outputs of components and of the stack are what people read
            found |= dict.fromkeys(_in(resource.outputs, "outputs"))
        for problem in found:
            yield on(resource, problem)


def _in(value: Value, path: str, name: str = "", *, reference: bool = False) -> Iterator[str]:
    """Say what is plain, anywhere below a value; a name comes from a key or from a pair's ``name``."""
    if isinstance(value, Mapping):
        block = as_map(value)
        named = next((block[key] for key in _NAME_KEYS if isinstance(block.get(key), str)), None)
        inner_reference = reference or bool(_NAMES_A_SECRET & block.keys())
        for key, inner in block.items():
            if key in _SKIPPED:
                continue
            own = named if isinstance(named, str) and key in _VALUE_KEYS else key
            if key == "value" and own == key and is_secret_name(name):
                own = name  # a map of variables, each with its kind and value
            entry = inner_reference or key.endswith(("Ref", "SecretRef", "KeyRef", "ref"))
            yield from _in(inner, f"{path}.{key}" if path else key, own, reference=entry)
    elif isinstance(value, str):
        yield from _in_text(value, path, name, reference=reference)
    else:
        for place, inner in enumerate(as_list(value)):
            yield from _in(inner, f"{path}[{place}]", name, reference=reference)


def _in_text(value: str, path: str, name: str, *, reference: bool) -> Iterator[str]:
    leaf = path.rsplit(".", maxsplit=1)[-1]
    if leaf in _SCRIPTS:
        value = decoded(value) or value
    yield from (f"{path} holds {what}" for what in known_forms(value))
    if is_secret_name(name) and not reference and "\n" not in value.strip() and is_literal(value):
        yield f"{path} is plain text" if name == leaf else f"{path} ({name}) is plain text"
        return
    if len(value) < 8:
        return
    inner = structured(value) if leaf not in _PROGRAMS else value
    if not isinstance(inner, str):
        yield from _in(inner, path, name, reference=reference)
        return
    for assigned in assignments(value, program=leaf in _PROGRAMS):
        yield f"{path} sets {assigned} in plain text"


def _special(stack: StackView) -> Iterator[Violation]:
    for token, names in _OPEN_STORES.items():
        for resource in stack.of_type(token):
            for name in names:
                value = resource.get(name)
                if isinstance(value, str) and value.strip() and is_literal_document(value):
                    yield on(resource, f"{name} is plain text in the state of Pulumi")
    for parameter in stack.of_type("aws:ssm/parameter:Parameter"):
        name, value = str(parameter.get("name") or parameter.name), parameter.get("value")
        secret = parameter.get("type") == "SecureString" or is_secret_name(name.replace("/", "-"))
        if secret and isinstance(value, str) and is_literal(value):
            yield on(parameter, "value is plain text in the state of Pulumi")
    for script in stack.of_type(
        "cloudflare:index/workersScript:WorkersScript", "cloudflare:index/workerVersion:WorkerVersion"
    ):
        yield from _bindings(script)
    yield from _kubernetes(stack)


def _kubernetes(stack: StackView) -> Iterator[Violation]:
    for item in kubernetes_objects(stack, "Secret"):
        if item.group != "core":
            continue
        for block in ("data", "stringData"):
            for name, value in as_map(item.body.get(block)).items():
                if isinstance(value, str) and value and not _is_public(value):
                    yield on(item.view, f"{block}.{name} is plain text in the state of Pulumi")
    for pod in pods(stack):
        for container in pod.containers:
            words = [*texts_of(container.body.get("command")), *texts_of(container.body.get("args"))]
            line = " ".join(word for word in words if isinstance(word, str))
            for what in dict.fromkeys((*known_forms(line), *assignments(line, program=False))):
                yield on(pod.owner.view, f"the command of container {container.name} holds {what}")


def _bindings(script: ResourceView) -> Iterator[Violation]:
    bindings = [*as_list(script.get("bindings")), *as_list(script.get("secretTextBindings"))]
    sealed = {id(item) for item in as_list(script.get("secretTextBindings"))}
    for item in bindings:
        binding = as_map(item)
        text = binding.get("text")
        if (binding.get("type") == "secret_text" or id(item) in sealed) and isinstance(text, str) and text:
            yield on(script, f"the binding {binding.get('name')} is a secret, and its text is plain")


def is_literal_document(value: str) -> bool:
    """Whether a document of secrets, or a lone one, holds anything but references."""
    inner = structured(value)
    if isinstance(inner, str):
        return is_literal(inner)
    return any(isinstance(leaf, str) and is_literal(leaf) for _, leaf in walk(inner))


def _is_public(value: str) -> bool:
    """Whether it is a certificate, an address of a secret or a template, none of which opens anything."""
    text = decoded(value) or value
    if "BEGIN CERTIFICATE" in text and "PRIVATE KEY" not in text:
        return True
    if text.strip().startswith("-----BEGIN"):
        return "PRIVATE KEY" not in text
    return len(text.strip()) > 2 and not is_literal(text)


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
        id="secrets-stores",
        family=Family.SECRETS,
        sentence="What is put into a store of secrets, a secret binding or a command has its mark.",
        source="M§5.1, M§5.4",
        level=Level.MANDATORY,
        remedy="pass it as a Pulumi secret, or write it to Vault by hand; let a command read it from a file",
        judge=_special,
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
