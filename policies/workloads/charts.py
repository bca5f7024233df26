"""The same for what charts and operators make: values that turn privileges on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.demands import is_off, is_on
from policies.kubernetes_objects import SYSTEM_NAMESPACES, chart_values, kubernetes_objects
from policies.pods import pods_of
from policies.rules import Family, Level, Rule, Violation, on
from policies.values import Value, as_int, walk
from policies.views import StackView

_NODE_CHARTS = re.compile(
    r"node-exporter|promtail|alloy|fluent|vector|falco|cilium|calico|csi|cni|kube-proxy|node-problem|node-termination"
    r"|aws-node|prometheus-stack|terway|nvidia|datadog|otel|opentelemetry"
)
"""Charts that put a daemon on every node."""


def _problem(path: str, value: Value) -> str | None:
    leaf = path.rsplit(".", maxsplit=1)[-1]
    if leaf in {"privileged", "hostNetwork", "hostPID", "hostIPC", "allowPrivilegeEscalation"} and is_on(
        value
    ):
        return f"{path} is on"
    if leaf == "runAsUser" and not isinstance(value, bool) and as_int(value) == 0:
        return f"{path} is 0: it runs as root"
    if leaf == "runAsNonRoot" and is_off(value):
        return f"{path} is off"
    return None


def _values(stack: StackView) -> Iterator[Violation]:
    for chart in chart_values(stack):
        if chart.namespace in SYSTEM_NAMESPACES or _NODE_CHARTS.search(chart.chart):
            continue
        for path, value in walk(chart.values):
            if problem := _problem(path, value):
                yield on(chart.view, f"{chart.chart}: {problem}")
    for item in kubernetes_objects(stack):
        if item.group in {"core", "apps", "batch", "policy", "rbac.authorization.k8s.io"} or any(
            pods_of(item)
        ):
            continue
        for path, value in walk(item.spec):
            if ("securityContext" in path or path.rsplit(".", maxsplit=1)[-1].startswith("host")) and (
                problem := _problem(path, value)
            ):
                yield on(item.view, problem)


RULES = (
    Rule(
        id="workloads-charts",
        family=Family.WORKLOADS,
        sentence="No chart or operator makes privileged pods.",
        source="Kubernetes Pod Security Standards",
        level=Level.MANDATORY,
        remedy="leave the values at what a restricted namespace takes",
        judge=_values,
        alone=True,
    ),
)
