"""Users of databases and of Kafka: services have their own, and people none that write in production."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.environments import Environment
from policies.access.people import MANY_PEOPLE
from policies.demands import is_on
from policies.kubernetes_objects import kubernetes_objects
from policies.relations import texts_of
from policies.rules import Family, Level, Rule, Violation, on
from policies.values import as_list, as_map, dig
from policies.views import StackView

_ATLAS_ADMIN = frozenset(
    {
        *("atlasAdmin", "root", "dbAdminAnyDatabase", "readWriteAnyDatabase", "userAdminAnyDatabase"),
        *("clusterAdmin", "readAnyDatabase", "backup"),
    }
)
_WRITING = frozenset(
    {"readwrite", "readwriteanydatabase", "dbowner", "dbadmin", "ddldml", "dmlonly", "ddlonly"}
)


def _databases(stack: StackView) -> Iterator[Violation]:
    environment = stack.facts.environment
    for user in stack.of_type("mongodbatlas:index/databaseUser:DatabaseUser"):
        roles = [str(dig(role, "roleName")) for role in as_list(user.get("roles"))]
        strong = next((role for role in roles if role in _ATLAS_ADMIN), None)
        if strong and environment is not Environment.DEV:
            yield on(user, f"{user.get('username')} has {strong}, of every database")
        yield from _people(stack, user.urn, str(user.get("username")), roles)
    for role in stack.of_type("mongodbatlas:index/customDbRole:CustomDbRole"):
        actions = {str(dig(action, "action")) for action in as_list(role.get("actions"))}
        if actions & {"ANY_ACTION", "anyAction", "GRANT_ROLE"}:
            yield on(role, "allows any action")
    for member in stack.of_type(
        "mongodbatlas:index/projectInvitation:ProjectInvitation",
        "mongodbatlas:index/projectApiKey:ProjectApiKey",
    ):
        roles = [*texts_of(member.get("roles"))]
        roles += [
            name
            for block in as_list(member.get("projectAssignments"))
            for name in texts_of(dig(block, "roleNames"))
        ]
        if "GROUP_OWNER" in roles:
            yield on(member, "owns the project: it may open it to everybody")
    for account in stack.of_type("alicloud:rds/rdsAccount:RdsAccount"):
        super_user = account.get("accountType") == "Super"
        yield from _people(
            stack, account.urn, str(account.get("accountName")), ["readWrite"] if super_user else []
        )
    for privilege in stack.of_type("alicloud:rds/accountPrivilege:AccountPrivilege"):
        yield from _people(
            stack, privilege.urn, str(privilege.get("accountName")), [str(privilege.get("privilege"))]
        )
    for grant in stack.of_type("mysql:index/grant:Grant"):
        said = {str(item).upper() for item in texts_of(grant.get("privileges"))}
        if grant.get("database") == "*" and said & {"ALL", "ALL PRIVILEGES", "SUPER"}:
            yield on(grant, f"{grant.get('user')} may do everything in every database")
        writes = "readWrite" if said - {"SELECT", "SHOW VIEW", "USAGE"} else "read"
        yield from _people(stack, grant.urn, str(grant.get("user")), [writes])


def _people(stack: StackView, urn: str, name: str, roles: list[str]) -> Iterator[Violation]:
    many = MANY_PEOPLE.search(name.replace("_", "-"))
    if not many:
        return
    writes = any(role.lower() in _WRITING for role in roles)
    if stack.is_production:
        yield Violation(urn=urn, detail=f"{name}: {many[1]} have no direct access to databases of production")
    elif stack.facts.environment is Environment.STAGING and writes:
        yield Violation(urn=urn, detail=f"{name}: {many[1]} only read in staging")


def _kafka(stack: StackView) -> Iterator[Violation]:
    for user in kubernetes_objects(stack, "KafkaUser"):
        for acl in as_list(dig(user.spec, "authorization", "acls")):
            resource, name = as_map(dig(acl, "resource")), dig(acl, "resource", "name")
            operations = {str(item) for item in texts_of(dig(acl, "operations") or dig(acl, "operation"))}
            everything = name == "*" and resource.get("type") in {"topic", "cluster", "transactionalId"}
            if (
                everything
                and resource.get("type") == "topic"
                and operations & {"All", "Write", "Read", "Create", "Alter"}
            ):
                yield on(user.view, f"may {', '.join(sorted(operations))} on every topic")
            elif resource.get("type") == "cluster" and operations & {
                "All",
                "Alter",
                "AlterConfigs",
                "ClusterAction",
            }:
                yield on(user.view, "may change the cluster")
    yield from _brokers(stack)
    for acl in stack.of_type("alicloud:alikafka/saslAcl:SaslAcl"):
        if acl.get("aclResourceName") == "*" and str(acl.get("aclResourceType")).lower() == "topic":
            yield on(acl, f"{acl.get('username')} may {acl.get('aclOperationType')} on every topic")
    for acl in stack.of_type("kafka:index/acl:Acl"):
        everybody = str(acl.get("aclPrincipal")) == "User:*"
        if everybody and str(acl.get("aclPermissionType")).lower() == "allow":
            yield on(acl, "everybody may")


def _brokers(stack: StackView) -> Iterator[Violation]:
    for kafka in kubernetes_objects(stack, "Kafka"):
        if "strimzi" not in kafka.group:
            continue
        for listener in as_list(dig(kafka.spec, "kafka", "listeners")):
            if dig(listener, "authentication") is None:
                yield on(kafka.view, f"listener {dig(listener, 'name')} does not ask who connects")
        config = as_map(dig(kafka.spec, "kafka", "config"))
        if is_on(config.get("allow.everyone.if.no.acl.found")):
            yield on(kafka.view, "allow.everyone.if.no.acl.found is on")
        if dig(kafka.spec, "kafka", "authorization") is None:
            yield on(kafka.view, "no authorization: whoever connects may do everything")


RULES = (
    Rule(
        id="access-databases",
        family=Family.ACCESS,
        sentence="No service administers a database, and engineers have no user in production and read in staging.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="grant readWrite on the service's own database; people come through the bastion",
        judge=_databases,
        alone=True,
    ),
    Rule(
        id="access-kafka",
        family=Family.ACCESS,
        sentence="Kafka asks who connects, and a service reads and writes its own topics.",
        source="M§5.1: Kafka SASL credentials; M§9",
        level=Level.MANDATORY,
        remedy="set authentication and authorization, and name the topics of each user",
        judge=_kafka,
        alone=True,
    ),
)
