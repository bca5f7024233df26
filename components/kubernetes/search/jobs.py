"""The jobs on the read model: its settings, every ten minutes, and its reconciliation with MySQL, every day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.copied_artifacts import JOBS_IMAGE
from catalog.forms import ImageRegistry
from catalog.quantities import Cpu, Memory
from catalog.quiet_hours import QUIET_HOURS
from catalog.search_versions import JOBS
from components.core.component import Args, Component, Outputs
from components.kubernetes.kafka.connect import VAULT_SECRETS, vault_annotations
from components.kubernetes.kafka.pods import Footprint
from components.kubernetes.scheduled_job import (
    AccountToken,
    ScheduledJob,
    config_volume,
    create_scheduled_job,
    secret_volume,
)
from components.kubernetes.search.resources import (
    PASSWORD_KEY,
    READER_USER,
    TRUST_SECRET,
    administrator_secret,
    authority_secret,
    credentials_secret,
    service_url,
)
from components.kubernetes.search.settings import SnapshotStore, requests

SETTINGS = "search-settings"
RECONCILIATION = "read-model-reconciliation"

VAULT_ROLE = "read-model"
MYSQL_FILE = "mysql.properties"
"""What the Vault agent writes: ``username`` and ``password`` of a user that may read the reconciliation's views."""

MYSQL_AUTHORITIES = "/etc/smp/database-authorities.pem"
"""In the image: the authorities of the clouds' databases."""

FOOTPRINT = Footprint(cpu=Cpu(50), memory=Memory(128))

_AUTHORITY = "/run/elasticsearch-authority"
_PASSWORD = "/run/elasticsearch-password"
_REQUESTS = "/etc/search-settings"
_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


@dataclass(frozen=True, kw_only=True)
class SearchJobsArgs(Args):
    """Where they run, and what they compare.

    ``connect_namespace`` is where the trust of Kafka Connect is kept. ``mysql_host`` is best a read replica.
    """

    namespace: pulumi.Output[str]
    connect_namespace: pulumi.Output[str]
    image_registry: ImageRegistry
    mysql_host: pulumi.Output[str]
    mysql_port: int
    snapshots: SnapshotStore | None


@dataclass(frozen=True, kw_only=True)
class SearchJobsOutputs(Outputs):
    """The jobs, and when the reconciliation runs (UTC)."""

    settings: str
    reconciliation: str
    reconciliation_schedule: str


