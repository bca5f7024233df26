"""The AWS network, the model of all components."""

from catalog.addresses import Cidr
from components.aws.network import NatGateways, Network, NetworkArgs
from tests.contracts.harness import Example, World, known


def _network(world: World, nat_gateways: NatGateways = NatGateways.PER_ZONE) -> Network:
    return Network(
        "network",
        NetworkArgs(
            scope=world.scope,
            cidr=Cidr.parse("10.20.0.0/16"),
            zones=tuple(f"{world.scope.region}{letter}" for letter in "abc"),
            nat_gateways=nat_gateways,
            interface_endpoints=frozenset({"logs"}),
            key_arn=known("arn:aws:kms:ap-southeast-1:111122223333:key/logs"),
        ),
        provider=world.aws,
    )


EXAMPLES = [Example(id="aws-network", build=_network)]
