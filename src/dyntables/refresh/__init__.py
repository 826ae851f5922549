"""One refresh: choose the action, and run it."""
