"""Addresses and options in texts that give encryption up: connection URLs, environment variables, configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.rules import Family, Level, Rule, Violation, on
from policies.values import walk
from policies.views import StackView

_OPTIONS = (
    (re.compile(r"[?&;]\s*usessl=false", re.IGNORECASE), "useSSL=false"),
    (re.compile(r"[?&;]\s*ssl-?mode=(?:disabled?|allow)\b", re.IGNORECASE), "sslMode=DISABLED"),
    (re.compile(r"[?&;](?:tls|ssl)=(?:false|0|skip-verify)\b", re.IGNORECASE), "tls=false"),
    (
        re.compile(r"[?&;]tlsinsecure=true|[?&;]tlsallowinvalidcertificates=true", re.IGNORECASE),
        "tlsInsecure=true",
    ),
    (
        re.compile(r"[?&;]ssl_cert_reqs=none|[?&;]trustservercertificate=true", re.IGNORECASE),
        "no certificate check",
    ),
    (re.compile(r"^\s*tls_disable\s*=\s*\"?(?:true|1)\"?", re.IGNORECASE | re.MULTILINE), "tls_disable"),
    (
        re.compile(r"\bsecurity\.protocol\"?\s*[=:]\s*\"?(?:SASL_)?PLAINTEXT\b", re.IGNORECASE),
        "security.protocol in plain text",
    ),
    (
        re.compile(r"\bdatabase\.ssl\.mode\"?\s*[=:]\s*\"?disabled", re.IGNORECASE),
        "database.ssl.mode=disabled",
    ),
    (re.compile(r"\bdatabase\.sslmode\"?\s*[=:]\s*\"?disable", re.IGNORECASE), "database.sslmode=disable"),
    (
        re.compile(
            r"\b(?:insecure_?skip_?verify|tls_skip_verify_insecure)\"?\s*[=:]\s*\"?true", re.IGNORECASE
        ),
        "insecure_skip_verify",
    ),
    (
        re.compile(r"\bxpack\.security\.(?:http\.ssl\.|transport\.ssl\.)?enabled\"?\s*[=:]\s*\"?false"),
        "xpack.security off",
    ),
    (re.compile(r"\bhttp://[^\s\"']*:8200\b"), "Vault over plain HTTP"),
    (
        re.compile(r"\bhttp://[^\s\"'/]*\.smp-(?:asia|us|china|global)\.(?:dev|staging|prod)\.smp\.local"),
        "another cluster over plain HTTP",
    ),
    (re.compile(r"\bhttp://(?:[\w-]+\.)*smp\.vn\b"), "the product over plain HTTP"),
    (
        re.compile(r"\bredis://[^\s\"']*\.(?:cache\.amazonaws\.com|rds\.aliyuncs\.com)\b"),
        "redis:// without TLS",
    ),
    (re.compile(r"\bhttp://[^\s\"']*\.(?:es|aoss)\.amazonaws\.com\b"), "OpenSearch over plain HTTP"),
)
_PROPERTIES = {
    "database.ssl.mode": ("disabled",),
    "database.sslmode": ("disable",),
    "security.protocol": ("plaintext", "sasl_plaintext"),
    "producer.security.protocol": ("plaintext", "sasl_plaintext"),
    "consumer.security.protocol": ("plaintext", "sasl_plaintext"),
    "insecure_skip_verify": ("true",),
    "insecureskipverify": ("true",),
    "tls_skip_verify": ("true",),
    "insecureskiptlsverify": ("true",),
    "insecure-skip-tls-verify": ("true",),
}
_VARIABLES = {
    "VAULT_SKIP_VERIFY": ("true", "1"),
    "NODE_TLS_REJECT_UNAUTHORIZED": ("0",),
    "PGSSLMODE": ("disable", "allow"),
    "KAFKA_SECURITY_PROTOCOL": ("plaintext", "sasl_plaintext"),
    "MYSQL_SSL_MODE": ("disabled", "disable"),
    "MYSQL_TLS": ("false",),
    "DB_SSLMODE": ("disable", "disabled"),
    "REDIS_TLS": ("false",),
    "KAFKA_TLS": ("false",),
    "KAFKA_TLS_ENABLED": ("false",),
    "REDIS_TLS_ENABLED": ("false",),
    "MONGODB_TLS": ("false",),
    "GIT_SSL_NO_VERIFY": ("true", "1"),
}
_INTERNAL = ("description", "comment", "readme", "sentence")


def _texts(stack: StackView) -> Iterator[Violation]:
    for resource in stack.resources:
        named: dict[str, str] = {}
        for path, found in walk(resource.inputs):
            value = str(found) if isinstance(found, bool) else found
            if not isinstance(value, str) or path.rsplit(".", maxsplit=1)[-1] in _INTERNAL:
                continue
            head, _, leaf = path.rpartition(".")
            if leaf == "name":
                named[head] = value
            elif leaf == "value" and head in named:
                leaf = named[head]
            if len(value) > 8:
                for pattern, what in _OPTIONS:
                    if pattern.search(value):
                        yield on(resource, f"{path}: {what}")
            lower = value.lower()
            for suffix, bad in _PROPERTIES.items():
                if lower in bad and (path.lower().endswith(suffix) or leaf.lower() == suffix):
                    yield on(resource, f"{path} is {value}")
            if lower in _VARIABLES.get(leaf, ()):
                yield on(resource, f"{leaf} is {value}")


RULES = (
    Rule(
        id="encryption-options",
        family=Family.ENCRYPTION,
        sentence="No connection string, variable or configuration turns TLS, or the check of a certificate, off.",
        source="M§14.3, M§11",
        level=Level.MANDATORY,
        remedy="demand TLS and a verified certificate there",
        judge=_texts,
        alone=True,
    ),
)
