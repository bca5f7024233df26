"""The audit log as daily batches, immutable and chained, in the cluster's own bucket and in the archive (M§14.3)."""
