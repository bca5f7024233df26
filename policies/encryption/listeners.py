"""Load balancers and CDNs answer with TLS 1.2 or newer, and send plain HTTP to HTTPS."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.demands import Absent, Demand, Wanted, broken, is_on, none_of, one_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_list, dig
from policies.views import ResourceView, StackView, is_set

_LISTENER = "aws:lb/listener:Listener"
_NEW_POLICY = re.compile(r"TLS13-1-[23]|TLS-1-2|FS-1-2|PQ")
_OLD_CIPHERS = ("tls_cipher_policy_1_0", "tls_cipher_policy_1_1")
_TLS_1_2 = Wanted(
    said="TLS 1.2 or newer",
    holds=lambda value: (
        re.search(r"1[._]?[01](?!\d)", str(value)) is None
        and str(value) not in {"TLSv1", "SSLv3", "TLSv1_2016"}
    ),
)


def _is_encrypted(listener: ResourceView) -> bool:
    return str(listener.get("protocol") or listener.get("listenerProtocol")).upper() in {
        *("HTTPS", "TLS", "TCPSSL", "QUIC"),
    }


_DEMANDS = (
    Demand(
        types=(_LISTENER,),
        path="sslPolicy",
        wanted=Wanted(
            said="one of TLS 1.2 or newer", holds=lambda value: bool(_NEW_POLICY.search(str(value)))
        ),
        because="TLS 1.0 is answered",
        unless=lambda listener: not _is_encrypted(listener),
    ),
    Demand(
        types=("alicloud:slb/listener:Listener",),
        path="tlsCipherPolicy",
        wanted=none_of(*_OLD_CIPHERS),
        because="TLS 1.0 is answered",
        unless=lambda listener: not _is_encrypted(listener),
    ),
    Demand(
        types=("alicloud:alb/listener:Listener", "alicloud:nlb/listener:Listener"),
        path="securityPolicyId",
        wanted=none_of(*_OLD_CIPHERS),
        because="TLS 1.0 is answered",
        unless=lambda listener: not _is_encrypted(listener),
    ),
    Demand(
        types=("aws:cloudfront/distribution:Distribution",),
        path="defaultCacheBehavior.viewerProtocolPolicy",
        wanted=one_of("redirect-to-https", "https-only"),
    ),
    Demand(
        types=("aws:cloudfront/distribution:Distribution",),
        path="orderedCacheBehaviors?.viewerProtocolPolicy",
        wanted=one_of("redirect-to-https", "https-only"),
    ),
    Demand(
        types=("aws:cloudfront/distribution:Distribution",),
        path="viewerCertificate.minimumProtocolVersion",
        wanted=Wanted(
            said="TLSv1.2 or newer", holds=lambda value: str(value).startswith(("TLSv1.2", "TLSv1.3"))
        ),
        because="with its own certificate CloudFront answers TLS 1.0",
    ),
    Demand(
        types=("aws:cloudfront/distribution:Distribution",),
        path="origins?.customOriginConfig?.originProtocolPolicy",
        wanted=one_of("https-only"),
    ),
    Demand(
        types=(
            "aws:apigateway/domainName:DomainName",
            "aws:apigatewayv2/domainName:DomainName",
        ),
        path="securityPolicy",
        wanted=_TLS_1_2,
        absent=Absent.HOLDS,
    ),
    Demand(
        types=("aws:apigatewayv2/domainName:DomainName",),
        path="domainNameConfiguration?.securityPolicy",
        wanted=_TLS_1_2,
    ),
)


def _redirects(actions: Value) -> bool:
    for action in as_list(actions):
        protocol = dig(action, "redirect", "protocol") or dig(action, "redirectConfig", "protocol")
        if str(dig(action, "type")).lower() == "redirect" and str(protocol).upper() == "HTTPS":
            return True
        if str(dig(action, "type")).lower() == "fixed-response":
            return True
    return False


def _listeners(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    for listener in stack.of_type(_LISTENER):
        protocol = listener.get("protocol")
        if isinstance(protocol, Opaque):
            yield unproven(listener, "protocol", protocol)
        elif (protocol == "HTTP" or (protocol is None and listener.get("port") == 80)) and not _redirects(
            listener.get("defaultActions")
        ):
            yield on(listener, "answers plain HTTP and does not send it to HTTPS")
    for listener in stack.of_type("alicloud:alb/listener:Listener"):
        if str(listener.get("listenerProtocol")).upper() != "HTTP":
            continue
        if not _redirects(listener.get("defaultActions")) and not _has_redirect_rule(stack, listener):
            yield on(listener, "answers plain HTTP and does not send it to HTTPS")
    for listener in stack.of_type("alicloud:slb/listener:Listener"):
        if str(listener.get("protocol")).lower() == "http" and not is_on(listener.get("listenerForward")):
            yield on(listener, "answers plain HTTP and does not send it to HTTPS (listenerForward)")
    for balancer in stack.of_type("aws:elb/loadBalancer:LoadBalancer"):
        for block in as_list(balancer.get("listeners")):
            if str(dig(block, "lbProtocol")).lower() == "http":
                yield on(balancer, f"answers plain HTTP on {dig(block, 'lbPort')}")


def _has_redirect_rule(stack: StackView, listener: ResourceView) -> bool:
    return any(
        listener.urn in rule.property_dependencies.get("listenerId", ())
        and any(str(dig(action, "type")).lower() == "redirect" for action in as_list(rule.get("ruleActions")))
        for rule in stack.of_type("alicloud:alb/rule:Rule")
    )


def _origins(stack: StackView) -> Iterator[Violation]:
    for distribution in stack.of_type("aws:cloudfront/distribution:Distribution"):
        for origin in as_list(distribution.get("origins")):
            old = [
                str(item)
                for item in as_list(dig(origin, "customOriginConfig", "originSslProtocols"))
                if item in {"SSLv3", "TLSv1", "TLSv1.1"}
            ]
            if old:
                yield on(distribution, f"speaks {', '.join(old)} to its origin")
    for group in stack.of_type("aws:lb/targetGroup:TargetGroup"):
        if (
            str(group.get("protocol")).upper() == "HTTP"
            and is_set(group.get("port"))
            and group.get("port") == 443
        ):
            yield on(group, "speaks plain HTTP to port 443")


RULES = (
    Rule(
        id="encryption-listeners",
        family=Family.ENCRYPTION,
        sentence="Load balancers answer TLS 1.2 or newer, and send plain HTTP to HTTPS.",
        source="M§11: all TLS",
        level=Level.MANDATORY,
        remedy="name a policy of TLS 1.2 or newer, and a default action that redirects to HTTPS",
        judge=_listeners,
    ),
    Rule(
        id="encryption-origins",
        family=Family.ENCRYPTION,
        sentence="What stands before an origin speaks TLS 1.2 or newer to it.",
        source="M§11: all TLS",
        level=Level.MANDATORY,
        remedy="leave only TLSv1.2 in originSslProtocols",
        judge=_origins,
        alone=True,
    ),
)
