"""What happens to every request, one concern a module; the order is in ``app``."""
