"""What each type of resource is charged for, by provider. Prices themselves are in ``catalog.prices``."""
