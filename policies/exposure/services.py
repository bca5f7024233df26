"""Keys, queues, functions and load balancers: who may call them from outside."""

from __future__ import annotations

import json
from collections.abc import Iterator

from policies.addresses import DATA_PORTS, inside_name, is_everybody
from policies.demands import Demand, broken, is_off, is_on, none_of
from policies.exposure.buckets import grants_to_everybody
from policies.relations import named_by, texts_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_int, as_list, dig
from policies.views import ResourceView, StackView

_POLICIES = (
    ("aws:kms/key:Key", "policy"),
    ("aws:kms/keyPolicy:KeyPolicy", "policy"),
    ("aws:kms/replicaKey:ReplicaKey", "policy"),
    ("aws:sns/topic:Topic", "policy"),
    ("aws:sns/topicPolicy:TopicPolicy", "policy"),
    ("aws:sqs/queue:Queue", "policy"),
    ("aws:sqs/queuePolicy:QueuePolicy", "policy"),
    ("aws:ecr/repositoryPolicy:RepositoryPolicy", "policy"),
    ("aws:ecr/registryPolicy:RegistryPolicy", "policy"),
    ("aws:secretsmanager/secret:Secret", "policy"),
    ("aws:secretsmanager/secretPolicy:SecretPolicy", "policy"),
    ("aws:opensearch/domain:Domain", "accessPolicies"),
    ("aws:opensearch/domainPolicy:DomainPolicy", "accessPolicies"),
    ("aws:elasticsearch/domain:Domain", "accessPolicies"),
    ("aws:elasticsearch/domainPolicy:DomainPolicy", "accessPolicies"),
    ("aws:efs/fileSystemPolicy:FileSystemPolicy", "policy"),
    ("aws:backup/vaultPolicy:VaultPolicy", "policy"),
    ("aws:glacier/vault:Vault", "accessPolicy"),
    ("aws:dynamodb/resourcePolicy:ResourcePolicy", "policy"),
    ("aws:kinesis/resourcePolicy:ResourcePolicy", "policy"),
    ("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "policy"),
    ("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "policyDocument"),
    ("aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy", "accessPolicy"),
    ("aws:msk/clusterPolicy:ClusterPolicy", "policy"),
    ("aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy", "policyDocument"),
    ("aws:apigateway/restApiPolicy:RestApiPolicy", "policy"),
    ("aws:apigateway/restApi:RestApi", "policy"),
    ("aws:iot/policy:Policy", "policy"),
    ("alicloud:kms/key:Key", "policy"),
    ("alicloud:kms/secret:Secret", "policy"),
    ("alicloud:message/serviceTopic:ServiceTopic", "policy"),
    ("alicloud:log/project:Project", "policy"),
)
_DEMANDS = (
    Demand(
        types=("aws:lambda/functionUrl:FunctionUrl",),
        path="authorizationType",
        wanted=none_of("NONE"),
        because="everybody may call the function",
    ),
    Demand(
        types=("aws:apigateway/method:Method",),
        path="authorization",
        wanted=none_of("NONE"),
        because="everybody may call it, past the edge",
        unless=lambda method: method.get("httpMethod") == "OPTIONS" or is_on(method.get("apiKeyRequired")),
    ),
    Demand(
        types=("aws:apigatewayv2/route:Route",),
        path="authorizationType",
        wanted=none_of("NONE"),
        because="everybody may call it, past the edge",
        unless=lambda route: str(route.get("routeKey") or "").startswith("OPTIONS"),
    ),
    Demand(
        types=("aws:appsync/graphQLApi:GraphQLApi",), path="authenticationType", wanted=none_of("API_KEY")
    ),
)


def _policies(stack: StackView) -> Iterator[Violation]:
    for token, name in _POLICIES:
        for resource in stack.of_type(token):
            yield from grants_to_everybody(stack, resource, name)
    for permission in stack.of_type("aws:lambda/permission:Permission"):
        narrowed = any(permission.get(name) for name in ("sourceAccount", "sourceArn", "principalOrgId"))
        if permission.get("principal") == "*" and not narrowed:
            yield on(permission, "allows everybody to invoke the function")
    for permission in stack.of_type("aws:cloudwatch/eventPermission:EventPermission"):
        if permission.get("principal") == "*" and not permission.get("condition"):
            yield on(permission, "allows everybody to put events")


def _callable(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    for trigger in stack.of_type("alicloud:fc/trigger:Trigger", "alicloud:fc/v3Trigger:V3Trigger"):
        config = trigger.get("config") or trigger.get("triggerConfig")
        if isinstance(config, Opaque):
            yield unproven(trigger, "its configuration", config)
            continue
        text = config if isinstance(config, str) else json.dumps(config, default=str)
        if '"authtype":"anonymous"' in "".join(text.lower().split()):
            yield on(trigger, "authType is anonymous: everybody may call the function")
    for service in stack.of_type("aws:apprunner/service:Service"):
        for block in as_list(service.get("networkConfiguration", "ingressConfiguration")) or [None]:
            if not is_off(dig(block, "isPubliclyAccessible")):
                yield on(service, "isPubliclyAccessible is on, as it is by default: the internet reaches it")


_BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:elb/loadBalancer:LoadBalancer")
_ALIBABA_BALANCERS = {
    "alicloud:alb/loadBalancer:LoadBalancer": ("addressType", "loadBalancerName"),
    "alicloud:nlb/loadBalancer:LoadBalancer": ("addressType", "loadBalancerName"),
    "alicloud:slb/applicationLoadBalancer:ApplicationLoadBalancer": ("addressType", "loadBalancerName"),
    "alicloud:slb/loadBalancer:LoadBalancer": ("addressType", "name"),
}
_LISTENERS = {
    "aws:lb/listener:Listener": ("port", "loadBalancerArn"),
    "alicloud:alb/listener:Listener": ("listenerPort", "loadBalancerId"),
    "alicloud:nlb/listener:Listener": ("listenerPort", "loadBalancerId"),
    "alicloud:slb/listener:Listener": ("frontendPort", "loadBalancerId"),
}


def _is_internet_facing(balancer: ResourceView) -> bool | Opaque:
    if balancer.package == "aws":
        value = balancer.get("internal")
        return value if isinstance(value, Opaque) else not is_on(value)
    value = balancer.get("addressType")
    return value if isinstance(value, Opaque) else str(value or "internet").lower() == "internet"


def _balancers(stack: StackView) -> Iterator[Violation]:
    for balancer in stack.of_type(*_BALANCERS, *_ALIBABA_BALANCERS):
        facing = _is_internet_facing(balancer)
        said = inside_name(balancer.name, balancer.get("name"), balancer.get("loadBalancerName"))
        if isinstance(facing, Opaque):
            yield unproven(balancer, "whether it faces the internet", facing)
            continue
        if facing and said:
            yield on(balancer, f"faces the internet, and its name says that {said} stands behind it")
        for block in as_list(balancer.get("listeners")):  # the classic form
            port = as_int(dig(block, "lbPort"))
            if facing and port in DATA_PORTS:
                yield on(balancer, f"faces the internet and listens on {port} ({DATA_PORTS[port]})")
    yield from _listeners(stack)


def _listeners(stack: StackView) -> Iterator[Violation]:
    for token, (port_name, balancer_name) in _LISTENERS.items():
        for listener in stack.of_type(token):
            port = as_int(listener.get(port_name))
            if port not in DATA_PORTS:
                continue
            for balancer in named_by(stack, listener, balancer_name, *_BALANCERS, *_ALIBABA_BALANCERS):
                if _is_internet_facing(balancer) is True:
                    yield on(listener, f"listens on {port} ({DATA_PORTS[port]}) of the internet")
    for acl in stack.of_type("alicloud:slb/aclEntryAttachment:AclEntryAttachment"):
        for entry in texts_of(acl.get("entry")):
            if not isinstance(entry, Opaque) and is_everybody(entry):
                yield on(acl, f"lets {entry} through the list")


RULES = (
    Rule(
        id="exposure-policies",
        family=Family.EXPOSURE,
        sentence="No key, topic, queue, repository, secret or function allows everybody without a condition.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="name the principals, or the account that calls (aws:SourceAccount, aws:PrincipalOrgID)",
        judge=_policies,
    ),
    Rule(
        id="exposure-functions",
        family=Family.EXPOSURE,
        sentence="No function or gateway answers callers it does not know; the edge alone does.",
        source="M§9, M§14.5",
        level=Level.MANDATORY,
        remedy="demand IAM authentication, or put it behind the edge",
        judge=_callable,
        alone=True,
    ),
    Rule(
        id="exposure-load-balancers",
        family=Family.EXPOSURE,
        sentence="No load balancer shows a data store or an operators' tool to the internet.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="make it internal",
        judge=_balancers,
    ),
)
