"""How a secret looks, and what only looks like one: by its form, by its name, within a text."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache

KNOWN_FORMS = (
    (re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"), "a private key"),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"), "an AWS access key"),
    (re.compile(r"\bLTAI[A-Za-z0-9]{12,24}\b"), "an Alibaba Cloud access key"),
    (re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{22,}"), "a GitHub token"),
    (re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}"), "a GitLab token"),
    (re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"), "a Slack token"),
    (re.compile(r"hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{16,}"), "a Slack webhook"),
    (re.compile(r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}"), "a Vault token"),
    (
        re.compile(r"\bsk_live_[A-Za-z0-9]{16,}|\bAIza[A-Za-z0-9_-]{35}\b|\bSG\.[\w-]{16,}\.[\w-]{16,}"),
        "an API key",
    ),
    (re.compile(r"\bpul-[0-9a-f]{40}\b|\bnpm_[A-Za-z0-9]{36}\b|\bdop_v1_[0-9a-f]{64}\b"), "an access token"),
    (re.compile(r"\bv1\.0-[0-9a-f]{24}-[0-9a-f]{64,}"), "a Cloudflare Origin CA key"),
    (re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{16,}"), "a JSON web token"),
    (
        re.compile(
            r"\b[a-z][a-z0-9+.-]*://[^/\s:@${}<>\"']*:(?![${<*%\[])[^/\s@\"'${<{]{4,}@(?=[\w\[$.-])",
            re.IGNORECASE,
        ),
        "a password in a connection URL",
    ),
    (
        re.compile(r"\b[\w.-]+:(?![${<*%])[^@\s:/${<{\"']{4,}@(?:tcp|unix)\("),
        "a password in a connection string",
    ),
    (
        re.compile(
            r"\bauthorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{12,}"
            r"|\b(?:bearer|basic)\s+(?=[^\s\"']*\d)[A-Za-z0-9._~+/=-]{16,}",
            re.IGNORECASE,
        ),
        "a credential in a header",
    ),
    (re.compile(r"\bidentified\s+by\s+'(?![${<{])[^'{$]{3,}'", re.IGNORECASE), "a password in SQL"),
    (
        re.compile(r"\bmysql(?:dump|admin|import)?\b[^\n|;]*\s-p(?![\s\"'$]|\\?[\"']?\$)[^\s$]{3,}"),
        "a password of the MySQL client",
    ),
    (
        re.compile(r"\bredis-cli\b[^\n|;]*\s-a\s+[\"']?(?![\"'$<{])[^\s$\"']{3,}"),
        "a password of the Redis client",
    ),
    (
        re.compile(r"\bcurl\b[^\n|;]*\s(?:-u|--user)\s+[\"']?[\w.-]+:(?![$<{])[^\s$\"']{3,}"),
        "a password of curl",
    ),
    (
        re.compile(
            r"\"(?:d|p|q|dp|dq|qi)\"\s*:\s*\"[\w-]{20,}\"[^}]*\"kty\"|\"kty\"[^}]*\"(?:d|p|q|dp|dq|qi)\"\s*:\s*\"[\w-]{20,}\""
        ),
        "the private part of a key set",
    ),
)
_HINT = re.compile(
    r"PRIVATE KEY|AKIA|ASIA|LTAI|gh[pousr]_|github_pat|glpat|xox|slack|hv[sbr]\.|sk_live|AIza|SG\.|pul-|npm_|dop_|v1\.0"
    r"|eyJ|://|@tcp|@unix|earer|asic|BASIC|BEARER|dentified|DENTIFIED|mysql|redis-cli|curl|kty"
)

_ENDS = frozenset(
    {"password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "requirepass", "masterauth"}
)
_END_PAIRS = frozenset(
    {
        *(("api", "key"), ("access", "key"), ("secret", "key"), ("private", "key"), ("signing", "key")),
        *(("auth", "key"), ("account", "key"), ("shared", "key"), ("master", "key"), ("key", "data")),
        *(("encryption", "key"), ("hmac", "key"), ("jwt", "key"), ("service", "key"), ("license", "key")),
        *(
            ("access", "secret"),
            ("secret", "string"),
            ("secret", "data"),
            ("secret", "binary"),
            ("secret", "text"),
        ),
        *(
            ("db", "pass"),
            ("redis", "pass"),
            ("mysql", "pass"),
            ("mongo", "pass"),
            ("user", "pass"),
            ("smtp", "pass"),
        ),
        *(
            ("root", "pass"),
            ("admin", "pass"),
            ("webhook", "key"),
            ("routing", "key"),
            ("redis", "auth"),
            ("basic", "auth"),
            ("integration", "key"),
            ("auth", "pass"),
        ),
    }
)
_HARMLESS = frozenset(
    {
        *(
            ("creation", "token"),
            ("client", "token"),
            ("request", "token"),
            ("next", "token"),
            ("page", "token"),
        ),
        *(("continuation", "token"), ("caller", "token"), ("idempotency", "token"), ("task", "token")),
        *(
            ("inject", "token"),
            ("revoke", "token"),
            ("account", "token"),
            ("csrf", "token"),
            ("authority", "data"),
        ),
        *(("existing", "secret"), ("pull", "secret"), ("tls", "secret"), ("certificate", "secret")),
        *(("cert", "secret"), ("ca", "secret"), ("password", "secret"), ("credentials", "secret")),
        *(
            ("extra", "secret"),
            ("config", "secret"),
            ("auth", "secret"),
            ("external", "secret"),
            ("inject", "secret"),
        ),
        *(
            ("max", "token"),
            ("is", "secret"),
            ("generate", "secret"),
            ("to", "secret"),
            ("require", "password"),
        ),
        *(("user", "password", "policy"), ("manage", "password")),
    }
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PLAIN_WORDS = frozenset(
    {
        *(
            "true",
            "false",
            "none",
            "null",
            "yes",
            "no",
            "enabled",
            "disabled",
            "required",
            "optional",
            "auto",
        ),
        *("default", "password", "token", "secret", "bearer", "basic", "jwt", "oauth", "static", "dynamic"),
        *("rotate", "set", "delete", "vault", "kubernetes", "iam", "managed", "stdin", "prompt", "redacted"),
    }
)
_REFERENCE = re.compile(
    r"^(?:/|\./|~/|arn:|acs:|vault:|secret/|kv/|file:|env:|\$|\{\{|\{%|<|https?://[^@]*$|ref\+|kms://|op://|ssm:|awssm:"
    r"|sha256:|secretsmanager:|projects/|!|\*+$|x+$|X+$|\.{3}|…|%\w*$|%[\w.-]+%|@Microsoft|-----BEGIN (?:CERT|PUBLIC))"
)
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\$\{[^}]*\}|\$\([^)]*\)|<%.*?%>", re.DOTALL)


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a name says that what follows is a secret; ``TOKEN_TTL``, ``PASSWORD_FILE``, ``secretName`` do not."""
    words = [word.lower() for word in _WORDS.findall(name.rsplit("/", maxsplit=1)[-1])]
    while words and words[-1].isdigit():  # a second or an older one: PASSWORD_2
        words.pop()
    if not words:
        return False
    pair = tuple(words[-2:])
    if pair in _HARMLESS or (pair == ("encryption", "key") and not name.isupper()):
        return False  # a provider's encryptionKey is the id of one
    return words[-1] in _ENDS or pair in _END_PAIRS


