"""Facts of SMP as typed, immutable data. Imports nothing else of the project.

One module per kind of fact; each docstring names the section of the seeds it comes from: ``M§n`` is the
environment matrix, ``P n`` a phase of the migration plan.
"""
