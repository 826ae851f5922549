"""``python -m dyntables``: the command line."""

from dyntables.cli import main

main()
