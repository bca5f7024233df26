"""The JSON Schema of ``Pulumi.<stack>.yaml``, for editors. ``python -m stacks.schema`` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from catalog.deploy_secrets import DeploySecret
from stacks.config import StackConfig
from stacks.config_source import NAMESPACE

SCHEMA_FILE = Path(__file__).with_name("stack.schema.json")


def stack_file_schema() -> dict[str, Any]:
    """Describe a whole stack file: our keys, our secrets, and what Pulumi itself writes there."""
    model = StackConfig.model_json_schema(by_alias=True, mode="validation")
    definitions = model.pop("$defs")
    secret = {
        "type": "object",
        "properties": {"secure": {"type": "string"}},
        "required": ["secure"],
        "additionalProperties": False,
    }
    keys: dict[str, Any] = {f"{NAMESPACE}:{key}": value for key, value in model["properties"].items()}
    for item in DeploySecret:
        keys[f"{NAMESPACE}:{item.value.key}"] = {**secret, "description": item.value.purpose}
    keys["pulumi:disable-default-providers"] = {"const": ["*"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of SMP",
        "description": "Generated from stacks/config.py by `python -m stacks.schema`; do not edit.",
        "type": "object",
        "required": ["config"],
        "additionalProperties": False,
        "properties": {
            "config": {
                "type": "object",
                "additionalProperties": False,
                "required": [
                    "pulumi:disable-default-providers",
                    *(f"{NAMESPACE}:{key}" for key in model["required"]),
                ],
                "properties": keys,
            },
            "secretsprovider": {"type": "string", "description": "Written by `pulumi stack init`."},
            "encryptedkey": {"type": "string", "description": "Written by Pulumi."},
            "encryptionsalt": {"type": "string", "description": "Written by Pulumi."},
        },
        "$defs": definitions,
    }


def schema_text() -> str:
    """Give the schema as it stands in the file."""
    return json.dumps(stack_file_schema(), indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
