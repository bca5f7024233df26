"""How long objects live and when they move to colder storage; periods in days."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pulumi_aws as aws

ABANDONED_UPLOAD_DAYS = 7
"""Parts of an upload nobody finished are invisible and cost all the same."""


class ColderStorage(StrEnum):
    """Storage classes an object may move to."""

    INTELLIGENT_TIERING = "INTELLIGENT_TIERING"
    """S3 moves it by use, back as well; it stays readable at once."""
    GLACIER_INSTANT = "GLACIER_IR"
    """A fifth of the price, readable at once, billed for 90 days at least: logs that are searched now and then."""
    GLACIER = "GLACIER"
    """Readable after hours, billed for 90 days at least: what is kept because it must be."""


@dataclass(frozen=True, kw_only=True)
class Transition:
    """The move to a colder class."""

    to: ColderStorage
    after_days: int


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """The life of an object and of its earlier versions.

    An expiry deletes by a marker; the version behind it goes ``noncurrent_days`` later.
    """

    noncurrent_days: int
    expiry_days: int | None = None
    """``None``: kept until somebody deletes it."""
    transition: Transition | None = None

    def rules(self) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
        """Write the rules; a move that would come too late to pay is left out."""
        move = self.transition
        if move and self.expiry_days is not None and self.expiry_days - move.after_days < 90:
            move = None
        return [
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="life",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                expiration=None
                if self.expiry_days is None
                else aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=self.expiry_days),
                noncurrent_version_expiration=(
                    aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=self.noncurrent_days
                    )
                ),
                transitions=[
                    aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(
                        storage_class=move.to, days=move.after_days
                    )
                ]
                if move
                else None,
                abort_incomplete_multipart_upload=(
                    aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=ABANDONED_UPLOAD_DAYS
                    )
                ),
            ),
            *self._marker_rules(),
        ]

    def _marker_rules(self) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
        """Remove markers with nothing behind them; S3 does so by itself where objects expire by age."""
        if self.expiry_days is not None:
            return []
        return [
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="markers",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(
                    expired_object_delete_marker=True
                ),
            )
        ]
