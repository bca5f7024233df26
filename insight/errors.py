"""What goes wrong while reading or reporting; every text says what, where, and what to do."""

from __future__ import annotations


class InsightError(Exception):
    """Base of all errors a command shows as one message."""


class SnapshotError(InsightError):
    """A file does not hold a stack's resources in a form that is understood."""


class SnapshotVersionError(SnapshotError):
    """A file holds them in another version of the form."""


class IncompletePreviewError(SnapshotError):
    """A preview failed or leaves resources out, so a report on it would be wrong."""


class OutputFileError(InsightError):
    """A file cannot be written where the user asked for it."""


class StackMismatchError(InsightError):
    """A file is of another stack than the one named."""


class BillError(InsightError):
    """An export of what was spent is missing, broken, or in a form that cannot be counted."""
