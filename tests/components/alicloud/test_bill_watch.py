"""China's spending alarm as it is deployed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.quantities import Usd
from catalog.stack_facts import Stack
from components.alicloud.bill_watch import READ_ONLY_POLICY, BillWatch, BillWatchArgs
from components.alicloud.ram import ServiceAccountRole, ServiceAccountRoleArgs
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_alicloud import ISSUER, bill_watch
from tests.contracts.harness import World, known, record_build


def _pod() -> dict[str, Any]:
    job = record_build(bill_watch, Stack.PROD_CHINA).one("kubernetes:batch/v1:CronJob").inputs
    return job["spec"]["jobTemplate"]["spec"]


def test_the_job_knows_the_budget_and_may_read_the_bill() -> None:
    template = _pod()["template"]
    (container,) = template["spec"]["containers"]
    assert {item["name"]: item["value"] for item in container["env"]} == {
        "BUDGET_USD": "1500",
        "USD_PER_CNY": "0.1408",
    }
    assert container["image"] == "registry.example/mirror/smp/bill:4.0.0"
    assert template["metadata"]["labels"]["pod-identity.alibabacloud.com/injection"] == "on"
    account = record_build(bill_watch, Stack.PROD_CHINA).one("kubernetes:core/v1:ServiceAccount").inputs
    assert account["metadata"]["annotations"] == {
        "pod-identity.alibabacloud.com/role-name": "smp-china-prod-bill-watch"
    }


def test_a_verdict_is_not_tried_again_and_a_failure_is() -> None:
    spec = _pod()
    (rule,) = spec["podFailurePolicy"]["rules"]
    assert rule["action"] == "FailJob"
    assert rule["onExitCodes"] == {"containerName": "bill-watch", "operator": "In", "values": [1]}
    assert spec["backoffLimit"] == 2


def test_failing_and_not_running_are_both_told() -> None:
    rule = record_build(bill_watch, Stack.PROD_CHINA).one(
        "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
    )
    (group,) = rule.inputs["spec"]["groups"]
    assert [item["alert"] for item in group["rules"]] == ["BillOverBudget", "BillNotRead"]


def _role(world: World, *policies: str) -> ServiceAccountRole:
    return ServiceAccountRole(
        "role",
        ServiceAccountRoleArgs(
            scope=world.scope,
            thing="bill-watch",
            namespace="monitoring",
            service_account="bill-watch",
            oidc_issuer=known(ISSUER),
            system_policies=policies,
        ),
        provider=world.alicloud,
    )


def test_a_role_of_one_account_reads_bills_and_nothing_else() -> None:
    recorded = record_build(lambda world: _role(world, READ_ONLY_POLICY), Stack.PROD_CHINA)
    attachment = recorded.one("alicloud:ram/rolePolicyAttachment:RolePolicyAttachment").inputs
    assert (attachment["policyName"], attachment["policyType"]) == (READ_ONLY_POLICY, "System")
    assert recorded.of_type("alicloud:ram/policy:Policy") == []
    trust = json.loads(recorded.one("alicloud:ram/role:Role").inputs["assumeRolePolicyDocument"])
    assert trust["Statement"][0]["Condition"]["StringEquals"]["oidc:sub"] == [
        "system:serviceaccount:monitoring:bill-watch"
    ]


def test_more_than_reading_is_no_system_policy_of_ours() -> None:
    with pytest.raises(InvalidArgumentsError, match="AliyunOSSFullAccess is more than reading"):
        record_build(lambda world: _role(world, "AliyunOSSFullAccess"), Stack.PROD_CHINA)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"monthly": Usd.of(0)}, "more than nothing"), ({"role_name": ""}, "may read the bill")],
)
def test_a_watch_without_budget_or_role_is_refused(changes: dict[str, Any], said: str) -> None:
    def build(world: World) -> BillWatch:
        values = {**vars(_args(world)), **changes}
        return BillWatch("w", BillWatchArgs(**values), provider=world.kubernetes)

    with pytest.raises(InvalidArgumentsError, match=said):
        record_build(build, Stack.PROD_CHINA)


def _args(world: World) -> BillWatchArgs:
    from catalog.forms import ImageRegistry

    return BillWatchArgs(
        scope=world.scope,
        namespace=known("monitoring"),
        definitions=known("1"),
        image_registry=ImageRegistry.parse("registry.example/mirror"),
        role_name="r",
        monthly=Usd.of(1),
    )
