"""What the server says of rules of quality: whether it understands them, and over which tables."""
