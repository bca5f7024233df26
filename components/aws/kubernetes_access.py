"""Who may do what in an EKS cluster: access entries instead of the aws-auth map."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.addresses import Cidr
from components.core.component import about
from components.core.scope import Scope

_PRINCIPAL = re.compile(r"arn:aws:iam::\d{12}:role/[\w+=,.@/-]+")


LONGEST_NAME = 64
"""Our own: it becomes part of a resource's name."""


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


WIDEST_PUBLIC_RANGE = 16
"""An office or a VPN has a narrower range; anything wider is a mistake."""


def public_range(cidr: Cidr) -> str | None:
    """Say what is wrong with a range that may reach the API server over the internet, or ``None``."""
    if cidr.prefix_length < WIDEST_PUBLIC_RANGE:
        return (
            f"{cidr} is open to half the internet; name the ranges of offices or a VPN, /{WIDEST_PUBLIC_RANGE} or"
            " narrower, or none"
        )
    if cidr.network.is_private:
        return f"{cidr} is a private range, which no one comes from over the internet; leave it out"
    return None


def principal(arn: str) -> str | None:
    """Say what is wrong with the ARN of who enters a cluster, or ``None``."""
    if _PRINCIPAL.fullmatch(arn):
        return None
    return f"{arn!r} is no IAM role; write arn:aws:iam::<12 digits>:role/<name>, users and wildcards have no access"


def access_name(name: str) -> str | None:
    """Say what is wrong with the name of an access, or ``None``."""
    if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name) and len(name) <= LONGEST_NAME:
        return None
    return f"{name!r} is no name; write lower-case letters, digits and dashes, {LONGEST_NAME} at most"


def access_problems(access: Mapping[str, ClusterAccess], scope: Scope) -> Iterator[str]:
    """Yield what is wrong with the access to a cluster."""
    if not any(entry.level is AccessLevel.ADMIN for entry in access.values()):
        yield (
            "access names no admin; whoever creates the cluster gets no access by that alone, so name at least "
            "the role that deploys"
        )
    taken: dict[str, str] = {}
    for name, entry in access.items():
        yield from about("access", access_name(name))
        yield from about(f"access {name}:", principal(entry.principal_arn))
        first = taken.setdefault(entry.principal_arn, name)
        if first != name:
            yield f"access {name}: {entry.principal_arn} is also the access {first}; a role has one entry"
        if entry.level is AccessLevel.EDIT and scope.is_production:
            yield (
                f"access {name}: edit is for dev and staging (M§9); production takes view, "
                "or admin for the on-call role"
            )
