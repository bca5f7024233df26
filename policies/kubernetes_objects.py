"""Kubernetes objects as rules see them, wherever they stand: alone, in a list, as a patch, in a Helm release."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import yaml

from policies.values import Opaque, Value, as_list, as_map, dig
from policies.views import ResourceView, StackView

SYSTEM_NAMESPACES = frozenset({"kube-system", "kube-node-lease", "kube-public"})

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, kw_only=True)
class KubernetesObject:
    """One object and the resource that makes it."""

    view: ResourceView
    group: str
    """API group without its version; ``core`` for the first one."""
    kind: str
    body: Mapping[str, Value]

    @property
    def spec(self) -> Mapping[str, Value]:
        """Its specification; empty where it has none."""
        return as_map(self.body.get("spec"))

    @property
    def name(self) -> str:
        """Its name in the cluster; its logical name where that is left to Pulumi."""
        name = dig(self.body, "metadata", "name")
        return name if isinstance(name, str) else self.view.name

    @property
    def namespace(self) -> str | None:
        """Where it lives; ``None`` when nothing is said or it cannot be read."""
        namespace = dig(self.body, "metadata", "namespace")
        return namespace if isinstance(namespace, str) and namespace else None

    @property
    def labels(self) -> Mapping[str, Value]:
        """Its labels."""
        return as_map(dig(self.body, "metadata", "labels"))

    @property
    def annotations(self) -> Mapping[str, Value]:
        """Its annotations."""
        return as_map(dig(self.body, "metadata", "annotations"))


def kubernetes_objects(stack: StackView, *kinds: str) -> Iterator[KubernetesObject]:
    """Give the objects of some kinds, or all; patches and the members of lists count as what they change or hold."""
    for resource in stack.resources:
        if resource.package == "kubernetes" and resource.custom and not resource.is_provider:
            for item in _of(resource, resource.inputs):
                if not kinds or item.kind in kinds:
                    yield item


def _of(resource: ResourceView, body: Mapping[str, Value]) -> Iterator[KubernetesObject]:
    kind = body.get("kind")
    if not isinstance(kind, str):
        kind = resource.type.rsplit(":", maxsplit=1)[-1].removesuffix("Patch")
    if kind.endswith("List") and isinstance(body.get("items"), list | tuple):
        for item in as_list(body.get("items")):
            yield from _of(resource, {"kind": kind.removesuffix("List"), **as_map(item)})
        return
    version = body.get("apiVersion")
    if not isinstance(version, str):
        version = resource.type.split(":")[1] if resource.type.count(":") == 2 else ""
    group = version.split("/", maxsplit=1)[0] if "/" in version else "core"
    yield KubernetesObject(view=resource, group=group, kind=kind, body=body)


@dataclass(frozen=True, kw_only=True)
class ChartValues:
    """The values of one Helm chart."""

    view: ResourceView
    where: str
    chart: str
    values: Mapping[str, Value]
    namespace: str | None


def chart_values(stack: StackView) -> Iterator[ChartValues]:
    """Give the values of every Helm release and chart, of Argo CD's applications and of EKS add-ons."""
    for resource in stack.resources:
        kind = resource.type.rsplit(":", maxsplit=1)[-1]
        if resource.type.startswith(("kubernetes:helm.sh/", "kubernetes:helm")):
            namespace = resource.get("namespace")
            yield ChartValues(
                view=resource,
                where="values",
                chart=_text(resource.get("chart")) or _text(resource.get("name")) or resource.name,
                values=as_map(resource.get("values")),
                namespace=namespace if isinstance(namespace, str) else None,
            )
        elif kind == "Addon" and resource.type.startswith("aws:eks/"):
            values = structured(resource.get("configurationValues"))
            yield ChartValues(
                view=resource,
                where="configurationValues",
                chart=_text(resource.get("addonName")),
                values=as_map(values),
                namespace="kube-system",
            )
    for application in kubernetes_objects(stack, "Application"):
        yield from _argo_values(application)


def _argo_values(application: KubernetesObject) -> Iterator[ChartValues]:
    namespace = dig(application.spec, "destination", "namespace")
    sources = [*as_list(application.spec.get("source")), *as_list(application.spec.get("sources"))]
    for source in sources:
        helm = dig(source, "helm")
        for name in ("values", "valuesObject"):
            values = structured(dig(helm, name))
            if as_map(values):
                yield ChartValues(
                    view=application.view,
                    where=f"helm.{name}",
                    chart=_text(dig(source, "chart")) or _text(dig(source, "path")) or application.name,
                    values=as_map(values),
                    namespace=namespace if isinstance(namespace, str) else None,
                )


def structured(value: Value) -> Value:
    """Read JSON or YAML in a text; anything that is neither a mapping nor a list inside stays as it is."""
    if not isinstance(value, str) or not (":" in value or "[" in value):
        return value
    try:
        inner = json.loads(value)
    except ValueError:
        try:
            inner = yaml.load(value, Loader=_LOADER)  # noqa: S506 - the safe loader, in C where there is one
        except (yaml.YAMLError, ValueError, RecursionError):
            return value
    return cast("Value", inner) if isinstance(inner, Mapping | list) else value


def opaque_in(values: Mapping[str, Value]) -> Opaque | None:
    """Give the first value that cannot be read, of those directly here."""
    return next((value for value in values.values() if isinstance(value, Opaque)), None)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
