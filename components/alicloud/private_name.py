"""A name in the stack's private zone for something outside of it."""

from __future__ import annotations

import pulumi
import pulumi_alicloud as alicloud

from components.core.component import Component
from components.core.private_name import TTL_SECONDS, PrivateNameArgs, PrivateNameOutputs


class PrivateName(Component[PrivateNameOutputs]):
    """One record. A conventional name stays when what it leads to moves; a minute later everybody has followed.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:alicloud:PrivateName"

    def __init__(
        self,
        name: str,
        args: PrivateNameArgs,
        *,
        provider: alicloud.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        relative = args.name.removesuffix(f".{self.scope.private_domain}")
        alicloud.pvtz.ZoneRecord(
            self.scope.name(f"name-{relative.split('.', maxsplit=1)[0]}"),
            zone_id=args.zone_id,
            rr=relative,
            type=str(args.kind),
            ttl=TTL_SECONDS,
            value=args.target,
            opts=self.child(),
        )
        self.publish(PrivateNameOutputs(name=args.name))