def is_literal(value: str) -> bool:
    """Whether a value is a secret itself, and does not say where one is or what it is about."""
    text = value.strip().strip("\"'")
    if len(text) < 3 or _REFERENCE.match(text) or text.lower() in _PLAIN_WORDS:
        return False
    # Without a letter or a digit it is punctuation, such as the delimiters that a log index calls its token.
    rest = _TEMPLATE.sub("", text)
    return re.search(r"\w", rest) is not None and (rest == text or len(rest) >= 8)


def known_forms(text: str) -> Iterator[str]:
    """Name every secret a text holds that shows by its own form."""
    if _HINT.search(text):
        for pattern, what in KNOWN_FORMS:
            if pattern.search(text):
                yield what


_QUOTED = re.compile(
    r"""(?<![\w$])["']?([A-Za-z][\w.\-]*)["']?\s*(?::=|=>|[:=])\s*(["'])((?:(?!\2).){3,200})\2"""
)
_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+|set[ \t]+|-[ \t]+|ENV[ \t]+|-e[ \t]+)?["']?([A-Za-z][\w.\-]*)["']?"""
    r"""[ \t]*[:=][ \t]*([^\s"'#;()\[\]{}\\|]{3,200})[ \t]*$""",
    re.MULTILINE,
)
_ARGUMENT = re.compile(r"""(?:^|[\s"'])--?([A-Za-z][\w-]+)[=\s]+["']?([^\s"']{3,200})""")
_SHELL = re.compile(r"""(?:^|[\s;&"'])(?:export\s+|-e\s+)?([A-Z][A-Z0-9_]+)=["']?([^\s"';$`()]{3,200})""")
_SPEAKS = re.compile(r"pass|pwd|secret|token|key|auth", re.IGNORECASE)
_AGENT_TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def assignments(text: str, *, program: bool) -> Iterator[str]:
    """Give the names of secrets a text assigns a literal to: properties, YAML lines, arguments, shell, JAAS.

    In a ``program`` only quoted texts are literals; a bare word there is a variable.
    """
    if not _SPEAKS.search(text):
        return
    plain = _AGENT_TEMPLATE.sub("\n", text)
    patterns = (_QUOTED,) if program else (_QUOTED, _LINE, _ARGUMENT, _SHELL)
    for pattern in patterns:
        for found in pattern.finditer(plain):
            name, value = found[1], found[found.lastindex or 2]
            if is_secret_name(name) and is_literal(value) and not _is_code(value):
                yield name


def _is_code(value: str) -> bool:
    """Whether a value refers to another by the language's own means."""
    return (
        re.match(r"^(?:env|process\.env|os\.|config\.|var\.|local\.|data\.|self\.|this\.|request\.)", value)
        is not None
    )


def decoded(text: str) -> str | None:
    """Read base64, as scripts of machines and values of Kubernetes secrets have it; ``None`` where it is not."""
    packed = "".join(text.split())
    if len(packed) < 8 or len(packed) % 4 or not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", packed):
        return None
    try:
        return base64.b64decode(packed, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
