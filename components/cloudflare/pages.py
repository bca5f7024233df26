"""The web applications on Pages (M§3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_cloudflare as cloudflare

from catalog.hostnames import ZONE, WebApp, pages_project
from components.cloudflare.identifiers import identifier_problems
from components.core.component import Args, Component, Outputs
from components.core.naming import NameLimit

PRODUCTION_BRANCH = "main"
"""Of every project: the pipeline uploads one build to the project of each environment in turn (M§8)."""


@dataclass(frozen=True, kw_only=True)
class PagesProjectsArgs(Args):
    """The applications of an environment, each with the hosts it is served at beside its ``pages.dev`` name."""

    account_id: str
    projects: Mapping[WebApp, tuple[str, ...]]

    def problems(self) -> Iterator[str]:
        """Check the account, the names and the hosts."""
        yield from identifier_problems("account_id", self.account_id)
        if not self.projects:
            yield "projects are empty; name at least one application"
        for app, hosts in self.projects.items():
            try:
                NameLimit.PAGES_PROJECT.check(pages_project(app, self.scope.environment))
            except ValueError as error:
                yield f"{app}: {error}"
            for host in hosts:
                if not host.endswith(f".{ZONE}"):
                    yield f"{app}: {host} is not of {ZONE}; leave it out"


@dataclass(frozen=True, kw_only=True)
class PagesProjectsOutputs(Outputs):
    """Hosts of the applications, by application: the ``pages.dev`` name first."""

    hosts: Mapping[str, tuple[str, ...]]


class PagesProjects(Component[PagesProjectsOutputs]):
    """Pages projects that take finished builds; they have no repository, no build and no secret of their own.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:cloudflare:PagesProjects"

    def __init__(
        self,
        name: str,
        args: PagesProjectsArgs,
        *,
        provider: cloudflare.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._account_id = args.account_id
        self.publish(
            PagesProjectsOutputs(
                hosts={app: self._create(app, hosts) for app, hosts in args.projects.items()}
            )
        )

    def _create(self, app: WebApp, hosts: tuple[str, ...]) -> tuple[str, ...]:
        physical = pages_project(app, self.scope.environment)
        project = cloudflare.PagesProject(
            self.scope.name(f"pages-{app}"),
            name=physical,
            account_id=self._account_id,
            production_branch=PRODUCTION_BRANCH,
            opts=self.child(),
        )
        for host in hosts:
            cloudflare.PagesDomain(
                self.scope.name(f"pages-{app}-{host.split('.', maxsplit=1)[0]}"),
                account_id=self._account_id,
                project_name=project.name,
                name=host,
                opts=self.child(),
            )
        return (f"{physical}.pages.dev", *hosts)
