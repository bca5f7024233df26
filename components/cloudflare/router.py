"""The edge router: the Worker, its versions, the one in force, and the hosts it answers for (M§14.5)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_cloudflare as cloudflare

from catalog.clusters import Cluster
from catalog.edge import DEFAULT_CLUSTER
from catalog.hostnames import product_hosts
from components.cloudflare.identifiers import identifier_problems
from components.cloudflare.routing import ClusterState, routing_table
from components.cloudflare.signing_keys import SigningKey, key_set
from components.core.component import Args, Component, Outputs
from components.core.naming import NameLimit

_MODULE_TYPE = "application/javascript+module"
_VERSION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UPLOADED = ("content", "bindings", "compatibility_date", "compatibility_flags")
"""What a change of makes Cloudflare put a new version in force at once."""


@dataclass(frozen=True, kw_only=True)
class EdgeRouterArgs(Args):
    """What the router runs and knows."""

    account_id: str
    zone_id: str
    script: Path
    """The module, uploaded byte for byte."""
    compatibility_date: str
    """Runtime behaviour as of this day, the one the tests run with."""
    compatibility_flags: tuple[str, ...] = ()
    clusters: Mapping[Cluster, ClusterState]
    """The clusters of this environment and whether they serve."""
    signing_keys: Mapping[str, SigningKey]
    """Public keys of access tokens by key id; both while a key is being rotated."""
    session_key: pulumi.Output[str]
    """Signs session cookies; a secret."""
    version_in_force: str | None = None
    """Id of the version that serves; ``None``: the newest. While one is named, nothing newer comes into force."""

    def problems(self) -> Iterator[str]:
        """Check the ids, the script, the clusters and the keys."""
        yield from identifier_problems("account_id", self.account_id)
        yield from identifier_problems("zone_id", self.zone_id)
        if not self.script.is_file():
            yield f"script {self.script.name} does not exist; give the path of the router's module"
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", self.compatibility_date) is None:
            yield f"compatibility_date {self.compatibility_date!r} is no date; write it like 2026-04-01"
        if DEFAULT_CLUSTER not in self.clusters:
            yield f"{DEFAULT_CLUSTER.id} is not among the clusters; it serves every country nobody else does"
        if Cluster.GLOBAL in self.clusters:
            yield f"{Cluster.GLOBAL.id} serves no visitor; leave it out of the clusters"
        if not self.signing_keys:
            yield "signing_keys are empty, no token could be verified; give the public key of the token issuer"
        for key_id, key in self.signing_keys.items():
            yield from key.problems(key_id)
        if self.version_in_force is not None and _VERSION.fullmatch(self.version_in_force) is None:
            yield f"version_in_force {self.version_in_force!r} is no version id; take one of `wrangler versions list`"


@dataclass(frozen=True, kw_only=True)
class EdgeRouterOutputs(Outputs):
    """The router in force."""

    script_name: str
    newest_version: pulumi.Output[str]
    version_in_force: pulumi.Output[str]
    """Write it down before a change: it is what to go back to."""
    hosts: tuple[str, ...]
    clusters: Mapping[str, str]
    """State by cluster."""


class EdgeRouter(Component[EdgeRouterOutputs]):
    """The Worker of one environment.

    ``WorkersScript`` holds the module and puts each change in force. ``WorkerVersion`` keeps the same upload as a
    version with an id that Pulumi knows, and never deletes one; ``WorkersDeployment`` names the version in force.
    Naming an older one is a single change of configuration that uploads nothing: the script is then left alone.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:cloudflare:EdgeRouter"

    def __init__(
        self,
        name: str,
        args: EdgeRouterArgs,
        *,
        provider: cloudflare.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        self._name = self.scope.name("edge", NameLimit.WORKERS_SCRIPT)
        self._texts = {
            "ROUTING": routing_table(self.scope.environment, args.clusters),
            "JWKS": key_set(args.signing_keys),
            "ENVIRONMENT": str(self.scope.environment),
        }
        self._warn_of_what_waits()
        script = self._create_script()
        version = self._create_version(script)
        in_force = self._create_deployment(script, version)
        self._close_other_doors(script)
        hosts = self._create_routes(script)
        self.publish(
            EdgeRouterOutputs(
                script_name=self._name,
                newest_version=version.id,
                version_in_force=in_force,
                hosts=hosts,
                clusters={cluster.id: str(state) for cluster, state in args.clusters.items()},
            )
        )

    def _warn_of_what_waits(self) -> None:
        if self._args.version_in_force is not None:
            pulumi.warn(
                f"version {self._args.version_in_force} of the router is in force as it was made; the states, the map"
                " and the keys configured now wait until smp:cloudflare.router.version is removed",
                resource=self,
            )

    def _create_script(self) -> cloudflare.WorkersScript:
        bindings = [
            cloudflare.WorkersScriptBindingArgs(name=name, type="plain_text", text=text)
            for name, text in self._texts.items()
        ]
        bindings.append(
            cloudflare.WorkersScriptBindingArgs(
                name="SESSION_KEY", type="secret_text", text=self._args.session_key
            )
        )
        return cloudflare.WorkersScript(
            self._name,
            account_id=self._args.account_id,
            script_name=self._name,
            main_module=self._args.script.name,
            content=self._args.script.read_bytes().decode("utf-8"),
            compatibility_date=self._args.compatibility_date,
            compatibility_flags=list(self._args.compatibility_flags),
            bindings=bindings,
            # Logs of requests would hold addresses and paths, that is persons, outside every cluster.
            observability=cloudflare.WorkersScriptObservabilityArgs(enabled=False),
            logpush=False,
            # A version that was named stays in force: nothing may be uploaded over it.
            opts=self.child(ignore_changes=_UPLOADED if self._args.version_in_force else ()),
        )

    def _create_version(self, script: cloudflare.WorkersScript) -> cloudflare.WorkerVersion:
        bindings = [
            cloudflare.WorkerVersionBindingArgs(name=name, type="plain_text", text=text)
            for name, text in self._texts.items()
        ]
        bindings.append(
            cloudflare.WorkerVersionBindingArgs(
                name="SESSION_KEY", type="secret_text", text=self._args.session_key
            )
        )
        return cloudflare.WorkerVersion(
            f"{self._name}-version",
            account_id=self._args.account_id,
            worker_id=script.script_name,
            main_module=self._args.script.name,
            modules=[
                cloudflare.WorkerVersionModuleArgs(
                    name=self._args.script.name,
                    content_type=_MODULE_TYPE,
                    content_base64=base64.b64encode(self._args.script.read_bytes()).decode("ascii"),
                )
            ],
            compatibility_date=self._args.compatibility_date,
            compatibility_flags=list(self._args.compatibility_flags),
            bindings=bindings,
            opts=self._kept(),
        )

    def _create_deployment(
        self, script: cloudflare.WorkersScript, version: cloudflare.WorkerVersion
    ) -> pulumi.Output[str]:
        in_force = (
            version.id
            if self._args.version_in_force is None
            else pulumi.Output.from_input(self._args.version_in_force)
        )
        cloudflare.WorkersDeployment(
            f"{self._name}-in-force",
            account_id=self._args.account_id,
            script_name=script.script_name,
            strategy="percentage",
            versions=[cloudflare.WorkersDeploymentVersionArgs(version_id=in_force, percentage=100)],
            # Going back over a change of the session key is wanted, and refused without this.
            force=True,
            opts=self._kept(),
        )
        return in_force

    def _kept(self) -> pulumi.ResourceOptions:
        """Options of what is never changed in place and never deleted: versions, and who was in force when."""
        options = self.child()
        options.retain_on_delete = True
        options.replace_on_changes = ["*"]
        return options

    def _close_other_doors(self, script: cloudflare.WorkersScript) -> None:
        cloudflare.WorkersScriptSubdomain(
            f"{self._name}-subdomain",
            account_id=self._args.account_id,
            script_name=script.script_name,
            # workers.dev and previews would pass the zone's firewall by.
            enabled=False,
            previews_enabled=False,
            opts=self.child(),
        )

    def _create_routes(self, script: cloudflare.WorkersScript) -> tuple[str, ...]:
        hosts = product_hosts(self.scope.environment)
        for host in hosts:
            cloudflare.WorkersRoute(
                f"{self._name}-route-{host.split('.', maxsplit=1)[0]}",
                zone_id=self._args.zone_id,
                pattern=f"{host}/*",
                script=script.script_name,
                opts=self.child(),
            )
        return hosts
