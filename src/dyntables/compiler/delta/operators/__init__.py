"""The operators' deltas and how they are applied."""
