"""Machines: their metadata needs a token, and no key of a person opens them."""

from __future__ import annotations

from collections.abc import Iterator

from policies.demands import Absent, Demand, Wanted, broken, is_off, one_of
from policies.exposure.addresses import is_bastion
from policies.rules import Family, Level, Rule, Violation, on
from policies.values import as_int, as_list, dig
from policies.views import ResourceView, StackView, is_set

_AWS = (
    "aws:ec2/instance:Instance",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
)


def _no_endpoint(machine: ResourceView) -> bool:
    endpoint = dig(as_list(machine.get("metadataOptions")), 0, "httpEndpoint")
    return endpoint == "disabled" or (is_off(endpoint) and endpoint is not None)


_REQUIRED = one_of("required")
_WHY = "the older service gives the machine's role to whoever can make it ask"
_DEMANDS = (
    Demand(
        types=_AWS, path="metadataOptions.httpTokens", wanted=_REQUIRED, because=_WHY, unless=_no_endpoint
    ),
    Demand(
        types=_AWS,
        path="metadataOptions?.httpPutResponseHopLimit",
        wanted=Wanted(said="1", holds=lambda value: (as_int(value) or 1) <= 1),
        absent=Absent.HOLDS,
        because="pods would get the node's role",
        unless=_no_endpoint,
    ),
    Demand(
        types=("aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",),
        path="httpTokens",
        wanted=_REQUIRED,
    ),
    Demand(types=("alicloud:ecs/instance:Instance",), path="httpTokens", wanted=_REQUIRED, because=_WHY),
    Demand(
        types=("alicloud:cs/nodePool:NodePool",),
        path="instanceMetadataOptions.httpTokens",
        wanted=_REQUIRED,
        because=_WHY,
    ),
    Demand(
        types=("alicloud:ess/scalingConfiguration:ScalingConfiguration",),
        path="httpTokens",
        wanted=_REQUIRED,
        because=_WHY,
    ),
    Demand(
        types=("alicloud:ecs/ecsLaunchTemplate:EcsLaunchTemplate",),
        path="httpTokens",
        wanted=_REQUIRED,
        because=_WHY,
    ),
)


def _metadata(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)


def _keys(stack: StackView) -> Iterator[Violation]:
    for group in stack.of_type("aws:eks/nodeGroup:NodeGroup"):
        for access in as_list(group.get("remoteAccess")):
            if is_set(dig(access, "ec2SshKey")) and not is_set(dig(access, "sourceSecurityGroupIds")):
                yield on(group, "remoteAccess opens SSH on the nodes to everybody who holds the key")
    for machine in stack.of_type(
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/launchConfiguration:LaunchConfiguration",
        "alicloud:cs/nodePool:NodePool",
        "alicloud:ess/scalingConfiguration:ScalingConfiguration",
    ):
        if is_set(machine.get("keyName")) and not is_bastion(machine):
            yield on(machine, "keyName: whoever holds the key may enter every machine")


RULES = (
    Rule(
        id="access-metadata",
        family=Family.ACCESS,
        sentence="The metadata of a machine is given only for a token, and not to its pods.",
        source="M§9; AWS Foundational Security Best Practices EC2.8",
        level=Level.MANDATORY,
        remedy="set httpTokens to required and the hop limit to 1",
        judge=_metadata,
        alone=True,
    ),
    Rule(
        id="access-keys",
        family=Family.ACCESS,
        sentence="No key opens SSH on nodes; people come through the bastion.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="remove the key; use a session of the bastion",
        judge=_keys,
        alone=True,
    ),
)
