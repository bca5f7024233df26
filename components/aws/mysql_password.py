"""Where the password of the MySQL administrator comes from."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class GeneratedPassword:
    """RDS makes it, keeps it in Secrets Manager and rotates it weekly: it is in no state, plan or file.

    Only for an instance without read replicas: RDS refuses to replicate a MySQL instance whose password it manages
    (RDS user guide: password management with Secrets Manager, limitations).
    """


@dataclass(frozen=True, kw_only=True)
class GivenPassword:
    """It comes with the deployment, encrypted in configuration and state. Rotated by giving another.

    ``value`` must be a secret of 8 to 41 printable ASCII characters without slash, quotation mark, at sign and space.
    ``kept_at`` names where it is kept, for people; such as ``configuration key smp:mysqlPassword``.
    """

    value: pulumi.Output[str]
    kept_at: str


AdministratorPassword = GeneratedPassword | GivenPassword
