"""What a query calls, and whether somebody may replace it."""
