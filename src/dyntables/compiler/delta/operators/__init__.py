"""The operators without state: the delta of each over the deltas of its inputs."""
