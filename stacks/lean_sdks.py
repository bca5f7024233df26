"""Loads the providers' SDKs with what a run needs of them: half of a plan's time was spent on the rest (decision 0080).

A generated SDK defines thousands of classes, evaluates an annotation for each of their arguments, and carries a page of
documentation with each: to make one bucket, all of it is loaded. Here

- a package of an SDK loads a module when a name of it is first asked for, not all of them at once,
- annotations stay text until Pulumi asks for a type (PEP 563), and
- docstrings are left out, as ``python -OO`` would.

What the SDKs do is the same: tests/real/test_plain_sdks.py compares every stack's plan with and without.
``SMP_SDKS=plain`` loads them as they come.
"""

from __future__ import annotations
import __future__

import ast
import hashlib
import importlib
import importlib.machinery
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, cast

SDKS = frozenset(
    {"pulumi_alicloud", "pulumi_aws", "pulumi_cloudflare", "pulumi_kubernetes", "pulumi_mongodbatlas"}
)
SWITCH = "SMP_SDKS"
PLAIN = "plain"
_VERSION = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
_TABLE = "__smp_modules__"
_OUTPUTS = "outputs"
_EXPORTS = re.compile(r"^__all__ = \[(.*?)\]", re.MULTILINE | re.DOTALL)


def install() -> None:
    """Load every SDK that is imported from now on this way.

    Without a place for compiled modules (``PYTHONDONTWRITEBYTECODE``) it would cost more than it saves: then nothing
    changes.
    """
    if sys.dont_write_bytecode or os.environ.get(SWITCH) == PLAIN or _Finder in sys.meta_path:
        return
    sys.meta_path.insert(0, _Finder)


class _Finder:
    """Finds the modules of the SDKs where Python does, and gives them our loader."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.split(".", maxsplit=1)[0] not in SDKS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if (
            spec is not None
            and isinstance(spec.loader, importlib.machinery.SourceFileLoader)
            and _can_be_kept(spec.cached)
        ):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    """Compiles a module of an SDK as described above, and keeps the result beside Python's own."""

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:
        source: bytes | ast.Module = data
        if Path(path).name == "__init__.py":
            source = _with_modules_on_demand(ast.parse(data), Path(path).parent)
        flags = __future__.annotations.compiler_flag
        return cast("CodeType", compile(source, path, "exec", flags=flags, dont_inherit=True, optimize=2))

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        if _TABLE in vars(module):
            module.__class__ = _Package

    def get_data(self, path: str) -> bytes:
        return super().get_data(_beside(path))

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        super().set_data(_beside(path), data, _mode=_mode)


class _Package(ModuleType):
    """A package whose names are looked up in its table when they are first asked for."""

    def __getattr__(self, name: str) -> object:
        table: dict[str, str] = vars(self)[_TABLE]
        if name not in table and name not in table.values():
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        module = importlib.import_module(f"{self.__name__}.{table.get(name, name)}")
        if name == _OUTPUTS or name not in table:
            return module  # outputs asks for itself while it is loaded, when the package does not have it yet
        self._take_exports(module)
        return vars(self)[name]

    def __setattr__(self, name: str, value: object) -> None:
        """Set a name; Python sets a module's in its package, where what the module exports may have the same."""
        super().__setattr__(name, value)
        if isinstance(value, ModuleType) and vars(self)[_TABLE].get(name) == name != _OUTPUTS:
            self._take_exports(value)

    def __dir__(self) -> list[str]:
        table: dict[str, str] = vars(self)[_TABLE]
        return sorted({*super().__dir__(), *table, *table.values()})

    def _take_exports(self, module: ModuleType) -> None:
        """Do as the star import would: a class or a function may have the name of its module, and comes after it."""
        vars(self).update({exported: getattr(module, exported) for exported in module.__all__})


def _can_be_kept(compiled: str | None) -> bool:
    """Whether our compiled form lies there or can be put there; else Python's own is faster than compiling anew."""
    if compiled is None:
        return False
    if os.path.exists(_beside(compiled)):  # noqa: PTH110 - asked for a thousand modules
        return True
    folder = os.path.dirname(compiled)  # noqa: PTH120
    while folder != os.path.dirname(folder) and not os.path.exists(folder):  # noqa: PTH110, PTH120
        folder = os.path.dirname(folder)  # noqa: PTH120
    return os.access(folder, os.W_OK)


def _beside(path: str) -> str:
    """Name the place of a compiled module; what another version of this file compiled is not taken for ours."""
    return f"{path.removesuffix('.pyc')}.lean-{_VERSION}.pyc" if path.endswith(".pyc") else path


def _with_modules_on_demand(package: ast.Module, folder: Path) -> ast.Module:
    """Take the star imports out of a package, and put in a table that says which module has which name."""
    table: dict[str, str] = {}
    kept: list[ast.stmt] = []
    for statement in package.body:
        names = _names_of(statement, folder)
        if names is None:
            kept.append(statement)
        else:
            table |= names
    assigned = ast.parse(f"{_TABLE} = {table!r}").body if table else []
    return ast.Module(body=[*kept, *assigned], type_ignores=[])


def _names_of(statement: ast.stmt, folder: Path) -> dict[str, str] | None:
    """Tell what an import brings and from which module; None for all that must stay as it is."""
    match statement:
        case ast.ImportFrom(level=1, module=None, names=[ast.alias(name="outputs")]):
            return {_OUTPUTS: _OUTPUTS}
        case ast.ImportFrom(level=1, module=str(module), names=[ast.alias(name="*")]):
            file = folder / f"{module}.py"
            found = _EXPORTS.search(file.read_text(encoding="utf-8")) if file.is_file() else None
            return None if found is None else dict.fromkeys(ast.literal_eval(f"[{found.group(1)}]"), module)
        case _:
            return None
