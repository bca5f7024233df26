"""What a text says about places: regions of any cloud, clusters, origins, address blocks and accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from catalog.clusters import Cluster
from catalog.hostnames import INTERNAL_SUFFIX, ZONE
from catalog.places import Cloud
from catalog.stack_facts import Stack


class Kind(StrEnum):
    """How a text names a place."""

    REGION = "region"
    CLUSTER = "cluster"
    HOST = "host"
    ADDRESS = "address"
    ACCOUNT = "account"


@dataclass(frozen=True, kw_only=True)
class Mention:
    """One place that a text names."""

    kind: Kind
    text: str
    """The place in its usual writing: ``cn-shanghai``, ``smp-us``, ``us-api.smp.vn``, ``10.40.1.5``, an account id."""
    token: str
    """What it stands in, up to the next blank, quote or bracket: an ARN, a URL, a host, or the place alone."""
    homes: frozenset[Cluster]
    """The clusters it may mean; empty for a place that is nobody's home, and for accounts."""

    def is_foreign_to(self, cluster: Cluster) -> bool:
        """Whether it is somewhere else. An account is not decided here: only its stack knows its own."""
        return self.kind is not Kind.ACCOUNT and cluster not in self.homes

    @property
    def is_bare(self) -> bool:
        """Whether the text is the place's name and nothing else, as in a label."""
        return self.token.lower().strip(".") == self.text

    def __str__(self) -> str:
        if self.kind in {Kind.HOST, Kind.ADDRESS}:
            owners = " or ".join(sorted(home.id for home in self.homes))
            return f"{self.text} ({owners})" if owners else self.text
        return f"{self.kind} {self.text}"


_COMPASS = "north|south|east|west|central|northeast|southeast|northwest|southwest"
_MAINLAND = (
    "beijing|shanghai|hangzhou|shenzhen|qingdao|zhangjiakou|huhehaote|wulanchabu|heyuan|guangzhou|chengdu"
    "|hongkong|nanjing|fuzhou|wuhan-lr|zhongwei|zhengzhou-jva"
)
_REGION = (
    # AWS, and Alibaba Cloud outside China; with the letter of a zone, and with underscores as Atlas writes it
    rf"(?:af|ap|ca|cn|eu|il|me|mx|na|sa|us(?:[-_]gov|[-_]isob?)?)[-_](?:{_COMPASS})[-_]\d(?=[a-f]?(?![a-z0-9]))"
    # Alibaba Cloud in China
    rf"|cn[-_](?:{_MAINLAND})(?:-(?:finance|gov)(?:-pop)?(?:-\d)?)?(?![a-z0-9])"
    # Google Cloud
    rf"|(?:asia|us|europe|northamerica|southamerica|australia|me|africa)-(?:{_COMPASS})\d{{1,2}}(?![0-9])"
    # Azure
    r"|(?:east|west|central|northcentral|southcentral|westcentral)us\d?(?![a-z0-9])|(?:southeast|east)asia(?![a-z0-9])"
    r"|(?:west|north)europe(?![a-z0-9])|(?:china|japan|australia|korea)(?:north|east|central|southeast)\d?(?![a-z0-9])"
    # Tencent Cloud
    r"|ap-(?:singapore|beijing|shanghai|guangzhou|hongkong|jakarta|bangkok|tokyo|seoul|mumbai|nanjing|chengdu)(?![a-z])"
)
_ORIGIN_WORDS = {
    "asia": Cluster.ASIA,
    "us": Cluster.US,
    "cn": Cluster.CHINA,
    "china": Cluster.CHINA,
    "global": Cluster.GLOBAL,
}
_WORDS_BEFORE_US = frozenset({"about", "contact", "follow", "join", "with"})
"""``contact-us`` is a page, not a place."""

_ZONE_CODES = {
    "use1": "us-east-1",
    "use2": "us-east-2",
    "usw1": "us-west-1",
    "usw2": "us-west-2",
    "apse1": "ap-southeast-1",
    "apse2": "ap-southeast-2",
    "apse3": "ap-southeast-3",
    "apne1": "ap-northeast-1",
    "apne2": "ap-northeast-2",
    "aps1": "ap-south-1",
    "ape1": "ap-east-1",
    "euw1": "eu-west-1",
    "euw2": "eu-west-2",
    "euc1": "eu-central-1",
    "cac1": "ca-central-1",
}
"""Short forms in ids of zones (``use1-az1``) and host names of ElastiCache (``x.use1.cache.amazonaws.com``)."""

