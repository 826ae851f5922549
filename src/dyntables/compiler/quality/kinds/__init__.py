"""The kinds of quality rules, one a file: each has its ``KIND``, and a line in ``catalogue``."""
