"""What the runbooks name is what the plan holds: secrets, roles of Vault, users, alerts, switches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from catalog.deploy_secrets import DeploySecret
from catalog.kafka_rollout import FIRST, FLAG
from catalog.read_model import Figure
from catalog.services import Service
from catalog.stack_facts import Stack
from insight.event_rollout import EventRollout
from jobs.reconcile.source import view_of
from tests.stacks.programs import ROOT, resources

RUNBOOKS = ROOT / "docs" / "runbooks"
VAULT = "vault.hashicorp.com/"


def _text(name: str) -> str:
    return (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")


def _objects(stack: Stack, kind: str) -> Iterator[dict[str, Any]]:
    return (
        item["inputs"]
        for item in resources(stack)
        if item["custom"] and item["type"].startswith("kubernetes:") and item["type"].endswith(f":{kind}")
    )


def test_the_first_bring_up_lists_every_secret() -> None:
    rows = [line for line in _text("first-bring-up").splitlines() if line.startswith("| `smp:")]
    assert rows == [
        f"| `smp:{facts.key}` | {facts.purpose} | "
        f"{', '.join(stack.facts.name for stack in Stack if stack in facts.stacks)} |"
        for facts in (secret.value for secret in DeploySecret)
    ]


def _signing_in(stack: Stack) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Give the account, namespace and annotations of every pod that asks Vault for something."""
    for connect in _objects(stack, "KafkaConnect"):
        pod = connect["spec"]["template"]["pod"]
        metadata = connect["metadata"]
        # The operator names the account after the object.
        yield f"{metadata['name']}-connect", metadata["namespace"], pod["metadata"]["annotations"]
    for job in _objects(stack, "CronJob"):
        template = job["spec"]["jobTemplate"]["spec"]["template"]
        found = template["metadata"].get("annotations") or {}
        if f"{VAULT}role" in found:
            account = template["spec"]["serviceAccountName"]
            yield account, job["metadata"]["namespace"], found


def test_the_roles_of_vault_are_those_that_pods_ask_for() -> None:
    text = _text("vault-roles")
    roles = re.findall(
        r"^    vault write auth/kubernetes/role/(\S+) bound_service_account_names=(\S+)"
        r" bound_service_account_namespaces=(\S+) policies=(\S+) ttl=1h$",
        text,
        re.MULTILINE,
    )
    kept = set(re.findall(r"vault kv put (secret/smp/<env>/\S+) username=\S+ password=-", text))
    asked = list(_signing_in(Stack.PROD_ASIA))
    wanted = {
        (pod[f"{VAULT}role"], account, namespace, pod[f"{VAULT}role"]) for account, namespace, pod in asked
    }
    assert set(roles) == wanted
    assert kept == {
        value.replace("/prod/", "/<env>/")
        for *_, pod in asked
        for key, value in pod.items()
        if key.startswith(f"{VAULT}agent-inject-secret-")
    }
    (loop,) = re.findall(r"for role in (.+); do", text)
    assert set(loop.split()) == {role for role, *_ in roles}


def test_the_reconciliation_may_read_its_views_and_nothing_else() -> None:
    text = _text("vault-roles")
    grants = re.findall(r"^GRANT (.+) ON (\S+) TO '(\S+)'@'%';$", text, re.MULTILINE)
    assert grants == [("SELECT", view_of(figure), "reconciliation") for figure in Figure]
    assert "vault kv put secret/smp/<env>/read-model/mysql username=reconciliation " in text
    user = re.search(r"CREATE USER '(\w+)'@'%' IDENTIFIED BY '<password>' REQUIRE SSL;", text)
    assert user is not None
    assert user[1] == "reconciliation"


def test_the_user_of_change_data_capture_is_one_name() -> None:
    (made,) = re.findall(r"CREATE USER '(\w+)'@", _text("kafka"))
    assert f"vault kv put secret/smp/<env>/connect/mysql username={made} " in _text("vault-roles")


def _alerts() -> dict[str, str]:
    """Give the runbook of every alert of Asia and Global."""
    return {
        rule["alert"]: rule["annotations"]["runbook"].rsplit("/", maxsplit=1)[-1]
        for stack in (Stack.PROD_ASIA, Stack.PROD_GLOBAL)
        for item in _objects(stack, "PrometheusRule")
        for group in item["spec"]["groups"]
        for rule in group["rules"]
    }


@pytest.mark.parametrize("name", ["events-switch", "kafka", "kafka-mirrors", "read-model"])
def test_an_alert_that_a_runbook_names_is_there(name: str) -> None:
    kinds = {
        "KafkaConnector",
        "KafkaConnect",
        "KafkaUser",
        "KafkaTopic",
        "KafkaMirrorMaker2",
        "KafkaNodePool",
    }
    named = set(
        re.findall(r"(?:`|^## )((?:Kafka|ReadModel|Search|ChangeDataCapture)[A-Z]\w+)", _text(name), re.M)
    )
    assert named - kinds <= _alerts().keys()


def test_every_alert_has_its_runbook() -> None:
    assert {runbook for runbook in _alerts().values() if not (RUNBOOKS / f"{runbook}.md").is_file()} == set()


def test_the_switch_of_events_is_written_as_it_is() -> None:
    text = _text("events-switch")
    first, second = FIRST
    others = [service.id for service in Service if service is not first]
    assert f"    Kafka events: {EventRollout(on=(first.id,), off=tuple(others))}\n" in text
    nobody = EventRollout(on=(), off=tuple(service.id for service in Service))
    assert f"       Kafka events: {nobody}\n" in text
    assert f"useKafkaEvents: [{first.id}]" in text
    assert f"first {first.id}, then {second.id}, then the others" in text
    assert f'{{"data":{{"{FLAG}":"false"}}}}' in text


def test_links_between_the_runbooks_lead_somewhere() -> None:
    for file in RUNBOOKS.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+\.md)(?:#[^)]*)?\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).is_file(), f"{file.name}: {target}"
