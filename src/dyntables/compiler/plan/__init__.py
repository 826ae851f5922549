"""Relational algebra: from the server's canonical SQL to nodes, and back to SQL."""
