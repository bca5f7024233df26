"""Keys, cluster, registry, budget and workload identity on AWS."""

from components.aws.keys import KeyPurpose, Keys, KeysArgs
from tests.contracts.harness import Example, World


def _keys(world: World) -> Keys:
    return Keys("keys", KeysArgs(scope=world.scope, purposes=frozenset(KeyPurpose)), provider=world.aws)


EXAMPLES = [Example(id="aws-keys", build=_keys)]
