"""Settings of services that the matrix fixes for an environment, and stores that forget (M§6.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.environments import Environment
from policies.demands import is_on
from policies.kubernetes_objects import kubernetes_objects
from policies.pods import pods
from policies.rules import Family, Level, Rule, Violation, on
from policies.values import Value, as_list, as_map, dig
from policies.views import ResourceView, StackView

_MOCK = re.compile(r"^(?:[A-Z]+_)*(?:MOCK_PAYMENTS?|PAYMENTS?_MOCK(?:ED)?)(?:_ENABLED)?$")
"""``ENABLE_MOCK_PAYMENT``, and other words for it."""
_PAID_BY = re.compile(r"^(?:[A-Z]+_)*PAYMENTS?_(?:PROVIDER|GATEWAY|MODE|BACKEND|DRIVER)$")
_STORES = re.compile(
    r"(?:^|/)(?:mysql|mariadb|mongo|mongodb|postgres\w*|elasticsearch|opensearch|kafka|vault|etcd)[\w-]*(?:[:@]|$)"
)
_DATA_PATHS = re.compile(
    r"^/(?:var/lib/(?:mysql|postgresql|kafka|etcd|mongodb)|data|usr/share/\w+/data|vault/(?:data|file)|bitnami)"
)


def _variables(stack: StackView) -> Iterator[tuple[ResourceView, str, Value]]:
    for config in kubernetes_objects(stack, "ConfigMap"):
        for name, value in as_map(config.body.get("data")).items():
            yield config.view, name, value
    for pod in pods(stack):
        for container in pod.containers:
            for entry in as_list(container.body.get("env")):
                yield pod.owner.view, str(dig(entry, "name")), dig(entry, "value")


def _is_mock(name: str, value: Value) -> bool:
    key = name.upper().replace("-", "_").replace(".", "_")
    return (_MOCK.match(key) is not None and is_on(value)) or (
        _PAID_BY.match(key) is not None and str(value).lower() in {"mock", "fake", "stub", "dummy"}
    )


def _settings(stack: StackView) -> Iterator[Violation]:
    if stack.facts.environment is Environment.DEV:
        return
    for view, name, value in _variables(stack):
        if _is_mock(name, value):
            yield on(view, f"{name} is {value}: nobody pays for orders of {stack.facts.environment}")
        if name == "LOG_LEVEL" and str(value).lower() in {"debug", "trace"}:
            yield on(view, f"LOG_LEVEL is {value}, not info", level=Level.ADVISORY)


def _forgetful(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    for pod in pods(stack):
        volumes = {
            str(dig(volume, "name"))
            for volume in as_list(pod.spec.get("volumes"))
            if dig(volume, "emptyDir") is not None
        }
        for container in pod.containers:
            if not _STORES.search(str(container.body.get("image"))):
                continue
            for mount in as_list(container.body.get("volumeMounts")):
                path = str(dig(mount, "mountPath"))
                if str(dig(mount, "name")) in volumes and _DATA_PATHS.match(path):
                    yield on(
                        pod.owner.view,
                        f"container {container.name} keeps {path} in an emptyDir, gone with the pod",
                    )


RULES = (
    Rule(
        id="workloads-settings",
        family=Family.WORKLOADS,
        sentence="Outside dev nobody pays with mock money, and logs are not at debug level.",
        source="M§6.3",
        level=Level.MANDATORY,
        remedy="take the setting from the environment matrix",
        judge=_settings,
        alone=True,
    ),
    Rule(
        id="workloads-volumes",
        family=Family.WORKLOADS,
        sentence="Stores of production keep their data on a volume.",
        source="M§14.6",
        level=Level.MANDATORY,
        remedy="give it a volume claim of the class durable",
        judge=_forgetful,
        alone=True,
    ),
)
