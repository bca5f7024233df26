"""What a node is: launch templates and node groups of an EKS cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pulumi
import pulumi_aws as aws

from catalog.node_pools import POOL_LABEL, Capacity, PoolPurpose
from components.aws.kubernetes_placement import NodeGroupPlacement, instance_types, place
from components.core.naming import NameLimit
from components.core.node_pools import NodePool
from components.core.scope import Scope

ROOT_DEVICE = "/dev/xvda"
"""Where Amazon Linux 2023 has its only disk."""

AMI_TYPE = "AL2023_x86_64_STANDARD"

CAPACITY_TYPES: Mapping[Capacity, str] = {Capacity.ON_DEMAND: "ON_DEMAND", Capacity.SPOT: "SPOT"}

UNAVAILABLE_DURING_UPDATE_PERCENT = 33
"""A third of a group at a time, one node at least; disruption budgets hold below that."""

NODE_POLICIES: Mapping[str, str] = {
    "worker": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy",
    "images": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
}
"""All a node may do: join, and pull images. What pods need they get by pod identity."""


def template_name(scope: Scope, pool_name: str) -> str:
    """Name a pool's launch template; a change makes a new version of it and rolls the nodes."""
    return scope.name(f"nodes-{pool_name}", NameLimit.LAUNCH_TEMPLATE)


def group_name(scope: Scope, pool_name: str, pool: NodePool, placement: NodeGroupPlacement) -> str:
    """Name a node group, with what cannot change in place: type, way of buying, zone.

    A pool that gets another type so becomes a new group beside the old one, which is drained once the new one
    stands, instead of a replacement that must first delete.
    """
    parts = [pool_name, pool.instance_type.replace(".", "-")]
    if pool.capacity is not Capacity.ON_DEMAND:
        parts.append(pool.capacity)
    if placement.suffix:
        parts.append(placement.suffix)
    return scope.name("-".join(parts), NameLimit.EKS_NODE_GROUP)


def name_problems(scope: Scope, pools: Mapping[str, NodePool], zones: tuple[str, ...]) -> Iterator[str]:
    """Yield the pools whose names make names that AWS refuses."""
    for pool_name, pool in pools.items():
        try:
            template_name(scope, pool_name)
            for placement in place(pool, pools, zones):
                group_name(scope, pool_name, pool, placement)
        except ValueError as error:
            yield f"node pool {pool_name}: {error}; give it a shorter or plainer name"


def launch_template(
    scope: Scope, pool_name: str, pool: NodePool, volumes_key_arn: pulumi.Output[str]
) -> aws.ec2.LaunchTemplateArgs:
    """Describe the machines of a pool. No key pair: nobody logs in to a node.

    The hop limit of one keeps pods away from the instance's metadata, and so from the node's role.
    """
    name = template_name(scope, pool_name)
    tags = scope.tags(name)
    return aws.ec2.LaunchTemplateArgs(
        name=name,
        description=f"Nodes of pool {pool_name}",
        update_default_version=True,
        metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled",
            http_tokens="required",
            http_put_response_hop_limit=1,
            instance_metadata_tags="disabled",
        ),
        block_device_mappings=[
            aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                device_name=ROOT_DEVICE,
                ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                    volume_type="gp3",
                    volume_size=pool.disk.gibibytes,
                    encrypted="true",
                    kms_key_id=volumes_key_arn,
                    delete_on_termination="true",
                ),
            )
        ],
        tag_specifications=[
            aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=resource, tags=tags)
            for resource in ("instance", "volume", "network-interface")
        ],
        tags=tags,
    )


def node_group(
    scope: Scope,
    pool_name: str,
    pool: NodePool,
    placement: NodeGroupPlacement,
    *,
    version: str,
    cluster_name: pulumi.Output[str],
    node_role_arn: pulumi.Output[str],
    subnets: Mapping[str, pulumi.Output[str]],
    template: aws.ec2.LaunchTemplate,
) -> aws.eks.NodeGroupArgs:
    """Describe one node group.

    Its Auto Scaling group gets the cluster autoscaler's discovery tags from EKS itself. The tags here are for
    the node group alone, which is why the launch template repeats them for what costs money.
    """
    name = group_name(scope, pool_name, pool, placement)
    return aws.eks.NodeGroupArgs(
        node_group_name=name,
        cluster_name=cluster_name,
        version=version,
        node_role_arn=node_role_arn,
        subnet_ids=[subnets[zone] for zone in placement.zones],
        ami_type=AMI_TYPE,
        capacity_type=CAPACITY_TYPES[pool.capacity],
        instance_types=list(instance_types(pool)),
        launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
            id=template.id, version=pulumi.Output.format("{0}", template.latest_version)
        ),
        scaling_config=aws.eks.NodeGroupScalingConfigArgs(
            min_size=placement.minimum, max_size=placement.maximum, desired_size=placement.minimum
        ),
        update_config=aws.eks.NodeGroupUpdateConfigArgs(
            max_unavailable_percentage=UNAVAILABLE_DURING_UPDATE_PERCENT
        ),
        node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
        labels={POOL_LABEL: pool.purpose},
        taints=[
            aws.eks.NodeGroupTaintArgs(key=POOL_LABEL, value=PoolPurpose.DATA, effect="PREFER_NO_SCHEDULE"),
        ]
        if pool.purpose is PoolPurpose.DATA
        else None,
        tags=scope.tags(name),
    )
