"""The operator's v1 objects as its own classes describe them: which fields there are, and of which kind.

Strimzi generates its definitions from these classes (``io.strimzi:api``). They are compiled for a newer Java than the
servers need, so they are read with ``javap`` and not loaded.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.real.kafka.jars import missing

_MODEL = "io.strimzi.api.kafka.model"
SPECS = {
    "Kafka": f"{_MODEL}.kafka.KafkaSpec",
    "KafkaNodePool": f"{_MODEL}.nodepool.KafkaNodePoolSpec",
    "KafkaTopic": f"{_MODEL}.topic.KafkaTopicSpec",
    "KafkaUser": f"{_MODEL}.user.KafkaUserSpec",
    "KafkaConnect": f"{_MODEL}.connect.KafkaConnectSpec",
    "KafkaConnector": f"{_MODEL}.connector.KafkaConnectorSpec",
    "KafkaMirrorMaker2": f"{_MODEL}.mirrormaker2.KafkaMirrorMaker2Spec",
}

_HEADER = re.compile(
    r"^(?:public |final |abstract )*(?:class|enum|interface) ([\w.$]+)(?:<.*?>)?(?: extends ([\w.$]+))?"
)
_GETTER = re.compile(r"^  public (?:abstract |final |static )*([\w.$<>, ?]+) (?:get|is)([A-Z]\w*)\(\);")
_RENAMED = re.compile(r'^\s+value="([^"]+)"')
_CHOICE = re.compile(r'(?:name="([^"]+)"\s+)?value=class L([\w/$]+);(?:\s+name="([^"]+)")?')
_SCALARS: Mapping[str, tuple[type, ...]] = {
    "java.lang.String": (str,),
    "int": (int,),
    "long": (int,),
    "java.lang.Integer": (int,),
    "java.lang.Long": (int,),
    "java.lang.Double": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "java.lang.Boolean": (bool,),
}
_FREE = ("java.util.Map", "java.lang.Object", "io.fabric8.kubernetes.api.model.IntOrString")


@dataclass(kw_only=True)
class JavaClass:
    """What one class says of its JSON form."""

    name: str
    parent: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    """Value of ``type`` -> class, where a field may be one of several."""

    @property
    def is_enum(self) -> bool:
        return self.parent == "java.lang.Enum"


class OperatorApi:
    """Looks classes up in a folder of jars, and keeps them."""

    def __init__(self, jars: Path) -> None:
        javap = shutil.which("javap")
        if javap is None:
            missing("javap is not on PATH")
        self._command = [javap, "-v", "-cp", f"{jars}/*", "-public"]
        self._known: dict[str, JavaClass] = {}

    def problems(self, kind: str, spec: Any) -> list[str]:
        """Give what the operator would not know in the specification of an object."""
        return list(self._check(SPECS[kind], spec, "spec"))

    def _check(self, java: str, value: Any, path: str) -> Iterator[str]:
        java = java.strip()
        if java.startswith(_FREE):
            return
        if java.startswith("java.util.List<"):
            if not isinstance(value, list):
                yield f"{path} is no list"
                return
            for place, item in enumerate(value):
                yield from self._check(java[len("java.util.List<") : -1], item, f"{path}[{place}]")
        elif java in _SCALARS:
            whole = int(value) if isinstance(value, float) and value.is_integer() else value
            if not isinstance(whole, _SCALARS[java]) or (
                isinstance(whole, bool) and bool not in _SCALARS[java]
            ):
                yield f"{path} is {value!r}, not {java.rsplit('.', maxsplit=1)[-1]}"
        else:
            yield from self._check_object(self._class(java), value, path)

    def _check_object(self, java: JavaClass, value: Any, path: str) -> Iterator[str]:
        if java.is_enum:
            if not isinstance(value, str):
                yield f"{path} is {value!r}, not a word"
            return
        if not isinstance(value, dict):
            yield f"{path} is {value!r}, not an object"
            return
        if java.choices and "type" in value:
            chosen = java.choices.get(value["type"])
            if chosen is None:
                yield f"{path}.type is {value['type']!r}, not one of {', '.join(java.choices)}"
                return
            java = self._class(chosen)
        fields = self._fields(java)
        for key, inner in value.items():
            if key not in fields:
                yield f"{path}.{key} is no field of {java.name.rsplit('.', maxsplit=1)[-1]}"
            elif inner is not None:
                yield from self._check(fields[key], inner, f"{path}.{key}")

    def _fields(self, java: JavaClass) -> dict[str, str]:
        inherited: dict[str, str] = {}
        if java.parent and java.parent.startswith(("io.strimzi.", "io.fabric8.")):
            inherited = self._fields(self._class(java.parent))
        return inherited | java.fields

    def _class(self, name: str) -> JavaClass:
        if name not in self._known:
            run = subprocess.run(
                [*self._command, name], capture_output=True, text=True, check=False, timeout=120
            )
            assert run.returncode == 0, f"javap finds no {name}: {run.stdout[-300:]}{run.stderr[-300:]}"
            self._known[name] = _parse(name, run.stdout)
        return self._known[name]


def _parse(name: str, text: str) -> JavaClass:
    java = JavaClass(name=name)
    getter: tuple[str, str] | None = None
    naming = False
    for line in text.splitlines():
        if header := _HEADER.match(line):
            java.parent = header[2]
        elif found := _GETTER.match(line):
            # A second one of a name is the compiler's bridge to what the class inherits.
            first = found[2][0].lower() + found[2][1:] not in java.fields
            getter = (found[2][0].lower() + found[2][1:], found[1]) if first else None
            naming = False
            java.fields.setdefault(found[2][0].lower() + found[2][1:], found[1])
        elif line.startswith(("  public ", "}")):
            getter = None
        elif "com.fasterxml.jackson.annotation.JsonProperty(" in line:
            naming = getter is not None
        elif naming and getter and (renamed := _RENAMED.match(line)):
            java.fields[renamed[1]] = java.fields.pop(getter[0], getter[1])
            naming = False
        elif line.strip() == ")":
            naming = False
    java.choices = {word or early: place.replace("/", ".") for early, place, word in _CHOICE.findall(text)}
    return java
