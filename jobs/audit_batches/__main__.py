"""``python -m jobs.audit_batches``: exit code 0 when all days are kept, 1 on a gap or change, 2 when it could not."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from confluent_kafka import Consumer, KafkaException

from catalog.audit_batches import chain_name
from catalog.clusters import Cluster
from catalog.flows import AUDIT_STAYS
from catalog.places import Cloud
from catalog.topics import TOPICS
from jobs.audit_batches.buckets import Bucket, S3Bucket
from jobs.audit_batches.chain import Archive, Batches
from jobs.audit_batches.sealing import Seal
from jobs.audit_batches.topic import TOPIC, KafkaTopic, settings
from jobs.environment import text_of, variable
from jobs.failures import JobError, ended

KEPT, BROKEN, UNKNOWN = 0, 1, 2

Say = Callable[[str], object]


def main(environment: Mapping[str, str], now: datetime, say: Say = print) -> int:
    """Write what is due, report, and give the exit code."""
    try:
        archive = archive_of(environment)
        own = own_bucket(environment)
        cluster = variable(environment, "CLUSTER")
        kept, chain = _days(environment, "AUDIT_KEPT_DAYS"), _chain(environment)
        with closing(_consumer(environment)) as consumer:
            batches = Batches(
                cluster=cluster,
                own=own,
                archive=archive,
                topic=KafkaTopic(consumer=consumer),
                retention=_retention(),
                kept=kept,
                chain=chain,
            )
            return report(batches, now, say)
    except JobError as error:
        say(f"audit batches: not possible: {error}")
        return UNKNOWN


def report(batches: Batches, now: datetime, say: Say) -> int:
    """Run, and say what was written and every gap and mismatch; give the exit code."""
    if batches.archive is None:
        say(f"{batches.cluster} sends nothing to the global archive; its own bucket keeps the batches")
    try:
        batches.run(now)
    except JobError as error:
        batches.done.append(f"audit batches: not possible: {error}")
        code = UNKNOWN
    else:
        code = KEPT
    for line in batches.done:
        say(line)
    for finding in batches.findings:
        say(f"BROKEN {finding}")
    if batches.findings:
        return BROKEN
    if code == KEPT and not batches.done:
        say("audit batches: yesterday is kept already; nothing was written")
    return code


def own_bucket(environment: Mapping[str, str]) -> Bucket:
    """Give the cluster's own bucket, on the cloud that the cluster is on.

    Raises:
        JobError: there is no such cluster, or the rest of what it takes is not set.

    """
    cluster, name = variable(environment, "CLUSTER"), variable(environment, "AUDIT_BUCKET")
    region = variable(environment, "AUDIT_REGION")
    try:
        cloud = Cluster.with_id(cluster).cloud
    except KeyError as error:
        msg = f"CLUSTER: {error.args[0]}"
        raise JobError(msg) from error
    if cloud is Cloud.AWS:
        return _s3_bucket(name, region)
    # Its SDK is large, and is needed in one cluster.
    from jobs.audit_batches.oss import OssBucket, oss_client  # noqa: PLC0415

    return OssBucket(client=oss_client(region), name=name)


def archive_of(environment: Mapping[str, str]) -> Archive | None:
    """Give the archive, where the manifest names one.

    Raises:
        JobError: the cluster may not send there, or the rest of what it takes is not set.

    """
    if not environment.get("ARCHIVE_BUCKET", "").strip():
        return None
    cluster = variable(environment, "CLUSTER")
    if cluster in {refused.id for refused in AUDIT_STAYS}:
        msg = f"{cluster} may not send its audit log abroad; take ARCHIVE_BUCKET out of the job's manifest"
        raise JobError(msg)
    return Archive(
        bucket=_s3_bucket(variable(environment, "ARCHIVE_BUCKET"), variable(environment, "ARCHIVE_REGION")),
        seal=Seal.of(Path(variable(environment, "SEAL_KEY_FILE"))),
    )


def _s3_bucket(name: str, region: str) -> S3Bucket:
    client: Any = boto3.client("s3", region_name=region, config=Config(retries={"mode": "standard"}))
    return S3Bucket(client=client, name=name)


def _days(environment: Mapping[str, str], name: str) -> timedelta:
    text = variable(environment, name)
    if not (text.isascii() and text.isdigit() and int(text)):
        msg = f"{name} is {text!r}, not a number of days; the job's manifest sets it"
        raise JobError(msg)
    return timedelta(days=int(text))


def _chain(environment: Mapping[str, str]) -> str | None:
    name = environment.get("AUDIT_CHAIN", "").strip()
    wrong = chain_name(name) if name else None
    if wrong is not None:
        msg = f"AUDIT_CHAIN {wrong}"
        raise JobError(msg)
    return name or None


def _retention() -> timedelta:
    kept = TOPICS[TOPIC].retention
    assert kept is not None, "a topic whose records are deleted has a period"
    return kept


def _consumer(environment: Mapping[str, str]) -> Consumer:
    authority = variable(environment, "KAFKA_CA_FILE")
    given = settings(
        variable(environment, "KAFKA_BOOTSTRAP"),
        username=variable(environment, "KAFKA_USERNAME"),
        password=text_of(Path(variable(environment, "KAFKA_PASSWORD_FILE"))),
        authority=authority,
    )
    try:
        return Consumer(given)
    except KafkaException as error:
        msg = f"no client of Kafka can be made: {error}; does {authority} hold the brokers' authority?"
        raise JobError(msg) from error


if __name__ == "__main__":
    sys.exit(ended(lambda: main(os.environ, datetime.now(UTC))))