_INSTANCE_CODES = {
    "uf6": "cn-shanghai",
    "bp1": "cn-hangzhou",
    "wz9": "cn-shenzhen",
    "m5e": "cn-qingdao",
    "8vb": "cn-zhangjiakou",
    "hp3": "cn-huhehaote",
    "j6c": "cn-hongkong",
    "t4n": "ap-southeast-1",
    "rj9": "us-west-1",
    "0xi": "us-east-1",
    "gw8": "eu-central-1",
    "6we": "ap-northeast-1",
    "k1a": "ap-southeast-5",
    "8ps": "ap-southeast-3",
}
"""How ids of Alibaba Cloud begin, by region; Beijing's is 2ze. Source: ids in its API reference."""

_FIXED_HOSTS = {
    "ec2.internal": "us-east-1",
    "compute-1.amazonaws.com": "us-east-1",
    # Alibaba Cloud's collectors of traces have short forms of regions; Beijing's is bj.
    "tracing-analysis-dc-sg.aliyuncs.com": "ap-southeast-1",
    "tracing-analysis-dc-hk.aliyuncs.com": "cn-hongkong",
    "tracing-analysis-dc-hz.aliyuncs.com": "cn-hangzhou",
    "tracing-analysis-dc-sh.aliyuncs.com": "cn-shanghai",
    "tracing-analysis-dc-sz.aliyuncs.com": "cn-shenzhen",
    "tracing-analysis-dc-qd.aliyuncs.com": "cn-qingdao",
    "tracing-analysis-dc-zb.aliyuncs.com": "cn-zhangjiakou",
    "tracing-analysis-dc-usw.aliyuncs.com": "us-west-1",
    "tracing-analysis-dc-use.aliyuncs.com": "us-east-1",
    "tracing-analysis-dc-jp.aliyuncs.com": "ap-northeast-1",
}
"""Names of Virginia that do not say so."""

_OTHER_CLOUDS = "|".join(
    re.escape(domain)
    for domain in (
        *(
            "storage.googleapis.com",
            "storage.cloud.google.com",
            "bigquery.googleapis.com",
            "pubsub.googleapis.com",
        ),
        *(
            "firestore.googleapis.com",
            "firebaseio.com",
            "cloudfunctions.net",
            "run.app",
            "sqladmin.googleapis.com",
        ),
        *("core.windows.net", "database.windows.net", "servicebus.windows.net", "documents.azure.com"),
        *("azurewebsites.net", "azure-devices.net", "cache.windows.net", "cosmos.azure.com"),
        *("myqcloud.com", "tencentcdb.com", "myhuaweicloud.com", "bcebos.com", "volces.com", "ksyuncs.com"),
        *(
            "digitaloceanspaces.com",
            "ondigitalocean.com",
            "linodeobjects.com",
            "backblazeb2.com",
            "wasabisys.com",
        ),
        *("supabase.co", "neon.tech", "psdb.cloud", "cockroachlabs.cloud", "upstash.io", "aivencloud.com"),
        *(
            "confluent.cloud",
            "redis-cloud.com",
            "redislabs.com",
            "cloudamqp.com",
            "bonsaisearch.net",
            "algolia.net",
        ),
        *("vultrobjects.com", "oraclecloud.com", "cloud-object-storage.appdomain.cloud", "dropboxapi.com"),
    )
)
"""Where other companies keep data. Their services that keep none, such as push messages and maps, are not here."""

_BLOCKS = {
    ".".join(stack.facts.address_block.split(".")[:2]): stack.facts.cluster
    for stack in Stack
    if stack.facts.address_block.endswith(".0.0/16")
}
"""First two numbers of every stack's network."""

_ANY = re.compile(
    rf"(?<![a-z0-9])(?P<region>{_REGION})"
    r"|(?<![a-z0-9])smp[-_](?P<cluster>asia|china|us|global)(?![a-z0-9])"
    r"|(?<![a-z0-9-])prod-(?P<stack>asia|china|us|global)(?![a-z0-9-])"
    rf"|(?<![a-z0-9-])(?P<host>(?:[a-z0-9_*-]+\.)+(?:{re.escape(ZONE)}|{re.escape(INTERNAL_SUFFIX)}))(?![a-z0-9-])"
    rf"|(?<![a-z0-9])(?P<code>{'|'.join(_ZONE_CODES)})(?=-az\d|\.cache\.amazonaws)"
    rf"|(?<![a-z0-9])(?:vpc|vsw|rm|rr|r|dds|i|d|s|sg|eip|lb|alb|nlb|pc|cen|tr|hbr|v)-"
    rf"(?P<instance>{'|'.join(_INSTANCE_CODES)})(?=[a-z0-9]{{8}})"
    rf"|(?P<fixed>{'|'.join(re.escape(host) for host in _FIXED_HOSTS)})(?![a-z0-9.-])"
    rf"|(?<![\d.])(?P<address>(?:{'|'.join(re.escape(block) for block in _BLOCKS)})\.\d{{1,3}}\.\d{{1,3}}"
    r"(?:/\d{1,2})?)(?![\d.])"
    rf"|(?<![a-z0-9-])(?P<other>(?:[a-z0-9-]+\.)*(?:{_OTHER_CLOUDS}))(?![a-z0-9-])"
    r"|(?<![a-z0-9])(?P<scheme>(?:gs|wasbs?|abfss?|cosn|obs)://[a-z0-9._-]+)"
    r"|\barn:aws[\w-]*:(?=[\w-]*:[\w-]*:(?P<account>\d{12}):)"
    r"|\bacs:(?=\w+:[\w*-]*:(?P<aliaccount>\d{16}):)",
    re.IGNORECASE,
)
_TOKEN_ENDS = frozenset(" \t\r\n\"'`<>(){}[],;|\\")
_ALIBABA = re.compile(r"aliyun|(?:^|[/.])oss-|^acs:", re.IGNORECASE)


