"""How the SDKs are loaded: here with a small package of the same form; all stacks in tests/real/test_plain_sdks.py."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from stacks import lean_sdks

ROOT = Path(__file__).parents[2]
PACKAGE = {
    "__init__.py": """
'''Of the package.'''
from . import _utilities
from .bucket import *
from .get_bucket import *
from .no_exports import *
from . import outputs
after = Mark
""",
    "_utilities.py": "",
    "bucket.py": """
'''Of the module.'''
from . import outputs
__all__ = ['BucketArgs', 'Bucket']
class BucketArgs:
    '''Of the class.'''
    size: Unheard.Of
class Bucket:
    '''Of the class.'''
    def __init__(self, size: Unheard.Of = 1):
        '''Of the method.'''
        self.rule = outputs.Rule
""",
    "get_bucket.py": """
__all__ = [
    'get_bucket',
]
def get_bucket():
    return 'the function'
""",
    "no_exports.py": "class Mark: pass\n",
    "outputs.py": "from . import outputs\nclass Rule: pass\n",
}


@pytest.fixture
def sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[ModuleType, None, None]:
    folder = tmp_path / "pulumi_small"
    folder.mkdir()
    for name, content in PACKAGE.items():
        (folder / name).write_text(content, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(lean_sdks, "SDKS", {"pulumi_small"})
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.delenv(lean_sdks.SWITCH, raising=False)
    lean_sdks.install()
    yield importlib.import_module("pulumi_small")
    for name in [name for name in sys.modules if name.startswith("pulumi_small")]:
        del sys.modules[name]


def loaded() -> set[str]:
    return {name.removeprefix("pulumi_small.") for name in sys.modules if name.startswith("pulumi_small.")}


def test_a_module_is_loaded_when_a_name_of_it_is_asked_for(sdk: Any) -> None:
    assert loaded() == {"_utilities", "no_exports"}
    assert sdk.Bucket().rule is sdk.outputs.Rule
    assert loaded() == {"_utilities", "no_exports", "bucket", "outputs"}
    assert "BucketArgs" in vars(sdk), "one look brings all that the star import would"


def test_a_function_goes_before_the_module_of_its_name(sdk: Any) -> None:
    assert sdk.get_bucket() == "the function"
    assert sdk.get_bucket() == "the function"


def test_a_class_goes_before_a_module_that_was_imported_by_its_full_name(sdk: Any) -> None:
    assert importlib.import_module("pulumi_small.get_bucket").get_bucket() == "the function"
    assert sdk.get_bucket() == "the function"


def test_modules_are_found_in_the_package_before_they_were_imported(sdk: Any) -> None:
    assert sdk.bucket.Bucket is sdk.Bucket
    assert sdk.bucket.__name__ == "pulumi_small.bucket"


def test_a_package_lists_what_was_not_asked_for_yet(sdk: Any) -> None:
    assert {"Bucket", "BucketArgs", "get_bucket", "outputs", "Mark", "after"} <= set(dir(sdk))
    assert loaded() == {"_utilities", "no_exports"}


def test_a_module_that_does_not_say_what_it_exports_is_loaded_at_once(sdk: Any) -> None:
    assert sdk.after is sdk.Mark


def test_names_can_be_imported_from_the_package(sdk: ModuleType) -> None:
    namespace: dict[str, Any] = {}
    exec("from pulumi_small import Bucket, get_bucket, outputs", namespace)
    assert namespace["Bucket"].__module__ == "pulumi_small.bucket"
    assert namespace["outputs"].__name__ == "pulumi_small.outputs"
    assert sdk.__name__ == "pulumi_small"


def test_annotations_stay_text_and_documentation_is_left_out(sdk: Any) -> None:
    assert sdk.Bucket.__init__.__annotations__ == {"size": "Unheard.Of"}
    assert sdk.BucketArgs.__annotations__ == {"size": "Unheard.Of"}
    assert [sdk.__doc__, sdk.Bucket.__doc__, sdk.Bucket.__init__.__doc__] == [None, None, None]


def test_what_is_not_there_is_said_as_python_says_it(sdk: Any) -> None:
    with pytest.raises(AttributeError, match="module 'pulumi_small' has no attribute 'Buckett'"):
        _ = sdk.Buckett
    with pytest.raises(ImportError, match="cannot import name 'Buckett' from 'pulumi_small'"):
        exec("from pulumi_small import Buckett")


def test_what_is_compiled_lies_beside_pythons_own_and_follows_the_source(sdk: Any, tmp_path: Path) -> None:
    assert sdk.Bucket.__name__ == "Bucket"
    compiled = list((tmp_path / "pulumi_small" / "__pycache__").iterdir())
    assert {path.name.partition(".")[0] for path in compiled} >= {"__init__", "bucket"}
    assert all(".lean-" in path.name for path in compiled)
    source = tmp_path / "pulumi_small" / "bucket.py"
    source.write_text("__all__ = ['Bucket', 'BucketArgs']\nBucket = BucketArgs = 'new'\n", encoding="utf-8")
    for name in ("pulumi_small.bucket", "pulumi_small"):
        del sys.modules[name]
    importlib.invalidate_caches()
    assert importlib.import_module("pulumi_small").Bucket == "new"


def test_where_nothing_can_be_written_only_what_is_compiled_already_is_used(
    sdk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = tmp_path / "pulumi_small" / "__pycache__"
    assert not list(compiled.glob("get_bucket.*.lean-*"))
    assert sdk.Bucket.__doc__ is None
    for name in ("pulumi_small.bucket", "pulumi_small"):
        del sys.modules[name]
    monkeypatch.setattr(os, "access", lambda path, mode: not Path(path).is_relative_to(tmp_path))
    again: Any = importlib.import_module("pulumi_small")
    assert [again.Bucket.__doc__, again.get_bucket.__module__] == [None, "pulumi_small.get_bucket"]
    assert not list(compiled.glob("get_bucket.*.lean-*")), "Python's own loader took it"


@pytest.mark.parametrize(
    "setting",
    [{lean_sdks.SWITCH: lean_sdks.PLAIN}, {"PYTHONDONTWRITEBYTECODE": "1"}],
    ids=["switch", "no cache"],
)
def test_the_sdks_are_left_as_they_are(setting: dict[str, str]) -> None:
    kept = {key: value for key, value in os.environ.items() if key not in {"PYTHONDONTWRITEBYTECODE"}}
    asked = "import sys; from stacks import lean_sdks; before = list(sys.meta_path); lean_sdks.install();"
    asked += "print(sys.meta_path == before)"
    for added, unchanged in ((setting, "True\n"), ({}, "False\n")):
        answer = subprocess.run(
            [sys.executable, "-c", asked],
            env=kept | added,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert answer.stdout == unchanged
