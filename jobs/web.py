"""JSON over HTTPS, for the few requests that jobs make."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jobs.failures import JobError

TIMEOUT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server said; numbers with a fraction are exact decimals."""

    status: int
    body: Any

    @property
    def succeeded(self) -> bool:
        """Whether the request was carried out."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def basic(username: str, password: str) -> str:
    """Write the header of a user and password."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server, whom to trust for its certificate, and how to say who we are."""

    url: str
    """Scheme, host and port, without a slash at the end."""
    authority: Path | None
    """PEM file with the authority of its certificate; ``None`` trusts those of the system."""
    authorization: str

    def ask(
        self,
        method: str,
        path: str,
        body: object | None = None,
        *,
        content_type: str = "application/json",
    ) -> Answer:
        """Send a request; an answer that refuses it is an answer.

        Raises:
            JobError: the server cannot be reached, or answered something that is not JSON.

        """
        headers: Mapping[str, str] = {
            "Authorization": self.authorization,
            "Content-Type": content_type,
            "Accept": "application/json",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the URL is configuration, and https in a cluster
            f"{self.url}{path}", data=data, headers=dict(headers), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=self._context()) as answer:  # noqa: S310
                return Answer(status=answer.status, body=_decoded(answer.read(), self.url, path))
        except urllib.error.HTTPError as error:
            return Answer(status=error.code, body=_decoded(error.read(), self.url, path))
        except (OSError, ssl.SSLError) as error:
            msg = f"{self.url} cannot be reached: {error}"
            raise JobError(msg) from error

    def _context(self) -> ssl.SSLContext | None:
        if not self.url.startswith("https:"):
            return None
        try:
            return ssl.create_default_context(cafile=str(self.authority) if self.authority else None)
        except (OSError, ssl.SSLError) as error:
            msg = f"{self.authority} holds no authority to trust: {error}"
            raise JobError(msg) from error


def _decoded(text: bytes, url: str, path: str) -> Any:
    if not text.strip():
        return {}
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError as error:
        msg = f"{url}{path} answered something that is not JSON: {text[:80]!r}"
        raise JobError(msg) from error
