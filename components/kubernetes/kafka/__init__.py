"""Kafka in the cluster, run by the Strimzi operator: brokers, topics, users, Connect, mirrors, the schema registry."""
