"""The few internals of Pulumi's Python SDK that the rehearsal reads, all in one place.

The SDK keeps what its generated classes say about types in `pulumi._types`; nothing public gives it.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import functools
import importlib
import inspect
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.proto import source_pb2

_types: Any = importlib.import_module("pulumi._types")
_importing = threading.RLock()
"""The SDKs load their modules when they are first looked into, which two threads must not do at once."""
_resource: Any = importlib.import_module("pulumi.runtime.resource")
_settings: Any = importlib.import_module("pulumi.runtime.settings")
_NO_TRACE = source_pb2.StackTrace()


@contextlib.contextmanager
def without_stack_traces() -> Generator[None, None, None]:
    """Let resources be registered without the lines that made them.

    The SDK walks the whole stack for every resource, and asks the disk about each file on it. The embedded host keeps
    none of it, and under a deep stack it is half of a plan's time.
    """
    real = _resource._get_stack_trace
    _resource._get_stack_trace = lambda: _NO_TRACE
    try:
        yield
    finally:
        _resource._get_stack_trace = real


async def settled() -> None:
    """Let outputs resolve, as far as some rounds of the event loop bring them.

    The SDK's own wait, which follows and waits for the rest, looks at all of them whenever one is done. With a monitor
    in this process none waits for anything else, and two hundred rounds are enough for the largest stack.
    """
    for _ in range(1000):
        if not _settings.SETTINGS.outputs:
            return
        await asyncio.sleep(0)


def package_of(token: str) -> str:
    """The package that serves a type: `aws` for `aws:ec2/vpc:Vpc` and for `pulumi:providers:aws`."""
    parts = token.split(":")
    return parts[2] if token.startswith("pulumi:providers:") and len(parts) > 2 else parts[0]


def resource_class(token: str) -> type[pulumi.Resource] | None:
    """The SDK class of a type token; its package is imported if it was not yet. None when no class has it."""
    with _importing:
        return _resource_class(token)


def _resource_class(token: str) -> type[pulumi.Resource] | None:
    package = package_of(token)
    try:
        root = importlib.import_module(f"pulumi_{package.replace('-', '_')}")
    except ModuleNotFoundError:
        return None
    if token.startswith("pulumi:providers:"):
        return cast("type[pulumi.Resource] | None", getattr(root, "Provider", None))
    parts = token.split(":")
    if len(parts) != 3:
        return None
    module = cast("Any", rpc.get_resource_module(package, parts[1], ""))
    if module is None:
        return None
    class_name = module.mod_info["classes"].get(token)
    if class_name is None:
        return None
    return cast("type[pulumi.Resource]", getattr(importlib.import_module(module.mod_info["fqn"]), class_name))


def args_class(resource: type[pulumi.Resource]) -> type[Any] | None:
    """The input type that belongs to a resource class: `SubnetArgs` for `Subnet`."""
    module = inspect.getmodule(resource)
    for name in (f"{resource.__name__}Args", f"{resource.__name__}InitArgs"):
        candidate = getattr(module, name, None)
        if (
            isinstance(candidate, type)
            and candidate.__module__ == resource.__module__
            and is_input_type(candidate)
        ):
            return cast("type[Any]", candidate)
    return None


def state_class(resource: type[pulumi.Resource]) -> type[Any] | None:
    """The input type that describes a resource's whole state: `_SubnetState` for `Subnet`."""
    candidate = getattr(inspect.getmodule(resource), f"_{resource.__name__}State", None)
    return candidate if isinstance(candidate, type) else None


def is_input_type(candidate: type[Any]) -> bool:
    """Whether a class describes inputs."""
    return bool(_types.is_input_type(candidate))


def is_output_type(candidate: type[Any]) -> bool:
    """Whether a class describes outputs."""
    return bool(_types.is_output_type(candidate))


def property_hints(described: type[Any]) -> dict[str, Any]:
    """Pulumi names of a class's properties and their resolved annotations, wrappers included."""
    return cast("dict[str, Any]", _types._raw_return_hints(described))


def python_names(described: type[Any]) -> dict[str, str]:
    """Pulumi names of a class's properties and the Python names they have."""
    return {pulumi_name: python_name for python_name, pulumi_name, _ in _types._py_properties(described)}


def output_hints(resource: type[pulumi.Resource]) -> dict[str, Any]:
    """Pulumi names and annotations of everything a resource answers, `Optional` included."""
    hints = cast("dict[str, Any]", dict(_types.resource_types(resource)))
    return hints | property_hints(resource)


def docstring(described: type[Any], python_name: str) -> str:
    """What an input type says of a property; read from its source where the SDK was loaded without docstrings."""
    said = getattr(described, python_name).__doc__
    if said is None:
        said = _docstrings(inspect.getsourcefile(described) or "").get((described.__name__, python_name), "")
    return str(said)


@functools.cache
def _docstrings(file: str) -> dict[tuple[str, str], str]:
    """The docstrings of a file's properties by class and name."""
    if not file:
        return {}
    found: dict[tuple[str, str], str] = {}
    for described in ast.parse(Path(file).read_bytes()).body:
        if isinstance(described, ast.ClassDef):
            for item in described.body:
                # The getter comes first and has the docstring, the setter of the same name has none.
                if isinstance(item, ast.FunctionDef):
                    found.setdefault((described.name, item.name), ast.get_docstring(item, clean=False) or "")
    return found
