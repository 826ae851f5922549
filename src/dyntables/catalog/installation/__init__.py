"""What else belongs to an installation, and goes with it."""
