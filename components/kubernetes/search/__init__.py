"""Elasticsearch and what fills and watches the read model."""
