"""Health checks of origins: they tell people and move no traffic (M§12, M§14.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_cloudflare as cloudflare

from catalog import forms
from catalog.clusters import Cluster
from catalog.edge import CHECK_REGIONS, HEALTH_PATH
from catalog.hostnames import ZONE
from components.cloudflare.identifiers import identifier_problems
from components.cloudflare.origin_target import OriginTarget
from components.core.component import Args, Component, Outputs, about

INTERVAL_SECONDS = 60
"""The shortest of the plan; M§12 asks for a check a minute."""
FAILURES = 3
TIMEOUT_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class OriginHealthArgs(Args):
    """The origins of one cluster."""

    account_id: str
    zone_id: str
    cluster: Cluster
    """Whose origins: the checks come from its part of the world."""
    target: OriginTarget
    hosts: tuple[str, ...]
    """Names the origin answers to; each is checked."""
    email_addresses: tuple[str, ...]

    def problems(self) -> Iterator[str]:
        """Check the ids, the hosts, and that somebody hears of it."""
        yield from identifier_problems("account_id", self.account_id)
        yield from identifier_problems("zone_id", self.zone_id)
        if self.cluster not in CHECK_REGIONS:
            yield f"{self.cluster.id} has no origin; check those of another cluster"
        if not self.hosts:
            yield "hosts are empty; name the origins to check"
        for host in self.hosts:
            if not host.endswith(f".{ZONE}"):
                yield f"{host} is not of {ZONE}"
        if not self.email_addresses:
            yield "nobody is told; give email_addresses"
        for address in self.email_addresses:
            yield from about("email_addresses", forms.mailbox(address))


@dataclass(frozen=True, kw_only=True)
class OriginHealthOutputs(Outputs):
    """Ids of the checks by host."""

    checks: Mapping[str, pulumi.Output[str]]


class OriginHealth(Component[OriginHealthOutputs]):
    """Checks of one cluster's origins, past the edge, and one notification for them.

    There is no load balancer and no pool on purpose: what fails is announced, and nobody else takes its place.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:cloudflare:OriginHealth"

    def __init__(
        self,
        name: str,
        args: OriginHealthArgs,
        *,
        provider: cloudflare.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        checks = {host: self._create_check(host) for host in args.hosts}
        self._create_notification(checks)
        self.publish(OriginHealthOutputs(checks={host: check.id for host, check in checks.items()}))

    def _create_check(self, host: str) -> cloudflare.Healthcheck:
        name = self.scope.name(f"origin-{host.split('.', maxsplit=1)[0]}")
        return cloudflare.Healthcheck(
            name,
            name=name,
            zone_id=self._args.zone_id,
            address=self._args.target.text,
            type="HTTPS",
            check_regions=[CHECK_REGIONS[self._args.cluster]],
            interval=INTERVAL_SECONDS,
            timeout=TIMEOUT_SECONDS,
            consecutive_fails=FAILURES,
            consecutive_successes=FAILURES,
            http_config=cloudflare.HealthcheckHttpConfigArgs(
                method="GET",
                path=HEALTH_PATH,
                port=443,
                header={"Host": [host]},
                expected_codes=["2xx"],
                follow_redirects=False,
                # The checker does not know Cloudflare's own authority; the edge itself still verifies strictly.
                allow_insecure=True,
            ),
            opts=self.child(),
        )

    def _create_notification(self, checks: Mapping[str, cloudflare.Healthcheck]) -> None:
        name = self.scope.name("origin-health")
        cloudflare.NotificationPolicy(
            name,
            name=name,
            account_id=self._args.account_id,
            alert_type="health_check_status_notification",
            enabled=True,
            description=f"An origin of {self._args.cluster.id} is down, or back",
            filters=cloudflare.NotificationPolicyFiltersArgs(
                health_check_ids=[check.id for check in checks.values()], statuses=["Unhealthy", "Healthy"]
            ),
            mechanisms=cloudflare.NotificationPolicyMechanismsArgs(
                emails=[
                    cloudflare.NotificationPolicyMechanismsEmailArgs(id=address)
                    for address in self._args.email_addresses
                ]
            ),
            opts=self.child(),
        )
