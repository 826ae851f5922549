"""Conditions, a file for each kind; ``alerts.registry`` finds what stands here."""
