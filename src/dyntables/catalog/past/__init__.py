"""What is kept of the past: refreshes, and who did what."""
