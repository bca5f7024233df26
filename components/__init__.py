"""ComponentResources: each reads top to bottom as validate, name, create, export. Knows the catalogue only."""
