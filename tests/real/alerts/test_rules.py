"""Every alarm of the six plans is one Prometheus takes, and Kafka's ring when they should: promtool says so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.stack_facts import Stack
from tests.stacks.programs import resources

RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
SILENT = {Stack.DEV}
"""dev has no alarms (M§12)."""


@dataclass(frozen=True, kw_only=True)
class Promtool:
    executable: str
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.executable, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def write(self, name: str, content: Any) -> str:
        (self.folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")
        return name

    def ring(self, rules: Any, series: dict[str, str], alarm: str, minutes: int) -> set[str]:
        """Which alarms of a name ring after some minutes of the series, by their summaries."""
        expected = {"eval_time": f"{minutes}m", "alertname": alarm, "exp_alerts": []}
        test = {
            "rule_files": [self.write("rules.yaml", rules)],
            "evaluation_interval": "1m",
            "tests": [
                {
                    "interval": "1m",
                    "input_series": [{"series": key, "values": value} for key, value in series.items()],
                    "alert_rule_test": [expected],
                }
            ],
        }
        said = self.run("test", "rules", self.write("test.yaml", test))
        if said.returncode == 0:
            return set()
        assert "got:[" in said.stdout + said.stderr, said.stdout + said.stderr
        # Nothing was expected, so what did ring stands in the complaint.
        text = (said.stdout + said.stderr).split("got:[", maxsplit=1)[1]
        return {part.split('"', maxsplit=1)[0] for part in text.split('summary="')[1:]}


@pytest.fixture
def promtool(tmp_path: Path) -> Promtool:
    executable = shutil.which("promtool")
    if executable is None:
        reason = "promtool is not on PATH; tests/real/alerts/install brings it on Debian"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Promtool(executable=executable, folder=tmp_path)


def rules_of(stack: Stack) -> dict[str, Any]:
    """All rules of a stack, in one file of Prometheus. Groups of one name may stand in several objects."""
    specs = [item["inputs"]["spec"] for item in resources(stack) if item["type"] == RULE]
    groups = [
        {**group, "name": f"{place}-{group['name']}"}
        for place, spec in enumerate(specs)
        for group in spec["groups"]
    ]
    return {"groups": json.loads(json.dumps(groups))}


@pytest.mark.parametrize("stack", list(Stack), ids=lambda stack: stack.facts.name)
def test_prometheus_takes_every_rule(promtool: Promtool, stack: Stack) -> None:
    rules = rules_of(stack)
    assert (rules["groups"] == []) == (stack in SILENT)
    said = promtool.run("check", "rules", "--lint-fatal", promtool.write("rules.yaml", rules))
    assert said.returncode == 0, said.stdout + said.stderr


def test_a_rule_that_prometheus_does_not_take_is_found(promtool: Promtool) -> None:
    """Control."""
    rules = rules_of(Stack.PROD_ASIA)
    rules["groups"][0]["rules"][0]["expr"] += " >"
    said = promtool.run("check", "rules", promtool.write("rules.yaml", rules))
    assert said.returncode != 0


_COUNT = "kafka_topic_partition_current_offset"
_OLDEST = "kafka_topic_partition_oldest_offset"
_ACTIVE = "kafka_controller_kafkacontroller_activecontrollercount"
_FAILED = "kafka_connect_connect_worker_metrics_connector_failed_task_count"
_HERE = 'namespace="kafka"'
_DLQ = f'{_HERE},topic="orders.events.dlq",partition="0"'
_GROUP = f'{_HERE},consumergroup="dispatch-engine.orders",topic="orders.events",partition="0"'
_BEAT = f'{_HERE},topic="heartbeat.cdc.smp_order",partition="0"'


_CRON = f'{_HERE},cronjob="audit-batches"'
_SUCCEEDED = f"kube_cronjob_status_last_successful_time{{{_CRON}}}"
_CREATED = f"kube_cronjob_created{{{_CRON}}}"
_RUN = f'{_HERE},job_name="audit-batches-29411200"'


@pytest.mark.parametrize(
    ("alarm", "minutes", "rings", "quiet"),
    [
        # The last success was when the clock began; 27 hours later a day is missing.
        ("AuditBatchMissing", 27 * 60, {_SUCCEEDED: "0x1700"}, {_SUCCEEDED: "0x1400 86400x300"}),
        # It has never run.
        ("AuditBatchMissing", 27 * 60, {_CREATED: "0x1700"}, {_CREATED: "3600x1700"}),
        ("AuditBatchesUnseen", 90, {}, {_CREATED: "0x120"}),
        (
            "AuditBatchBroken",
            60,
            {f"kube_job_status_failed{{{_RUN}}}": "1x90", f"kube_job_created{{{_RUN}}}": "0x90"},
            {f"kube_job_status_failed{{{_RUN}}}": "0x90", f"kube_job_created{{{_RUN}}}": "0x90"},
        ),
    ],
)
def test_a_missing_or_broken_batch_of_the_audit_log_rings(
    promtool: Promtool, alarm: str, minutes: int, rings: dict[str, str], quiet: dict[str, str]
) -> None:
    rules = rules_of(Stack.PROD_US)
    assert len(promtool.ring(rules, rings, alarm, minutes)) == 1
    assert promtool.ring(rules, quiet, alarm, minutes) == set()


_DAILY = f'{_HERE},consumergroup="audit-archiver.daily",topic="audit.events",partition="0"'


@pytest.mark.parametrize("alarm", ["KafkaConsumerStuck", "KafkaConsumerLag"])
def test_a_group_that_reads_once_a_day_may_be_behind(promtool: Promtool, alarm: str) -> None:
    day = {
        f"kafka_consumergroup_lag{{{_DAILY}}}": "20000+100x120",
        f"kafka_consumergroup_current_offset{{{_DAILY}}}": "7x120",
    }
    assert promtool.ring(rules_of(Stack.PROD_ASIA), day, alarm, 60) == set()


@pytest.mark.parametrize(
    ("alarm", "minutes", "rings", "quiet"),
    [
        ("KafkaUnseen", 10, {}, {f"{_ACTIVE}{{{_HERE}}}": "1x30"}),
        ("KafkaExporterUnseen", 15, {}, {f"kafka_brokers{{{_HERE}}}": "5x30"}),
        ("KafkaBrokerDown", 15, {f"kafka_brokers{{{_HERE}}}": "4x30"}, {f"kafka_brokers{{{_HERE}}}": "5x30"}),
        ("KafkaNoController", 10, {f"{_ACTIVE}{{{_HERE}}}": "0x30"}, {f"{_ACTIVE}{{{_HERE}}}": "1x30"}),
        (
            "KafkaDeadLetters",
            15,
            {f"{_COUNT}{{{_DLQ}}}": "3x30", f"{_OLDEST}{{{_DLQ}}}": "0x30"},
            {f"{_COUNT}{{{_DLQ}}}": "3x30", f"{_OLDEST}{{{_DLQ}}}": "3x30"},
        ),
        (
            "KafkaDeadLettersArriving",
            90,
            {f"{_COUNT}{{{_DLQ}}}": "3x80 4x20"},
            {f"{_COUNT}{{{_DLQ}}}": "3x100"},
        ),
        (
            "KafkaConsumerStuck",
            60,
            {
                f"kafka_consumergroup_lag{{{_GROUP}}}": "1+1x90",
                f"kafka_consumergroup_current_offset{{{_GROUP}}}": "7x90",
            },
            {
                f"kafka_consumergroup_lag{{{_GROUP}}}": "5x90",
                f"kafka_consumergroup_current_offset{{{_GROUP}}}": "0+10x90",
            },
        ),
        ("ChangeDataCaptureSilent", 30, {f"{_COUNT}{{{_BEAT}}}": "9x60"}, {f"{_COUNT}{{{_BEAT}}}": "0+6x60"}),
        (
            "KafkaConnectTaskFailed",
            10,
            {f'{_FAILED}{{{_HERE},strimzi_io_cluster="connect"}}': "1x30"},
            # A mirror's failure is a ticket of its own: the region goes on without it.
            {f'{_FAILED}{{{_HERE},strimzi_io_cluster="mirror-in"}}': "1x30"},
        ),
    ],
)
def test_an_alarm_of_a_region_rings_when_it_should_and_only_then(
    promtool: Promtool, alarm: str, minutes: int, rings: dict[str, str], quiet: dict[str, str]
) -> None:
    rules = rules_of(Stack.PROD_ASIA)
    assert len(promtool.ring(rules, rings, alarm, minutes)) == 1
    assert promtool.ring(rules, quiet, alarm, minutes) == set()


def test_global_hears_each_region_by_itself(promtool: Promtool) -> None:
    beats = {
        f'{_COUNT}{{{_HERE},topic="{region}.heartbeats",partition="0"}}': values
        for region, values in (("smp-asia", "0+1x60"), ("smp-china", "8x60"), ("smp-us", "0+1x60"))
    }
    (said,) = promtool.ring(rules_of(Stack.PROD_GLOBAL), beats, "KafkaRegionSilent", 40)
    assert "smp-china.heartbeats" in said
