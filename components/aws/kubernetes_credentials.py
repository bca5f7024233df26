"""How a client reaches an EKS cluster."""

from __future__ import annotations

import pulumi

from components.core.scope import Scope


def kubeconfig(
    scope: Scope,
    *,
    name: str,
    endpoint: pulumi.Output[str],
    certificate_authority: pulumi.Output[str],
) -> pulumi.Output[str]:
    """Write a kubeconfig as JSON, a secret although it holds no credential.

    The client's own AWS credentials become a short-lived token: it needs the AWS CLI and an access entry.
    """
    token_command = ["--region", str(scope.region), "eks", "get-token", "--cluster-name", name]
    return pulumi.Output.secret(
        pulumi.Output.json_dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": name,
                "clusters": [
                    {
                        "name": name,
                        "cluster": {
                            "server": endpoint,
                            "certificate-authority-data": certificate_authority,
                        },
                    }
                ],
                "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
                "users": [
                    {
                        "name": name,
                        "user": {
                            "exec": {
                                "apiVersion": "client.authentication.k8s.io/v1",
                                "command": "aws",
                                "args": [*token_command, "--output", "json"],
                                "interactiveMode": "Never",
                            }
                        },
                    }
                ],
            }
        )
    )
