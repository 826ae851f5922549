"""The handlers, one resource a module."""
