"""What the process tells of itself: logs, counters, and figures over time."""