class SearchJobs(Component[SearchJobsOutputs]):
    """Two programs of one image.

    The first puts Elasticsearch's settings right and gives Connect the certificate to trust; it repairs what somebody
    changed by hand. The second fails when a dashboard differs from MySQL by more than 0.1 %, which is an alarm.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:SearchJobs"

    def __init__(
        self,
        name: str,
        args: SearchJobsArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        hour = QUIET_HOURS[self.scope.region].maintenance_hour
        schedule = f"15 {hour} * * *"
        self._create_settings()
        self._create_reconciliation(schedule)
        self.publish(
            SearchJobsOutputs(
                settings=SETTINGS, reconciliation=RECONCILIATION, reconciliation_schedule=schedule
            )
        )

    def _metadata(self, name: str, namespace: pulumi.Output[str]) -> kubernetes.meta.v1.ObjectMetaArgs:
        return kubernetes.meta.v1.ObjectMetaArgs(
            name=name, namespace=namespace, labels=self.scope.labels(name)
        )

    def _create_settings(self) -> None:
        v1 = kubernetes.core.v1
        args = self._args
        reviewed = [{"path": request.path, "body": request.body} for request in requests(args.snapshots)]
        config = v1.ConfigMap(
            self.scope.name("search-settings"),
            metadata=self._metadata(SETTINGS, args.namespace),
            data={"requests.json": json.dumps(reviewed, indent=1)},
            opts=self.child(),
        )
        account = v1.ServiceAccount(
            self.scope.name("search-settings-account"),
            metadata=self._metadata(SETTINGS, args.namespace),
            automount_service_account_token=False,
            opts=self.child(),
        )
        self._allow_trust(account)
        environment = {
            **self._search_environment("elastic", "elastic"),
            "REQUESTS_FILE": f"{_REQUESTS}/requests.json",
            "TRUST_NAMESPACE": args.connect_namespace,
            "TRUST_NAME": TRUST_SECRET,
            "KUBERNETES_ACCOUNT": _ACCOUNT,
        }
        create_scheduled_job(
            self,
            args.namespace,
            ScheduledJob(
                name=SETTINGS,
                schedule="*/10 * * * *",
                image=self._image(),
                module="jobs.search_settings",
                environment=environment,
                service_account=account.metadata.name,
                footprint=FOOTPRINT,
                deadline_seconds=300,
                volumes={
                    **self._search_volumes(administrator_secret(self.scope)),
                    _REQUESTS: config_volume("requests", config.metadata.name),
                },
                # It writes Connect's trust through the API server.
                account_token=AccountToken.MOUNTED,
            ),
        )

    def _allow_trust(self, account: kubernetes.core.v1.ServiceAccount) -> None:
        """Make the secret that Connect mounts, and let the job write this one and no other."""
        kubernetes.core.v1.Secret(
            self.scope.name("search-trust"),
            metadata=self._metadata(TRUST_SECRET, self._args.connect_namespace),
            type="Opaque",
            # The job fills it.
            opts=self.child(ignore_changes=["data", "stringData"]),
        )
        rbac = kubernetes.rbac.v1
        metadata = self._metadata(SETTINGS, self._args.connect_namespace)
        role = rbac.Role(
            self.scope.name("search-trust-role"),
            metadata=metadata,
            rules=[
                rbac.PolicyRuleArgs(
                    api_groups=[""],
                    resources=["secrets"],
                    resource_names=[TRUST_SECRET],
                    verbs=["get", "patch"],
                )
            ],
            opts=self.child(),
        )
        rbac.RoleBinding(
            self.scope.name("search-trust-binding"),
            metadata=metadata,
            role_ref=rbac.RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="Role", name=role.metadata.name
            ),
            subjects=[
                rbac.SubjectArgs(
                    kind="ServiceAccount", name=account.metadata.name, namespace=self._args.namespace
                )
            ],
            opts=self.child(),
        )

    def _create_reconciliation(self, schedule: str) -> None:
        account = kubernetes.core.v1.ServiceAccount(
            self.scope.name("reconciliation-account"),
            # The name is the one that Vault's role is bound to.
            metadata=self._metadata(VAULT_ROLE, self._args.namespace),
            automount_service_account_token=False,
            opts=self.child(),
        )
        environment: Mapping[str, pulumi.Input[str]] = {
            **self._search_environment(READER_USER, PASSWORD_KEY),
            "CLUSTER": self.scope.cluster.id,
            "MYSQL_HOST": self._args.mysql_host,
            "MYSQL_PORT": str(self._args.mysql_port),
            "MYSQL_CREDENTIALS_FILE": f"{VAULT_SECRETS}/{MYSQL_FILE}",
            "MYSQL_CA_FILE": MYSQL_AUTHORITIES,
        }
        annotations = {
            **vault_annotations(self.scope.environment, VAULT_ROLE, (MYSQL_FILE,)),
            # Before the job and not beside it, or the pod would never end.
            "vault.hashicorp.com/agent-pre-populate-only": "true",
        }
        create_scheduled_job(
            self,
            self._args.namespace,
            ScheduledJob(
                name=RECONCILIATION,
                schedule=schedule,
                image=self._image(),
                module="jobs.reconcile",
                environment=environment,
                service_account=account.metadata.name,
                footprint=FOOTPRINT,
                deadline_seconds=3600,
                volumes=self._search_volumes(credentials_secret(READER_USER)),
                # It shows the token to Vault.
                account_token=AccountToken.MOUNTED,
                pod_annotations=annotations,
            ),
        )

    def _search_environment(self, user: str, key: str) -> dict[str, pulumi.Input[str]]:
        return {
            "SEARCH_URL": service_url(self.scope),
            "SEARCH_CA_FILE": f"{_AUTHORITY}/ca.crt",
            "SEARCH_USERNAME": user,
            "SEARCH_PASSWORD_FILE": f"{_PASSWORD}/{key}",
        }

    def _search_volumes(self, password: str) -> dict[str, kubernetes.core.v1.VolumeArgs]:
        return {
            _AUTHORITY: secret_volume("authority", authority_secret(self.scope)),
            _PASSWORD: secret_volume("password", password),
        }

    def _image(self) -> str:
        return self._args.image_registry.image(f"{JOBS_IMAGE}:{JOBS}")
