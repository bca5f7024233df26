"""Images: a version one can go back to, from a registry of the cluster's own region (M§10, M§14.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.clusters import Cluster
from catalog.places import Cloud
from catalog.services import Service
from policies.demands import ON, Demand, broken, one_of
from policies.kubernetes_objects import chart_values, kubernetes_objects, structured
from policies.pods import pods
from policies.rules import Family, Level, Rule, Violation, on
from policies.values import as_list, dig, walk
from policies.views import ResourceView, StackView

_SERVICES = frozenset(service.id for service in Service)
_PUBLIC = re.compile(
    r"^(?:docker\.io|index\.docker\.io|registry-1\.docker\.io|quay\.io|ghcr\.io|gcr\.io|k8s\.gcr\.io|registry\.k8s\.io"
    r"|public\.ecr\.aws|mcr\.microsoft\.com|docker\.elastic\.co|nvcr\.io)(?:/|$)"
)
_ECR = re.compile(r"^\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/")
_ACR = re.compile(r"^(?:[\w.-]*\.)?(cn-[a-z]+(?:-\d)?|[a-z]+-[a-z]+-\d)\.(?:cr\.)?aliyuncs\.com/")


def host_of(image: str) -> str | None:
    """Give the registry an image names; ``None`` where it names none, which means the public one."""
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else None


def has_version(image: str) -> bool:
    """Whether an image says which one: by digest, or by a tag other than latest."""
    if "@sha256:" in image:
        return True
    last = image.rsplit("/", maxsplit=1)[-1]
    _, colon, tag = last.partition(":")
    return bool(colon) and bool(tag) and tag != "latest"


def _images(stack: StackView) -> Iterator[tuple[ResourceView, str, str, str]]:
    """Give every image with who runs it: resource, where, container's name, image."""
    for pod in pods(stack):
        for container in pod.containers:
            image = container.body.get("image")
            if isinstance(image, str) and image:
                yield pod.owner.view, f"container {container.name}", container.name, image
    yield from _of_functions(stack)
    for item in kubernetes_objects(stack):
        if item.group not in {"core", "apps", "batch"} and item.kind != "Rollout":
            for path, value in walk(item.spec):
                if (
                    path.endswith("image")
                    and ".containers" not in path
                    and isinstance(value, str)
                    and "/" in value
                ):
                    yield item.view, f"spec.{path}", "", value


def _of_functions(stack: StackView) -> Iterator[tuple[ResourceView, str, str, str]]:
    for task in stack.of_type("aws:ecs/taskDefinition:TaskDefinition"):
        for container in as_list(structured(task.get("containerDefinitions"))):
            image = dig(container, "image")
            if isinstance(image, str):
                yield task, f"container {dig(container, 'name')}", str(dig(container, "name")), image
    for token, path in (
        ("aws:lambda/function:Function", "imageUri"),
        ("aws:apprunner/service:Service", "image"),
    ):
        for function in stack.of_type(token):
            image = function.get(path)
            if isinstance(image, str):
                yield function, path, "", image
    for group in stack.of_type("alicloud:eci/containerGroup:ContainerGroup"):
        for container in as_list(group.get("containers")):
            image = dig(container, "image")
            if isinstance(image, str):
                yield group, f"container {dig(container, 'name')}", str(dig(container, "name")), image


def _versions(stack: StackView) -> Iterator[Violation]:
    for view, where, _, image in _images(stack):
        if not has_version(image):
            yield on(view, f"{where}: {image} may be another image tomorrow; name a version")
    for chart in chart_values(stack):
        for path, value in walk(chart.values):
            if path.rsplit(".", maxsplit=1)[-1] in {"tag", "imageTag"} and value == "latest":
                yield on(chart.view, f"{chart.chart}: {path} is latest")
    yield from broken(stack, _TAGS)


_TAGS = (
    Demand(
        types=("aws:ecr/repository:Repository",),
        path="imageTagMutability",
        wanted=one_of("IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"),
        because="a tag may come to mean another image",
    ),
    Demand(
        types=("alicloud:cs/registryEnterpriseRepo:RegistryEnterpriseRepo", "alicloud:cr/repo:Repo"),
        path="tagImmutability",
        wanted=ON,
        because="a tag may come to mean another image",
        unless=lambda repository: repository.type.startswith("alicloud:cr/"),
    ),
)
_SCANS = (
    Demand(
        types=("aws:ecr/repository:Repository",),
        path="imageScanningConfiguration.scanOnPush",
        wanted=ON,
        because="nobody looks for known holes",
    ),
)


def _scans(stack: StackView) -> Iterator[Violation]:
    if any(stack.of_type("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration")):
        return
    yield from broken(stack, _SCANS)


def _registries(stack: StackView) -> Iterator[Violation]:
    for view, where, name, image in _images(stack):
        if problem := _not_own(stack, name, image):
            yield on(view, f"{where}: {image} {problem}")
    if stack.facts.cluster is not Cluster.CHINA:
        return
    for chart in chart_values(stack):
        for path, value in walk(chart.values):
            leaf = path.rsplit(".", maxsplit=1)[-1]
            image = leaf in {"registry", "repository", "image", "imageRegistry"} and isinstance(value, str)
            if image and _PUBLIC.match(str(value)):
                yield on(chart.view, f"{chart.chart}: {path} {value} cannot be fetched from mainland China")


def _not_own(stack: StackView, name: str, image: str) -> str | None:
    home = stack.facts.cluster.home
    host = host_of(image)
    if host is not None and (host.endswith(".smp.local") or ".smp.local:" in host):
        return None
    cloud_registry = _ACR.match(image)
    if home.cloud is Cloud.ALIBABA:
        if cloud_registry and cloud_registry[1] == home:
            return None
        return f"cannot be fetched from mainland China; take it from the mirror in {home}"
    if _ECR.match(image):
        return None
    last = re.sub(r"[@:].*$", "", image.rsplit("/", maxsplit=1)[-1])
    service = name in _SERVICES or last in _SERVICES
    return "is not from a registry of the cluster's own" if service else None


RULES = (
    Rule(
        id="workloads-image-versions",
        family=Family.WORKLOADS,
        sentence="An image has a version that stays the same, so that one can go back to it.",
        source="M§10: rollback to the previous image",
        level=Level.MANDATORY,
        remedy="name a version or a digest, and make tags immutable",
        judge=_versions,
        alone=True,
    ),
    Rule(
        id="workloads-image-registries",
        family=Family.WORKLOADS,
        sentence="Services come from the registry of their own region; in mainland China everything does.",
        source="M§14.7; docs/decisions/0017",
        level=Level.MANDATORY,
        remedy="push the image to the cluster's own registry and name it there",
        judge=_registries,
        alone=True,
    ),
    Rule(
        id="workloads-image-scans",
        family=Family.WORKLOADS,
        sentence="Images are scanned when they are pushed.",
        source="M§14.7; AWS Foundational Security Best Practices ECR.1",
        level=Level.ADVISORY,
        remedy="turn scanOnPush on",
        judge=_scans,
    ),
)
