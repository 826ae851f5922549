"""Benchmarks: ratios from one run, with scale, command and version."""
