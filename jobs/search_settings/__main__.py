"""``python -m jobs.search_settings``: exit code 0 when all is as reviewed, 2 when it could not be made so.

Trust comes last: until Elasticsearch has its templates the sink cannot connect, so no figure arrives before them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from jobs.environment import text_of, variable
from jobs.failures import JobError, ended
from jobs.search_settings.requests import apply, read_requests
from jobs.search_settings.trust import publish
from jobs.web import Server, basic

DONE, FAILED = 0, 2


def main(environment: Mapping[str, str], say: Callable[[str], object] = print) -> int:
    """Do both, and say what changed; give the exit code."""
    try:
        authority = Path(variable(environment, "SEARCH_CA_FILE"))
        password = text_of(Path(variable(environment, "SEARCH_PASSWORD_FILE")))
        server = Server(
            url=variable(environment, "SEARCH_URL"),
            authority=authority,
            authorization=basic(variable(environment, "SEARCH_USERNAME"), password),
        )
        requests = read_requests(Path(variable(environment, "REQUESTS_FILE")))
        sent = apply(server, requests, say)
        written = publish(
            _kubernetes(environment),
            variable(environment, "TRUST_NAMESPACE"),
            variable(environment, "TRUST_NAME"),
            text_of(authority),
        )
    except JobError as error:
        say(f"search settings: {error}")
        return FAILED
    trust = "renewed; restart Connect if it had an older one" if written else "as before"
    say(f"search settings: {len(requests)} reviewed, {sent} sent, trust {trust}")
    return DONE


def _kubernetes(environment: Mapping[str, str]) -> Server:
    mount = Path(variable(environment, "KUBERNETES_ACCOUNT"))
    host, port = (variable(environment, f"KUBERNETES_SERVICE_{part}") for part in ("HOST", "PORT_HTTPS"))
    return Server(
        url=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        authority=mount / "ca.crt",
        authorization=f"Bearer {text_of(mount / 'token')}",
    )


if __name__ == "__main__":
    sys.exit(ended(lambda: main(os.environ)))
