"""Every Elasticsearch object is held against the operator's own definition, from its Go module."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import jsonschema
import pytest
import yaml

from catalog.search_versions import ECK
from catalog.stack_facts import Stack
from tests.contracts.examples_search import EXAMPLES, PRODUCT
from tests.contracts.harness import record

MODULE = f"github.com/elastic/cloud-on-k8s/v3@v{ECK}"
NAME = "elasticsearches.elasticsearch.k8s.elastic.co"
OPEN = "x-kubernetes-preserve-unknown-fields"


def _missing(what: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@cache
def definition() -> dict[str, Any]:
    """The schema of version v1; the module is downloaded once, wherever Go's own settings say."""
    go = shutil.which("go")
    if go is None:
        _missing("the operator's definitions come as a Go module and there is no go on PATH")
    run = subprocess.run(
        [go, "mod", "download", "-json", MODULE],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=Path(__file__).parent,
        env={**os.environ, "GOFLAGS": "-mod=mod"},
    )
    assert run.returncode == 0, run.stdout + run.stderr
    file = Path(json.loads(run.stdout)["Dir"]) / "config" / "crds" / "v1" / "all-crds.yaml"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for document in yaml.load_all(file.read_text(encoding="utf-8"), Loader=loader):
        if document and document["metadata"]["name"] == NAME:
            for version in document["spec"]["versions"]:
                if version["name"] == "v1":
                    return _closed(version["schema"]["openAPIV3Schema"])
    raise AssertionError(f"{file} has no {NAME} v1")


def _closed(schema: Any) -> Any:
    """Refuse keys that the definition does not list, as a strict API server does."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if "properties" in schema and OPEN not in schema:
        closed.setdefault("additionalProperties", False)
    return closed


def resource(stack: Stack) -> dict[str, Any]:
    example = next(each for each in EXAMPLES if each.id == "search")
    found = [r for r in record(example, stack).resources if r.type.endswith(":Elasticsearch")]
    assert len(found) == 1
    return {"apiVersion": found[0].inputs["apiVersion"], "kind": "Elasticsearch", **_plain(found[0].inputs)}


def _plain(inputs: Any) -> dict[str, Any]:
    return {"metadata": {}, "spec": json.loads(json.dumps(inputs["spec"]))}


@pytest.mark.parametrize("stack", PRODUCT, ids=lambda stack: stack.facts.name)
def test_the_object_is_what_the_operator_takes(stack: Stack) -> None:
    jsonschema.validate(resource(stack), definition(), cls=jsonschema.Draft202012Validator)


def test_a_misspelt_key_is_found() -> None:
    found = resource(Stack.PROD_ASIA)
    found["spec"]["nodeSets"][0]["zoneAwarness"] = found["spec"]["nodeSets"][0].pop("zoneAwareness")
    with pytest.raises(jsonschema.ValidationError, match="zoneAwarness"):
        jsonschema.validate(found, definition(), cls=jsonschema.Draft202012Validator)
