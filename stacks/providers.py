"""The explicit providers. Credentials come from the environment, never from the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_kubernetes as kubernetes

from components.core.scope import Scope

if TYPE_CHECKING:
    import pulumi_alicloud as alicloud
    import pulumi_aws as aws
    import pulumi_cloudflare as cloudflare
    import pulumi_mongodbatlas as mongodbatlas


def aws_provider(scope: Scope) -> aws.Provider:
    """AWS in the cluster's home; refuses credentials of any other account."""
    import pulumi_aws as aws  # noqa: PLC0415

    return aws.Provider(
        scope.name("aws"),
        region=scope.region,
        allowed_account_ids=[scope.account],
    )


def alicloud_provider(scope: Scope) -> alicloud.Provider:
    """Alibaba Cloud in the cluster's home."""
    import pulumi_alicloud as alicloud  # noqa: PLC0415

    return alicloud.Provider(scope.name("alicloud"), region=scope.region, account_id=scope.account)


def atlas_provider(scope: Scope) -> mongodbatlas.Provider:
    """MongoDB Atlas; the region is chosen per cluster."""
    import pulumi_mongodbatlas as mongodbatlas  # noqa: PLC0415

    return mongodbatlas.Provider(scope.name("atlas"))


def cloudflare_provider(scope: Scope) -> cloudflare.Provider:
    """Cloudflare. Importing its package costs two seconds, so only stacks that use it do."""
    import pulumi_cloudflare as cloudflare  # noqa: PLC0415

    return cloudflare.Provider(scope.name("cloudflare"))


def kubernetes_provider(scope: Scope, kubeconfig: pulumi.Output[str]) -> kubernetes.Provider:
    """The cluster this stack builds; server-side apply so that two writers of one object see each other."""
    return kubernetes.Provider(scope.name("kubernetes"), kubeconfig=kubeconfig, enable_server_side_apply=True)
