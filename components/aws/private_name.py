"""A name in the stack's private zone for something outside of it."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.core.component import Component
from components.core.private_name import TTL_SECONDS, PrivateNameArgs, PrivateNameOutputs


class PrivateName(Component[PrivateNameOutputs]):
    """One record. A conventional name stays when what it leads to moves; a minute later everybody has followed.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:PrivateName"

    def __init__(
        self,
        name: str,
        args: PrivateNameArgs,
        *,
        provider: aws.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        label = args.name.split(".", maxsplit=1)[0]
        aws.route53.Record(
            self.scope.name(f"name-{label}"),
            zone_id=args.zone_id,
            name=args.name,
            type=str(args.kind),
            ttl=TTL_SECONDS,
            records=[args.target],
            opts=self.child(),
        )
        self.publish(PrivateNameOutputs(name=args.name))
