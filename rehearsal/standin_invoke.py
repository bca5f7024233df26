"""Functions of providers that a rehearsal can answer; all others are refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from rehearsal import values
from rehearsal.standin_identity import ProviderFacts
from rehearsal.values import Properties


class InvokeError(Exception):
    """The stand-in cloud cannot answer a function; the text says so to the user."""


def invoke(token: str, arguments: Properties, facts: ProviderFacts) -> Properties:
    """The answer of the provider's function `token`. Raises `InvokeError` for a function that is not known."""
    known = _FUNCTIONS.get(token)
    if known is None:
        raise InvokeError(
            f"the stand-in cloud cannot answer {token}: it only knows {', '.join(sorted(_FUNCTIONS))}. "
            "Pass the value as configuration instead, or add the function to rehearsal/standin_invoke.py."
        )
    plain = cast("Properties", values.reveal_all(arguments))
    region = plain.get("region")
    if isinstance(region, str) and region and facts.package == "aws":
        facts = ProviderFacts(package=facts.package, account=facts.account, region=region)
    return known(plain, facts)


def _caller_identity(arguments: Properties, facts: ProviderFacts) -> Properties:
    del arguments
    arn = f"arn:{facts.partition}:sts::{facts.account}:assumed-role/stand-in/rehearsal"
    return {"accountId": facts.account, "arn": arn, "id": facts.account, "userId": "AROASTANDIN:rehearsal"}


def _region(arguments: Properties, facts: ProviderFacts) -> Properties:
    del arguments
    return {
        "id": facts.region,
        "name": facts.region,
        "region": facts.region,
        "description": facts.region,
        "endpoint": f"ec2.{facts.region}.{facts.dns_suffix}",
    }


def _partition(arguments: Properties, facts: ProviderFacts) -> Properties:
    del arguments
    prefix = "cn.com.amazonaws" if facts.partition == "aws-cn" else "com.amazonaws"
    return {
        "partition": facts.partition,
        "id": facts.partition,
        "dnsSuffix": facts.dns_suffix,
        "reverseDnsPrefix": prefix,
        "region": facts.region,
    }


def _availability_zones(arguments: Properties, facts: ProviderFacts) -> Properties:
    names = [f"{facts.region}{letter}" for letter in "abc"]
    return arguments | {
        "id": facts.region,
        "names": names,
        "zoneIds": [f"{facts.region}-az{number}" for number in (1, 2, 3)],
        "groupNames": [facts.region],
        "region": facts.region,
    }


def _policy_document(arguments: Properties, facts: ProviderFacts) -> Properties:
    """`aws.iam.getPolicyDocument`: statements in the API's form, as the provider renders them."""
    del facts
    statements = [
        _statement(cast("Properties", item)) for item in cast("list[Any]", arguments.get("statements") or [])
    ]
    document: Properties = {"Version": arguments.get("version") or "2012-10-17"}
    if arguments.get("policyId"):
        document["Id"] = arguments["policyId"]
    document["Statement"] = statements
    text = _pretty(document)
    return arguments | {
        "id": str(int(values.digest(document)[:8], 16)),
        "json": text,
        "minifiedJson": json.dumps(document, separators=(",", ":")),
    }


def _statement(given: Properties) -> Properties:
    statement: Properties = {}
    if given.get("sid"):
        statement["Sid"] = given["sid"]
    statement["Effect"] = given.get("effect") or "Allow"
    for key, name in (
        ("actions", "Action"),
        ("notActions", "NotAction"),
        ("resources", "Resource"),
        ("notResources", "NotResource"),
    ):
        if given.get(key):
            statement[name] = _one_or_many(given[key])
    for key, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if given.get(key):
            statement[name] = _principals(given[key])
    if given.get("conditions"):
        conditions: dict[str, dict[str, Any]] = {}
        for condition in given["conditions"]:
            conditions.setdefault(condition["test"], {})[condition["variable"]] = _one_or_many(
                condition["values"]
            )
        statement["Condition"] = conditions
    return statement


def _principals(given: list[Any]) -> Any:
    found: dict[str, Any] = {}
    for principal in given:
        if principal["type"] == "*" and principal["identifiers"] == ["*"]:
            return "*"
        found[principal["type"]] = _one_or_many(principal["identifiers"])
    return found


def _one_or_many(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else sorted(items)


def _pretty(document: Properties) -> str:
    return json.dumps(document, indent=2)


def _zones(arguments: Properties, facts: ProviderFacts) -> Properties:
    ids = [f"{facts.region}-{letter}" for letter in ("h", "j", "k", "l")]
    return arguments | {
        "id": facts.region,
        "ids": ids,
        "zones": [{"id": zone, "localName": zone} for zone in ids],
    }


def _alibaba_account(arguments: Properties, facts: ProviderFacts) -> Properties:
    del arguments
    return {"id": facts.account}


def _alibaba_caller(arguments: Properties, facts: ProviderFacts) -> Properties:
    del arguments
    arn = f"acs:ram::{facts.account}:assumed-role/stand-in/rehearsal"
    return {"id": facts.account, "accountId": facts.account, "arn": arn, "identityType": "AssumedRoleUser"}


_FUNCTIONS: Final[Mapping[str, Callable[[Properties, ProviderFacts], Properties]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "alicloud:index/getZones:getZones": _zones,
    "alicloud:index/getAccount:getAccount": _alibaba_account,
    "alicloud:index/getCallerIdentity:getCallerIdentity": _alibaba_caller,
}
