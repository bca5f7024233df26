"""Failures made on purpose: a provider call that fails, or a process that dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rehearsal.resources import name_of


class Death(StrEnum):
    """How the process dies at a write: after it, or in its middle."""

    AFTER = "after"
    TORN = "torn"


@dataclass(frozen=True, kw_only=True, slots=True)
class Faults:
    """What goes wrong in a rehearsal.

    `fail` maps the end of a URN, a type token or a resource's name to the message its operations fail with.
    `fail_after` lets that many operations succeed and fails all others. `die_at_write` kills the process (SIGKILL) at
    the write with that number, counted from 1: journal lines first, then the steps of saving (embedded host only).
    """

    fail: Mapping[str, str] = field(default_factory=dict[str, str])
    fail_after: int | None = None
    die_at_write: int | None = None
    death: Death = Death.AFTER


NO_FAULTS = Faults()


class ProviderFault(Exception):  # noqa: N818 - the provider's word for it
    """A provider call failed on purpose."""


class FaultPlan:
    """Faults, counted down during one run."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._met: set[str] = set()
        self._operations = 0
        self._writes = 0

    def before_operation(self, *, urn: str, token: str) -> None:
        """Raise `ProviderFault` when this operation is to fail."""
        for key, message in self._faults.fail.items():
            if key and (urn.endswith(key) or key in {token, name_of(urn)}):
                self._met.add(key)
                raise ProviderFault(message)
        self._operations += 1
        limit = self._faults.fail_after
        if limit is not None and self._operations > limit:
            raise ProviderFault(f"stopped after {limit} operations, as asked")

    @property
    def unmet(self) -> tuple[str, ...]:
        """The targets that no operation of this run was for."""
        return tuple(key for key in self._faults.fail if key not in self._met)

    def next_write(self) -> Death | None:
        """Count a write; answers how the process must die at it, if it must."""
        self._writes += 1
        return self._faults.death if self._writes == self._faults.die_at_write else None


def die() -> None:
    """End the process as a power cut would: no clean-up runs."""
    os.kill(os.getpid(), signal.SIGKILL)
