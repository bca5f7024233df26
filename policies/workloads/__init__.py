"""Pods that cannot hurt their node, their neighbours or their releases (M§4; Pod Security Standards)."""

from policies.workloads import charts, hardening, images, namespaces, resources, settings

RULES = (
    *hardening.RULES,
    *charts.RULES,
    *resources.RULES,
    *images.RULES,
    *namespaces.RULES,
    *settings.RULES,
)
