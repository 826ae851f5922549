"""Signing in, people and tokens."""
