"""The read model: Elasticsearch with its operator, users, sink, jobs and alarms."""

from __future__ import annotations

from catalog.clusters import Cluster
from catalog.forms import ImageRegistry
from catalog.quantities import Storage
from catalog.stack_facts import Stack
from components.aws.iam import Statement
from components.aws.token_identity import TokenIdentity, TokenIdentityArgs
from components.kubernetes.search.cluster import SearchCluster, SearchClusterArgs, SnapshotAccess
from components.kubernetes.search.jobs import SearchJobs, SearchJobsArgs
from components.kubernetes.search.monitoring import SearchMonitoring, SearchMonitoringArgs
from components.kubernetes.search.operator import SearchOperator, SearchOperatorArgs
from components.kubernetes.search.resources import READER_USER, SINK_USER
from components.kubernetes.search.settings import SnapshotStore
from components.kubernetes.search.sink import FigureSink, FigureSinkArgs
from components.kubernetes.search.users import SearchUsers, SearchUsersArgs
from tests.contracts.harness import Example, World, known, secret

PRODUCT = tuple(stack for stack in Stack if stack is not Stack.PROD_GLOBAL)

IMAGES = ImageRegistry("registry.example/mirror")
CHARTS = ImageRegistry("registry.example/charts")


def _operator(world: World) -> SearchOperator:
    return SearchOperator(
        "search-operator",
        SearchOperatorArgs(
            scope=world.scope, namespace=known("search"), image_registry=IMAGES, chart_registry=CHARTS
        ),
        provider=world.kubernetes,
    )


def _users(world: World) -> SearchUsers:
    return SearchUsers(
        "search-users",
        SearchUsersArgs(
            scope=world.scope,
            namespace=known("search"),
            connect_namespace=known("kafka"),
            passwords={SINK_USER: secret("Sink0ofTheExample"), READER_USER: secret("Reader0ofTheExample")},
        ),
        provider=world.kubernetes,
    )


def _cluster(world: World) -> SearchCluster:
    in_china = world.scope.cluster is Cluster.CHINA
    return SearchCluster(
        "search",
        SearchClusterArgs(
            scope=world.scope,
            namespace=known("search"),
            nodes=1 if world.scope.stack is Stack.DEV else 3,
            storage=Storage(40),
            storage_class=known("durable"),
            image_registry=IMAGES,
            client_namespaces=frozenset({world.scope.services_namespace, "kafka"}),
            realm=(known("elasticsearch-sink"), known("elasticsearch-dashboards")),
            roles=known("elasticsearch-roles"),
            snapshots=None
            if in_china
            else SnapshotAccess(
                role_arn=known("arn:aws:iam::111122223333:role/search"), region=world.scope.region
            ),
        ),
        provider=world.kubernetes,
    )


def _sink(world: World) -> FigureSink:
    return FigureSink(
        "figure-sink",
        FigureSinkArgs(scope=world.scope, namespace=known("kafka"), brokers=3),
        provider=world.kubernetes,
    )


def _jobs(world: World) -> SearchJobs:
    return SearchJobs(
        "search-jobs",
        SearchJobsArgs(
            scope=world.scope,
            namespace=known("search"),
            connect_namespace=known("kafka"),
            image_registry=IMAGES,
            mysql_host=known("mysql.example"),
            mysql_port=3306,
            snapshots=SnapshotStore(bucket="bucket-of-the-example", prefix="read-model", hour=18),
        ),
        provider=world.kubernetes,
    )


def _monitoring(world: World) -> SearchMonitoring:
    return SearchMonitoring(
        "search-monitoring",
        SearchMonitoringArgs(scope=world.scope, namespace=known("search"), definitions=known("1")),
        provider=world.kubernetes,
    )


def _token_identity(world: World) -> TokenIdentity:
    return TokenIdentity(
        "search-identity",
        TokenIdentityArgs(
            scope=world.scope,
            issuer=known("https://oidc.example/id/1"),
            namespace="search",
            service_account="elasticsearch",
            statements=(
                Statement(sid="Read", actions=("s3:GetObject",), resources=("arn:aws:s3:::bucket/x/*",)),
            ),
        ),
        provider=world.aws,
    )


EXAMPLES = [
    Example(id="search-operator", build=_operator),
    Example(id="search-users", build=_users),
    Example(id="search", build=_cluster, stacks=PRODUCT),
    Example(id="figure-sink", build=_sink, stacks=PRODUCT),
    Example(id="search-jobs", build=_jobs),
    Example(id="search-monitoring", build=_monitoring),
    Example(id="search-token-identity", build=_token_identity),
]
