"""Keeps Elasticsearch's lifecycle, templates, pipelines and snapshots as they were reviewed."""
