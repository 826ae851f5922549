"""Verbs that look after an installation: its version, its capture, its health, and its end."""