@lru_cache(maxsize=16384)
def places(text: str) -> tuple[Mention, ...]:
    """Give the places a text names, in its order and each once.

    Substrings do not count: ``customer-status`` names nothing, ``smp-user`` is not ``smp-us``.
    """
    found: dict[tuple[Kind, str, str], Mention] = {}
    for match in _ANY.finditer(text):
        for mention in _mentions(match, text):
            found.setdefault((mention.kind, mention.text, mention.token), mention)
    return tuple(found.values())


def _mentions(match: re.Match[str], text: str) -> Iterator[Mention]:
    group, value = match.lastgroup, (match[match.lastgroup] if match.lastgroup else "").lower()
    token = _token(text, match.start(), match.end())
    match group:
        case "region":
            yield _region(value.replace("_", "-"), token)
        case "code":
            yield _region(_ZONE_CODES[value], token)
        case "instance":
            yield _region(_INSTANCE_CODES[value], f"acs:{token}")
        case "fixed":
            yield _region(_FIXED_HOSTS[value], token)
        case "cluster" | "stack":
            if value != "global" or "_" not in match[0]:  # smp_global is the database of master data
                yield _cluster(_ORIGIN_WORDS[value], token)
        case "host":
            yield from _host(value, token)
        case "other" | "scheme":
            yield Mention(kind=Kind.HOST, text=value, token=token, homes=frozenset())
        case "address":
            yield from _address(value, token)
        case _:
            yield Mention(kind=Kind.ACCOUNT, text=value, token=token, homes=frozenset())


def _region(name: str, token: str) -> Mention:
    cloud = Cloud.ALIBABA if name.startswith("cn-") or _ALIBABA.search(token) else Cloud.AWS
    homes = frozenset(cluster for cluster in Cluster if cluster.home == name and cluster.cloud is cloud)
    return Mention(kind=Kind.REGION, text=name, token=token, homes=homes)


def _cluster(cluster: Cluster, token: str) -> Mention:
    return Mention(kind=Kind.CLUSTER, text=cluster.id, token=token, homes=frozenset({cluster}))


def _host(name: str, token: str) -> Iterator[Mention]:
    """Read a host of ours: ``us-api.smp.vn``, ``kafka.smp-us.prod.smp.local``, ``api.us.smp.vn``."""
    labels = name.removesuffix(f".{ZONE}").removesuffix(f".{INTERNAL_SUFFIX}").split(".")
    for label in labels:
        words = [word for word in label.split("-") if word not in {"dev", "staging", "prod"}]
        if not words:
            continue
        home = _ORIGIN_WORDS.get(words[0])
        if home is None and not (words[-1] == "us" and words[0] in _WORDS_BEFORE_US):
            home = _ORIGIN_WORDS.get(words[-1])
        if words[0] == "smp" and len(words) > 1:
            home = _ORIGIN_WORDS.get(words[1])
        if home is not None:
            yield Mention(kind=Kind.HOST, text=name, token=token, homes=frozenset({home}))
            return


def _address(value: str, token: str) -> Iterator[Mention]:
    address, _, prefix = value.partition("/")
    if not prefix or int(prefix) >= 16:
        home = _BLOCKS[".".join(address.split(".")[:2])]
        yield Mention(kind=Kind.ADDRESS, text=value, token=token, homes=frozenset({home}))


def _token(text: str, start: int, end: int) -> str:
    while start > 0 and text[start - 1] not in _TOKEN_ENDS:
        start -= 1
    while end < len(text) and text[end] not in _TOKEN_ENDS:
        end += 1
    return text[start:end]
