"""Refreshes: the history, those that run, and who holds them up."""
