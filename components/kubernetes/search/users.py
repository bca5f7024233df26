"""The users of Elasticsearch and all they may do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.read_model import INDEX_PREFIX
from components.core.component import Args, Component, Outputs
from components.kubernetes.search.resources import (
    PASSWORD_KEY,
    READER_USER,
    SINK_USER,
    USERNAME_KEY,
    credentials_secret,
)

_FIGURES = [f"{INDEX_PREFIX}-*"]

ROLES: Mapping[str, dict[str, Any]] = {
    # create_index: the first figure of a month makes its index, from the template.
    SINK_USER: {"indices": [{"names": _FIGURES, "privileges": ["create_index", "index"]}]},
    READER_USER: {"indices": [{"names": _FIGURES, "privileges": ["read", "view_index_metadata"]}]},
}
"""One role per user, under the user's name. Everything else is the administrator's, whom only the settings job is."""


@dataclass(frozen=True, kw_only=True)
class SearchUsersArgs(Args):
    """Where Elasticsearch and Kafka Connect are, and the users' passwords, which must be secrets."""

    namespace: pulumi.Output[str]
    connect_namespace: pulumi.Output[str]
    passwords: Mapping[str, pulumi.Output[str]]

    def problems(self) -> Iterator[str]:
        """Check that every user has a password."""
        for user in ROLES.keys() - self.passwords.keys():
            yield f"passwords: {user} has none"


@dataclass(frozen=True, kw_only=True)
class SearchUsersOutputs(Outputs):
    """Names of secrets: what Elasticsearch reads, and what Connect does."""

    realm: tuple[pulumi.Output[str], ...]
    roles: pulumi.Output[str]
    connect_name: pulumi.Output[str]


class SearchUsers(Component[SearchUsersOutputs]):
    """One user that writes and one that reads, both no further than the figures.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:SearchUsers"

    def __init__(
        self,
        name: str,
        args: SearchUsersArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        realm = tuple(
            self._create_secret(
                f"search-user-{user}",
                credentials_secret(user),
                args.namespace,
                {USERNAME_KEY: user, PASSWORD_KEY: args.passwords[user], "roles": user},
                kind="kubernetes.io/basic-auth",
            )
            for user in ROLES
        )
        roles = self._create_secret(
            "search-roles", "elasticsearch-roles", args.namespace, {"roles.yml": json.dumps(ROLES)}
        )
        connect = self._create_secret(
            "search-user-of-connect",
            credentials_secret(SINK_USER),
            args.connect_namespace,
            {USERNAME_KEY: SINK_USER, PASSWORD_KEY: args.passwords[SINK_USER]},
        )
        self.publish(SearchUsersOutputs(realm=realm, roles=roles, connect_name=connect))

    def _create_secret(
        self,
        logical: str,
        name: str,
        namespace: pulumi.Output[str],
        values: Mapping[str, pulumi.Input[str]],
        *,
        kind: str = "Opaque",
    ) -> pulumi.Output[str]:
        secret = kubernetes.core.v1.Secret(
            self.scope.name(logical),
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=name, namespace=namespace, labels=self.scope.labels("search", "users")
            ),
            type=kind,
            string_data={key: pulumi.Output.secret(value) for key, value in values.items()},
            opts=self.child(),
        )
        return secret.metadata.name
