"""Service accounts of the ten services."""

from catalog.stack_facts import Stack
from components.kubernetes.service_accounts import ServiceAccounts, ServiceAccountsArgs
from tests.contracts.harness import Example, World, known


def _service_accounts(world: World) -> ServiceAccounts:
    return ServiceAccounts(
        "service-accounts",
        ServiceAccountsArgs(scope=world.scope, namespace=known("smp-dev"), annotations={}),
        provider=world.kubernetes,
    )


EXAMPLES = [
    Example(
        id="service-accounts",
        build=_service_accounts,
        stacks=(Stack.DEV, Stack.PROD_ASIA, Stack.PROD_CHINA),
    )
]
