"""Who may do what in an EKS cluster: access entries instead of the aws-auth map."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from components.core.scope import Scope

_PRINCIPAL = re.compile(r"arn:aws:iam::\d{12}:role/[\w+=,.@/-]+")


class AccessLevel(StrEnum):
    """A cluster-wide level; EKS's managed access policies behind it (EKS user guide: access policies)."""

    ADMIN = "admin"
    """Everything: whoever deploys, and the on-call engineer (M§9)."""
    EDIT = "edit"
    """Read and write workloads and their secrets: engineers in dev (M§9)."""
    VIEW = "view"
    """Read everything but secrets."""

    @property
    def policy_arn(self) -> str:
        """The managed access policy that grants this level."""
        name = {
            AccessLevel.ADMIN: "AmazonEKSClusterAdminPolicy",
            AccessLevel.EDIT: "AmazonEKSEditPolicy",
            AccessLevel.VIEW: "AmazonEKSViewPolicy",
        }[self]
        return f"arn:aws:eks::aws:cluster-access-policy/{name}"


@dataclass(frozen=True, kw_only=True)
class ClusterAccess:
    """One IAM role that may enter the cluster. Users have no entry: people assume roles."""

    principal_arn: str
    """``arn:aws:iam::<account>:role/<path and name>``."""
    level: AccessLevel


def access_problems(access: Mapping[str, ClusterAccess], scope: Scope) -> Iterator[str]:
    """Yield what is wrong with the access to a cluster."""
    if not any(entry.level is AccessLevel.ADMIN for entry in access.values()):
        yield (
            "access names no admin; whoever creates the cluster gets no access by that alone, so name at least "
            "the role that deploys"
        )
    taken: dict[str, str] = {}
    for name, entry in access.items():
        try:
            scope.name(f"access-{name}")
        except ValueError:
            yield f"access {name!r} is no name; write lower-case letters, digits and dashes"
        if _PRINCIPAL.fullmatch(entry.principal_arn) is None:
            yield (
                f"access {name}: {entry.principal_arn!r} is no IAM role; "
                "write arn:aws:iam::<12 digits>:role/<name>, users and wildcards have no access"
            )
        first = taken.setdefault(entry.principal_arn, name)
        if first != name:
            yield f"access {name}: {entry.principal_arn} is also the access {first}; a role has one entry"
        if entry.level is AccessLevel.EDIT and scope.is_production:
            yield (
                f"access {name}: edit is for dev and staging (M§9); production takes view, "
                "or admin for the on-call role"
            )
