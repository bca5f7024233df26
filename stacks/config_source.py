"""From Pulumi's configuration to ``StackConfig``: finds every mistake of a file before anything is made."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from catalog.audit_batches import reach_archive
from catalog.clusters import Cluster
from catalog.deploy_secrets import (
    GENERATE,
    SecretFacts,
    required_secrets,
)
from catalog.placeholders import placeholder_in
from catalog.places import Cloud
from catalog.stack_facts import Stack
from stacks.config import StackConfig
from stacks.config_file import Mistake, file_mistakes
from stacks.config_types import Reading

NAMESPACE = "smp"
"""The project's name, which is the namespace of its configuration keys."""

REHEARSAL_VARIABLE = "PULUMI_STAND_IN_CLOUD"
"""Set in the environment of a program that runs against the stand-in cloud (``rehearsal``)."""

_DEFAULT_PROVIDERS_OFF = "pulumi:disable-default-providers"


class ConfigurationError(Exception):
    """A stack's configuration cannot be used; the text lists every mistake."""

    def __init__(self, stack: str, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        lines = "".join(f"\n  {mistake.path}: {mistake.message}" for mistake in self.mistakes)
        count = f"{len(self.mistakes)} mistake{'s' if len(self.mistakes) > 1 else ''}"
        super().__init__(f"Pulumi.{stack}.yaml: {count}{lines}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A stack, its configuration, and its secrets."""

    stack: Stack
    config: StackConfig
    secrets: Mapping[str, pulumi.Output[str]]
    """By key of ``catalog.deploy_secrets``; secret outputs."""


def load_settings() -> Settings:
    """Read the configuration Pulumi runs the program with.

    Raises:
        ConfigurationError: the stack is not one of the six, or its configuration has mistakes.

    """
    name = pulumi.get_stack()
    try:
        stack = Stack.named(name)
    except KeyError as error:
        raise ConfigurationError(name, [Mistake(path="stack", message=str(error.args[0]))]) from error
    values = cast("Mapping[str, str]", CONFIG.get())
    own = {
        key.removeprefix(f"{NAMESPACE}:"): value
        for key, value in values.items()
        if key.startswith(f"{NAMESPACE}:")
    }
    mistakes = [
        *file_mistakes(Path(pulumi.get_root_directory()) / f"Pulumi.{name}.yaml"),
        *_foreign_keys(values),
        *_secret_mistakes(stack, values),
    ]
    secret_keys = {secret.key for secret in required_secrets(stack)}
    plain = {key: value for key, value in own.items() if key not in secret_keys}
    if not is_rehearsal():
        mistakes += placeholder_mistakes(plain)
    try:
        config = read_config(stack, plain)
    except ConfigurationError as error:
        raise ConfigurationError(name, [*error.mistakes, *mistakes]) from error
    if mistakes:
        raise ConfigurationError(name, mistakes)
    reader = pulumi.Config(NAMESPACE)
    return Settings(
        stack=stack, config=config, secrets={key: reader.require_secret(key) for key in sorted(secret_keys)}
    )


def read_config(stack: Stack, values: Mapping[str, str]) -> StackConfig:
    """Validate the ``smp:`` keys of a stack, each value as Pulumi hands it over: text, or JSON in text.

    Raises:
        ConfigurationError: with every mistake, in the order of the model.

    """
    document = {key: _decoded(key, value) for key, value in values.items()}
    mistakes = list(_section_mistakes(stack, document))
    try:
        config = StackConfig.model_validate_json(
            json.dumps(document), context=Reading(stack=stack, document=document)
        )
    except ValidationError as error:
        mistakes = [*(_mistake(details) for details in _real(error.errors())), *mistakes]
        raise ConfigurationError(stack.facts.name, mistakes) from error
    if mistakes:
        raise ConfigurationError(stack.facts.name, mistakes)
    return config


def is_rehearsal() -> bool:
    """Whether the program runs against the stand-in for all clouds, or is only planned: nothing real comes of it."""
    return bool(os.environ.get(REHEARSAL_VARIABLE))


def placeholder_mistakes(values: Mapping[str, str]) -> Iterator[Mistake]:
    """Yield what stands for something real in the ``smp:`` keys of a stack: nothing may be deployed with it."""
    for key, value in values.items():
        for path, text in _texts(_decoded(key, value), key):
            found = placeholder_in(text)
            if found is not None:
                yield _at(
                    path,
                    f"{_short(found)} is a placeholder; write your own before you deploy (README, step 4)",
                )


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Give every text at any depth with its path; a key of a mapping is a text as well."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in cast("Mapping[str, object]", value).items():
            yield from _texts(item, f"{path}.{key}")
    elif isinstance(value, list):
        for place, item in enumerate(cast("list[object]", value)):
            yield from _texts(item, f"{path}[{place}]")


def _decoded(key: str, value: str) -> object:
    field = _FIELDS.get(key)
    if field is not None and str in (field.annotation, *get_args(field.annotation)):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


_FIELDS = {field.alias or name: field for name, field in StackConfig.model_fields.items()}


def _section_mistakes(stack: Stack, document: Mapping[str, object]) -> Iterator[Mistake]:
    """Check which sections a stack must and must not have."""
    cluster = stack.facts.cluster
    product = {"objects", "mysql", "redis", "mongodb", "search"}
    if cluster is Cluster.GLOBAL:
        for section in sorted(product & document.keys()):
            yield _at(
                section, "the control plane holds no personal data and no such store; remove the section"
            )
        needed = {"archive", "cloudflare"}
    else:
        needed = product | ({"imageMirror", "billing"} if cluster.cloud is Cloud.ALIBABA else {"cloudflare"})
        if "archive" in document:
            yield _at("archive", "only the control plane keeps the archive; remove the section")
    if reach_archive(cluster, stack.facts.environment):
        needed = needed | {"auditBatches"}
    elif "auditBatches" in document:
        yield _at(
            "auditBatches",
            "nothing of this stack goes to the archive (docs/decisions/0019); remove the section",
        )
    if cluster is Cluster.CHINA and "cloudflare" in document:
        yield _at("cloudflare", "nothing of the Beijing cluster is on Cloudflare; remove the section")
    if cluster.cloud is not Cloud.ALIBABA and "billing" in document:
        yield _at("billing", "AWS is paid on demand here; remove the key")
    for section in sorted(needed - document.keys()):
        yield _at(section, f"is missing; {stack.facts.name} needs it, see another stack's file for its form")


def _at(key: str, message: str) -> Mistake:
    return Mistake(path=f"{NAMESPACE}:{key}", message=message)


def _foreign_keys(values: Mapping[str, str]) -> Iterator[Mistake]:
    for key in sorted(values):
        namespace = key.split(":", maxsplit=1)[0]
        if namespace not in {NAMESPACE, "pulumi"}:
            yield Mistake(
                path=key,
                message="nothing reads this key: providers are made explicitly from the smp: keys; remove it",
            )
    disabled = values.get(_DEFAULT_PROVIDERS_OFF, "")
    if "*" not in disabled:
        yield Mistake(
            path=_DEFAULT_PROVIDERS_OFF,
            message='must be ["*"], so that no resource is made with a provider nobody chose',
        )


def _secret_mistakes(stack: Stack, values: Mapping[str, str]) -> Iterator[Mistake]:
    for secret in required_secrets(stack):
        key = f"{NAMESPACE}:{secret.key}"
        command = _set_command(secret, stack)
        if key not in values:
            yield Mistake(
                path=key, message=f"the secret is missing ({secret.purpose}); set it with\n      {command}"
            )
        elif not is_config_secret(key):
            yield Mistake(
                path=key, message=f"is in plain text; change the password and set it with\n      {command}"
            )
        elif not secret.accepts(values[key]):
            yield Mistake(
                path=key,
                message=f"is not {secret.lengths} letters and digits with small, capital and digit"
                " among them, which every store accepts; set another with\n"
                f"      {command}",
            )


def _set_command(secret: SecretFacts, stack: Stack) -> str:
    return f"{GENERATE} | pulumi config set --secret {NAMESPACE}:{secret.key} -s {stack.facts.name}"


def _real(found: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Leave out that a list is too short where an item of it is wrong: pydantic counts the good ones only."""
    for details in found:
        where = details["loc"]
        within = any(other["loc"][: len(where)] == where for other in found if other is not details)
        if details["type"] != "too_short" or not within:
            yield details


_WANTED = {
    "string_type": "text, in quotes if it looks like a number",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping of the section's keys",
    "too_short": "at least one",
}
"""What to write instead, by pydantic's type of error."""


def _mistake(details: ErrorDetails) -> Mistake:
    path = NAMESPACE + ":" + _path_text(details["loc"])
    given = details.get("input")
    message = details["msg"]
    match details["type"]:
        case "missing":
            message = f"is missing; write it{_hint(details['loc'])}"
        case "extra_forbidden":
            message = _unknown_key(details["loc"])
        case "enum" | "literal_error":
            expected = details.get("ctx", {}).get("expected", "")
            message = f"{given!r} is not one of {expected.replace(' or ', ', ')}"
        case "smp":
            pass
        case "string_pattern_mismatch":
            message = f"{given!r} has the wrong form{_hint(details['loc'])}"
        case _:
            wanted = _WANTED.get(details["type"], message)
            message = f"{_short(given)} is a {_kind(given)}; write {wanted}{_hint(details['loc'])}"
    return Mistake(path=path, message=message)


def _path_text(location: tuple[int | str, ...]) -> str:
    text = ""
    for place, given in enumerate(location):
        # Of a key that is absent pydantic tells the name in the program, not the one in the file.
        field = _model_at(location[: place + 1])[0].model_fields.get(str(given))
        step = field.alias if field is not None and field.alias is not None else given
        if step == "[key]":  # pydantic's mark for the key of a mapping, whose name stands before it
            continue
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {"bool": "boolean", "int": "number", "float": "number", "str": "text", "dict": "mapping"}
    return names.get(type(value).__name__, type(value).__name__)


def _short(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 40 else text[:37] + "..."


def _model_at(location: tuple[int | str, ...]) -> tuple[type[BaseModel], Any]:
    """Walk the model to the section that holds the last step; give that section and the field, if there is one."""
    model: type[BaseModel] = StackConfig
    field: Any = None
    for step in location:
        if isinstance(step, int):
            continue
        fields = {item.alias or name: item for name, item in model.model_fields.items()}
        if step not in fields:
            continue
        field = fields[step]
        inner = _section_in(field.annotation)
        if inner is not None and step != location[-1]:
            model = inner
    return model, field


def _section_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _section_in(arg)) is not None), None)


def _unknown_key(location: tuple[int | str, ...]) -> str:
    model, _ = _model_at(location)
    known = [field.alias or name for name, field in model.model_fields.items()]
    near = difflib.get_close_matches(str(location[-1]), known, n=1)
    suggestion = f"did you mean {near[0]}? " if near else ""
    return f"is not a known key; {suggestion}Known here: {', '.join(known)}"


def _hint(location: tuple[int | str, ...]) -> str:
    _, field = _model_at(location)
    if field is None:
        return ""
    example = f", such as {json.dumps(field.examples[0])}" if field.examples else ""
    meaning = (field.description or "").split("\n")[0].rstrip(".")
    return f"{example} ({meaning})" if meaning else example
