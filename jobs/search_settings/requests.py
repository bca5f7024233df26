"""Sends the reviewed requests, and only those whose content is not there yet."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from jobs.environment import text_of
from jobs.failures import JobError
from jobs.web import Server


@dataclass(frozen=True, kw_only=True)
class Request:
    """One ``PUT``: a path, and the body that must be there."""

    path: str
    body: dict[str, Any]


def read_requests(file: Path) -> tuple[Request, ...]:
    """Read the list.

    Raises:
        JobError: it is no list of paths and bodies.

    """
    try:
        found = json.loads(text_of(file))
        return tuple(Request(path=str(item["path"]), body=dict(item["body"])) for item in found)
    except (ValueError, TypeError, KeyError) as error:
        msg = f"{file} is no list of requests with path and body: {error}"
        raise JobError(msg) from error


def apply(server: Server, requests: tuple[Request, ...], say: Callable[[str], object]) -> int:
    """Bring everything up to date, in order; give how many were sent.

    Raises:
        JobError: Elasticsearch cannot be reached or refuses one; those after it are not sent, since they may name it.

    """
    sent = 0
    for request in requests:
        there = server.ask("GET", request.path)
        if there.succeeded and is_current(request.body, there.body):
            continue
        if not there.succeeded and there.status != HTTPStatus.NOT_FOUND:
            msg = f"Elasticsearch does not show {request.path} ({there.status}): {str(there.body)[:600]}"
            raise JobError(msg)
        answer = server.ask("PUT", request.path, request.body)
        if not answer.succeeded:
            msg = f"Elasticsearch refused {request.path} ({answer.status}): {str(answer.body)[:600]}"
            raise JobError(msg)
        say(f"{request.path}: {'changed' if there.succeeded else 'made'}")
        sent += 1
    return sent


def is_current(body: dict[str, Any], answer: object) -> bool:
    """Say whether an answer shows what a body asks for: by the body's digest, or by its settings where it has none.

    Elasticsearch gives back settings in forms of its own, so whole bodies cannot be compared; a digest can.
    """
    digest = _digest(body)
    if digest is not None:
        return digest in json.dumps(answer, default=str)
    settings = {str(key): str(value) for key, value in body.get("settings", {}).items()}
    return any(
        part.get("type") == body.get("type") and _holds(part.get("settings"), settings)
        for part in _parts(answer)
    )


def _digest(body: object) -> str | None:
    """Find ``content`` under ``_meta`` or ``metadata``, wherever the kind of request keeps it."""
    for part in _parts(body):
        for key in ("_meta", "metadata"):
            meta = part.get(key)
            if isinstance(meta, dict) and isinstance(cast("dict[str, Any]", meta).get("content"), str):
                return str(cast("dict[str, Any]", meta)["content"])
    return None


def _parts(value: object) -> list[dict[str, Any]]:
    """List every object inside a value, the outer ones first."""
    if isinstance(value, dict):
        own = cast("dict[str, Any]", value)
        return [own, *(part for item in own.values() for part in _parts(item))]
    if isinstance(value, list):
        return [part for item in cast("list[object]", value) for part in _parts(item)]
    return []


def _holds(found: object, wanted: dict[str, str]) -> bool:
    if not isinstance(found, dict):
        return False
    there = cast("dict[str, Any]", found)
    return all(str(there.get(key)) == value for key, value in wanted.items())
