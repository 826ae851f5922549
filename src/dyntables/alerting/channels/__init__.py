"""Channels, a file for each kind; ``registry`` has the table of them."""
