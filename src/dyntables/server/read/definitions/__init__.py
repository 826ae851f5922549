"""Definitions and what they read: the graph, plans, estimates, and what helps to write one."""
