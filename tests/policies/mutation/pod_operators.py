"""Breaks one thing at a time in pods, whatever object makes them."""

from __future__ import annotations

from collections.abc import Mapping

from policies.views import ResourceView, StackView
from tests.policies.mutation.changes import Changes, Path, dropped, put, walked


def pods(_: StackView, resource: ResourceView) -> Changes:
    """Loosen what a pod may do, and what it runs."""
    if resource.package != "kubernetes":
        return
    for path, value in walked(resource.inputs, inner=True):
        if path[-1] in {"containers", "initContainers"} and isinstance(value, list):
            for place, container in enumerate(value):
                if isinstance(container, Mapping) and "image" in container:
                    yield from _container(resource, (*path, place), container)
            yield from _pod(resource, path[:-1])
        if path[-1] == "securityContext" and isinstance(value, Mapping):
            yield "without securityContext", dropped(resource, path)


def _pod(resource: ResourceView, path: Path) -> Changes:
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        yield f"{name} on", put(resource, (*path, name), True)
    yield "automountServiceAccountToken on", put(resource, (*path, "automountServiceAccountToken"), True)
    volume = {"name": "host", "hostPath": {"path": "/var/run"}}
    spec = resource.get(*path)
    volumes = spec.get("volumes") if isinstance(spec, Mapping) else None
    yield (
        "hostPath",
        put(resource, (*path, "volumes"), [*(volumes if isinstance(volumes, list) else []), volume]),
    )


def _container(resource: ResourceView, path: Path, container: Mapping[str, object]) -> Changes:
    yield (
        "image latest",
        put(resource, (*path, "image"), f"{str(container['image']).rsplit(':', 1)[0]}:latest"),
    )
    yield "image of another registry", put(resource, (*path, "image"), "docker.io/somebody/thing:1.0.0")
    if "resources" in container:
        yield "without resources", dropped(resource, (*path, "resources"))
    context = container.get("securityContext")
    if isinstance(context, Mapping):
        inner = (*path, "securityContext")
        for name, value in (
            ("privileged", True),
            ("allowPrivilegeEscalation", True),
            ("readOnlyRootFilesystem", False),
            ("runAsNonRoot", False),
            ("runAsUser", 0),
            ("capabilities", {"add": ["SYS_ADMIN"]}),
        ):
            yield f"{name} {value}", put(resource, (*inner, name), value)
