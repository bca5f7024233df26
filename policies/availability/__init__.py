"""Production outlives the loss of a zone (M§14.6); what runs elsewhere follows the matrix (M§2, M§4)."""

from policies.availability import brokers, nodes, services, stores, versions, zones

RULES = (
    *zones.RULES,
    *stores.RULES,
    *brokers.RULES,
    *nodes.RULES,
    *services.RULES,
    *versions.RULES,
)
