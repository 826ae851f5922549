"""What is written down of a refresh while it runs, and when it has ended."""
