"""Who may do what (M§9): in accounts, on machines, in the cluster, in Vault, at the edge."""

from policies.access import accounts, audit, endpoints, identities, machines, people, rbac, stores, vault

RULES = (
    *accounts.RULES,
    *endpoints.RULES,
    *identities.RULES,
    *people.RULES,
    *machines.RULES,
    *audit.RULES,
    *rbac.RULES,
    *vault.RULES,
    *stores.RULES,
)
