"""OpenTelemetry: what the scheduler did, as traces, and as lineage; both listen to the bus and change nothing."""
