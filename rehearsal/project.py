"""A Pulumi project on disk: `Pulumi.yaml` and one `Pulumi.<stack>.yaml`, read as the engine reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from rehearsal.errors import ProjectError, UnknownStackError
from rehearsal.values import Value

_STACK_FILE = re.compile(r"^Pulumi\.(?P<stack>.+)\.ya?ml$")


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedProject:
    """A project with one stack's configuration, as a program is given it.

    `config` holds every value as text under its full key (`smp:budget`), objects as JSON; `secret_keys` names the
    keys that are secret; `stack_config` keeps the stack file's own values for whoever writes one again.
    """

    root: Path
    name: str
    stack: str
    main: Path
    config: Mapping[str, str]
    secret_keys: frozenset[str]
    stack_config: Mapping[str, Value]

    @property
    def disabled_default_providers(self) -> frozenset[str]:
        """Packages without a default provider (`*` for all), from `pulumi:disable-default-providers`."""
        text = self.config.get("pulumi:disable-default-providers", "[]")
        try:
            names = json.loads(text)
        except ValueError:
            names = None
        if not isinstance(names, list):
            raise ProjectError(
                f"{self.root / f'Pulumi.{self.stack}.yaml'}: config.pulumi:disable-default-providers must be a "
                'list of package names; write ["*"] to disable all.'
            )
        return frozenset(str(name) for name in cast("list[Any]", names))


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """Where a project lies (`root` holds `Pulumi.yaml`) and which of its stacks is meant."""

    root: Path
    stack: str

    def stacks(self) -> tuple[str, ...]:
        """The stacks that have a configuration file, sorted."""
        return tuple(sorted(_stack_names(self.root)))

    def load(self, *, placeholder_secrets: Mapping[str, str] | None = None) -> LoadedProject:
        """Read both files.

        `placeholder_secrets` maps full keys (`smp:rootPassword`) to values; they are added as secret configuration
        where the stack file has no such key. Raises `ProjectError` for a missing or malformed file and
        `UnknownStackError` for a stack without a file.
        """
        root = self.root.resolve()
        settings = _read_map(
            root / "Pulumi.yaml",
            missing=f"there is no Pulumi.yaml in {root}: run this from the project's root",
        )
        name = settings.get("name")
        if not isinstance(name, str) or not name:
            raise ProjectError(
                f"{root / 'Pulumi.yaml'}: 'name' is missing; write the project's name as text."
            )
        main = root / str(settings.get("main") or ".")
        program = main if main.suffix == ".py" else main / "__main__.py"
        if not program.is_file():
            raise ProjectError(
                f"{root / 'Pulumi.yaml'}: 'main' points to {main}, where there is no {program.name}."
            )
        stack_file = root / f"Pulumi.{self.stack}.yaml"
        if not stack_file.is_file():
            raise UnknownStackError(stack=self.stack, root=root, known=self.stacks())
        stack_settings = _read_map(stack_file, missing="")
        raw: dict[str, Value] = {}
        own: dict[str, Value] = {}
        for where, source in ((root / "Pulumi.yaml", settings), (stack_file, stack_settings)):
            block: Any = source.get("config") or {}
            if not isinstance(block, dict):
                raise ProjectError(f"{where}: 'config' must be a map of keys to values.")
            from_project = source is settings
            for key, value in cast("dict[Any, Any]", block).items():
                entry = _project_default(value) if from_project else value
                if entry is not None:
                    full = _full_key(str(key), project=name)
                    raw[full] = entry
                    if not from_project:
                        own[full] = entry
        config, secret_keys = _as_text(raw, stack_file)
        for key, value in (placeholder_secrets or {}).items():
            full = _full_key(key, project=name)
            if full not in config or full in secret_keys:
                config[full] = value
                secret_keys.add(full)
        return LoadedProject(
            root=root,
            name=name,
            stack=self.stack,
            main=program,
            config=config,
            secret_keys=frozenset(secret_keys),
            stack_config=own,
        )


def _stack_names(root: Path) -> Iterable[str]:
    for path in root.glob("Pulumi.*.y*ml"):
        match = _STACK_FILE.match(path.name)
        if match:
            yield match["stack"]


def _read_map(path: Path, *, missing: str) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProjectError(f"{missing}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path} cannot be read: {error}.") from None
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - the loader is a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise ProjectError(f"{path}{where}: {problem}. Correct the file and run again.") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ProjectError(f"{path}: the file must be a map with keys such as 'config'.")
    return cast("dict[str, Any]", content)


class _Loader(yaml.SafeLoader):
    """YAML 1.2's core schema, which the engine's Go library follows: `on`, `no` and dates stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"}
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def _full_key(key: str, *, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _project_default(value: Any) -> Value:
    """A `config` entry of Pulumi.yaml: the short form is the value, the long form has `value` or `default`."""
    if isinstance(value, dict):
        entry = cast("dict[str, Any]", value)
        if "value" in entry:
            return entry["value"]
        return entry.get("default")
    return value


def _as_text(raw: Mapping[str, Value], stack_file: Path) -> tuple[dict[str, str], set[str]]:
    config: dict[str, str] = {}
    secret_keys: set[str] = set()
    for key, value in raw.items():
        if _is_encrypted(value):
            # Only its owner can decrypt it: the caller's placeholder takes its place, or it is missing.
            secret_keys.add(key)
            config[key] = "[encrypted]"
            continue
        if value is None:
            raise ProjectError(f"{stack_file}: config.{key} has no value; write one or remove the key.")
        if _holds_encrypted(value):
            secret_keys.add(key)
        config[key] = (
            _scalar(value) if not isinstance(value, (dict, list)) else _json(_without_encrypted(value))
        )
    return config, secret_keys


def _is_encrypted(value: Value) -> bool:
    return isinstance(value, dict) and set(cast("dict[str, Any]", value)) == {"secure"}


def _holds_encrypted(value: Value) -> bool:
    if _is_encrypted(value):
        return True
    if isinstance(value, dict):
        return any(_holds_encrypted(item) for item in cast("dict[str, Any]", value).values())
    return isinstance(value, list) and any(_holds_encrypted(item) for item in cast("list[Any]", value))


def _without_encrypted(value: Value) -> Value:
    if _is_encrypted(value):
        return "[encrypted]"
    if isinstance(value, dict):
        return {str(key): _without_encrypted(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list):
        return [_without_encrypted(item) for item in cast("list[Any]", value)]
    return value


def _scalar(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _json(value: Value) -> str:
    # Go's encoder sorts keys and leaves out blanks; a program that compares texts must see the same.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
