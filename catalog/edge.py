"""Facts of the edge: limits, data centres, plans, managed rules, and Cloudflare's own addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from catalog.addresses import Cidr
from catalog.clusters import Cluster
from catalog.environments import Environment

RATE_LIMIT_REQ_PER_MIN: Mapping[Environment, int] = {
    Environment.DEV: 1000,
    Environment.STAGING: 200,
    Environment.PROD: 60,
}
"""Requests a minute from one client (M§6.3)."""

RATE_LIMIT_PERIOD_SECONDS = 60

HEALTH_PATH = "/healthz"
"""What an origin answers with 2xx while it serves."""

DEFAULT_CLUSTER = Cluster.ASIA
"""Serves every country that no cluster names (M§14.5), Hong Kong, Taiwan and Macau among them."""

COLOS: Mapping[Cluster, tuple[str, ...]] = {
    Cluster.ASIA: (
        # Vietnam, Thailand, Singapore, Indonesia, Malaysia, Philippines
        *("HAN", "SGN", "DAD", "BKK", "CNX", "URT", "SIN", "CGK", "DPS", "KUL", "JHB", "KCH", "MNL", "CEB"),
        # Hong Kong, Macau, Taiwan: not mainland China, and nearest to Singapore
        *("HKG", "MFM", "TPE", "KHH"),
    ),
    Cluster.CHINA: ("PEK", "PKX", "SHA", "CAN", "SZX", "CTU", "HGH", "XIY", "WUH", "TSN"),
    Cluster.US: (
        *("IAD", "EWR", "BOS", "PHL", "RIC", "CLT", "ATL", "JAX", "TPA", "MIA", "ORD", "DTW", "CMH", "IND"),
        *("MSP", "STL", "MCI", "OMA", "BNA", "MEM", "DFW", "IAH", "AUS", "SAT", "DEN", "SLC", "ABQ", "PHX"),
        *("LAS", "LAX", "SAN", "SJC", "SMF", "PDX", "SEA", "HNL", "ANC"),
    ),
}
"""Cloudflare's data centres (IATA codes) in a cluster's own area; asked only when a visitor has no country (M§14.5).

One that is not listed leads to ``DEFAULT_CLUSTER``. Source: cloudflarestatus.com, the list of sites by region.
"""

CHECK_REGIONS: Mapping[Cluster, str] = {Cluster.ASIA: "SEAS", Cluster.CHINA: "NEAS", Cluster.US: "ENAM"}
"""From where an origin's health is checked: South East Asia, North East Asia, Eastern North America."""


@dataclass(frozen=True, kw_only=True)
class ZonePlanFacts:
    """What a plan allows. Source: developers.cloudflare.com, "Availability" of each product, 2026-08."""

    id: str
    """Rate plan id of the subscription API."""
    rate_limiting_rules: int
    custom_rules: int
    health_checks: int


class ZonePlan(Enum):
    """Plans that have the managed rules and health checks this zone needs; Free has neither."""

    PRO = ZonePlanFacts(id="pro", rate_limiting_rules=2, custom_rules=20, health_checks=10)
    BUSINESS = ZonePlanFacts(id="business", rate_limiting_rules=5, custom_rules=100, health_checks=50)


class ManagedRuleset(Enum):
    """Cloudflare's rulesets by id, the same in every account. Source: its WAF managed rules reference."""

    CLOUDFLARE = "efb7b8c949ac4650a09736fc376e9aee"
    OWASP_CORE = "4814384a9e5d4991b9815dcfc25d2f1f"


OWASP_SCORE_RULE = "6179ae15870a4bb7b2d480d4843b323c"
"""The rule of the OWASP set that compares a request's score with the threshold."""
OWASP_SCORE_THRESHOLD = 40
"""Cloudflare's "medium": several findings together block, one alone does not."""
OWASP_STRICTER_LEVELS = ("paranoia-level-3", "paranoia-level-4")
"""Categories left off: they refuse JSON with quotes in it, which is what an API receives."""

CERTIFICATE_AUTHORITIES = ("letsencrypt.org", "pki.goog; cansignhttpexchanges=yes", "ssl.com", "sectigo.com")
"""Who may issue for the zone: those Cloudflare takes edge certificates from (its SSL reference, "Certificate
authorities"); Let's Encrypt issues for the status page too."""

ADDRESSES_AS_OF = "2023-09-28"
"""Date that the source of the list below gives, https://www.cloudflare.com/ips/; hold it against that every quarter."""

CLOUDFLARE_IPV4 = tuple(
    Cidr.parse(text)
    for text in (
        "103.21.244.0/22",
        "103.22.200.0/22",
        "103.31.4.0/22",
        "104.16.0.0/13",
        "104.24.0.0/14",
        "108.162.192.0/18",
        "131.0.72.0/22",
        "141.101.64.0/18",
        "162.158.0.0/15",
        "172.64.0.0/13",
        "173.245.48.0/20",
        "188.114.96.0/20",
        "190.93.240.0/20",
        "197.234.240.0/22",
        "198.41.128.0/17",
    )
)
"""From where Cloudflare connects to origins. Origins have no IPv6 address, so its IPv6 ranges are not here."""
