"""Alerts at work: the leader watches, every process may send. What is decided is in ``alerts``."""
