"""Node pools of an ACK cluster, and the security group of all its nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_alicloud as alicloud

from catalog.addresses import Cidr
from catalog.node_pools import POOL_LABEL, Capacity, PoolPurpose
from components.alicloud.billing import SUBSCRIPTION_MONTHS
from components.core.component import Component
from components.core.node_pools import NodePool

NODE_IMAGE = "AliyunLinux4"
"""Kubernetes 1.35 needs cgroup v2, which Alibaba Cloud Linux 3 does not have by default."""


def create_node_security_group(
    owner: Component[Any], *, network_id: pulumi.Output[str], network_cidr: Cidr
) -> alicloud.ecs.SecurityGroup:
    """Create the group of nodes, pods and control plane: everything inside the VPC, outwards only beyond it."""
    name = owner.scope.name("nodes")
    group = alicloud.ecs.SecurityGroup(
        name,
        security_group_name=name,
        description="Nodes and pods; nothing from outside the VPC",
        vpc_id=network_id,
        # The advanced kind: no limit of 2000 addresses, which pods on VPC addresses would reach.
        security_group_type="enterprise",
        inner_access_policy="Drop",
        tags=owner.scope.tags(name),
        opts=owner.child(),
    )
    for direction, cidr, description in (
        ("ingress", str(network_cidr), "Everything from inside the VPC"),
        ("egress", "0.0.0.0/0", "Everything outwards; the NAT gateway lets nothing in"),
    ):
        alicloud.ecs.SecurityGroupRule(
            owner.scope.name(f"nodes-{direction}"),
            security_group_id=group.id,
            type=direction,
            ip_protocol="all",
            port_range="-1/-1",
            policy="accept",
            cidr_ip=cidr,
            description=description,
            opts=owner.child(),
        )
    return group


def create_node_pool(
    owner: Component[Any],
    *,
    pool_name: str,
    pool: NodePool,
    cluster_id: pulumi.Output[str],
    security_group_id: pulumi.Output[str],
    subnets: Mapping[str, pulumi.Output[str]],
    disk_key_id: pulumi.Output[str],
) -> None:
    """Create one pool of nodes.

    Auto Scaling does not release nodes that are paid in advance. A subscription pool is therefore its minimum on
    subscription, and ``<pool>-burst`` for what is above, by the hour and scaled down to nothing.
    """
    if pool.capacity is Capacity.SUBSCRIPTION:
        _create(
            owner,
            pool_name,
            pool,
            cluster_id,
            security_group_id,
            subnets,
            disk_key_id,
            {
                "instance_charge_type": "PrePaid",
                "period": SUBSCRIPTION_MONTHS,
                "period_unit": "Month",
                "auto_renew": True,
                "auto_renew_period": SUBSCRIPTION_MONTHS,
                "desired_size": str(pool.minimum),
            },
        )
        if pool.maximum == pool.minimum:
            return
    _create(
        owner,
        f"{pool_name}-burst" if pool.capacity is Capacity.SUBSCRIPTION else pool_name,
        pool,
        cluster_id,
        security_group_id,
        subnets,
        disk_key_id,
        _elastic(pool),
    )


def _elastic(pool: NodePool) -> dict[str, Any]:
    is_burst = pool.capacity is Capacity.SUBSCRIPTION
    is_spot = pool.capacity is Capacity.SPOT
    return {
        "instance_charge_type": "PostPaid",
        "spot_strategy": "SpotAsPriceGo" if is_spot else "NoSpot",
        "scaling_config": alicloud.cs.NodePoolScalingConfigArgs(
            enable=True,
            min_size=0 if is_burst else pool.minimum,
            max_size=pool.maximum - pool.minimum if is_burst else pool.maximum,
            type="spot" if is_spot else "cpu",
        ),
    }


def _create(
    owner: Component[Any],
    pool_name: str,
    pool: NodePool,
    cluster_id: pulumi.Output[str],
    security_group_id: pulumi.Output[str],
    subnets: Mapping[str, pulumi.Output[str]],
    disk_key_id: pulumi.Output[str],
    payment: Mapping[str, Any],
) -> None:
    name = owner.scope.name(f"pool-{pool_name}")
    taints = (
        [alicloud.cs.NodePoolTaintArgs(key=POOL_LABEL, value=pool.purpose, effect="PreferNoSchedule")]
        if pool.purpose is PoolPurpose.DATA
        else None
    )
    alicloud.cs.NodePool(
        name,
        node_pool_name=name,
        cluster_id=cluster_id,
        instance_types=[pool.instance_type],
        vswitch_ids=list(subnets.values()),
        multi_az_policy="BALANCE",
        security_group_ids=[security_group_id],
        image_type=NODE_IMAGE,
        security_hardening_os=True,
        runtime_name="containerd",
        system_disk_category="cloud_essd",
        system_disk_performance_level="PL0",
        system_disk_size=pool.disk.gibibytes,
        system_disk_encrypted=True,
        system_disk_encrypt_algorithm="aes-256",
        system_disk_kms_key=disk_key_id,
        instance_metadata_options=alicloud.cs.NodePoolInstanceMetadataOptionsArgs(http_tokens="required"),
        install_cloud_monitor=True,
        # No key pair and no password: nobody logs in to a node; it is replaced.
        labels=[alicloud.cs.NodePoolLabelArgs(key=POOL_LABEL, value=pool.purpose)],
        taints=taints,
        management=alicloud.cs.NodePoolManagementArgs(
            enable=True,
            auto_repair=True,
            auto_repair_policy=alicloud.cs.NodePoolManagementAutoRepairPolicyArgs(restart_node=True),
            auto_upgrade=False,
            auto_vul_fix=True,
            auto_vul_fix_policy=alicloud.cs.NodePoolManagementAutoVulFixPolicyArgs(
                vul_level="asap", restart_node=True
            ),
            max_unavailable=1,
        ),
        tags=owner.scope.tags(name),
        opts=owner.child(),
        **payment,
    )
