"""The Alibaba Cloud components, with the sizes of prod-china."""

from catalog.addresses import Cidr
from catalog.stack_facts import Stack
from components.alicloud.keys import Keys, KeysArgs
from components.alicloud.network import NatGateways, Network, NetworkArgs
from tests.contracts.harness import Example, World, known

STACKS = (Stack.PROD_CHINA, Stack.DEV)
"""dev is never built on Alibaba Cloud; it is here to show what production alone protects."""

KEY_ID = "key-of-the-example"
NETWORK = Cidr.parse("10.30.0.0/16")


def zones(world: World) -> tuple[str, str, str]:
    return (f"{world.scope.region}-h", f"{world.scope.region}-k", f"{world.scope.region}-l")


def network(world: World, nat_gateways: NatGateways = NatGateways.SINGLE) -> Network:
    return Network(
        "network",
        NetworkArgs(
            scope=world.scope,
            cidr=NETWORK,
            zones=zones(world),
            nat_gateways=nat_gateways,
            key_id=known(KEY_ID),
        ),
        provider=world.alicloud,
    )


def keys(world: World, kms_instance_id: str | None = None) -> Keys:
    return Keys("keys", KeysArgs(scope=world.scope, kms_instance_id=kms_instance_id), provider=world.alicloud)


EXAMPLES = [
    Example(id="alicloud-network", build=network, stacks=STACKS),
    Example(id="alicloud-keys", build=keys, stacks=STACKS),
]
