"""Dynamic tables: listed and judged, their rows, their lag, and those that were dropped."""
