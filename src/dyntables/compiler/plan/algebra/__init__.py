"""Nodes, and what is done with them alone: rendering, pruning, hashing."""
