"""The oracle by generation: random schemas, definitions and histories, shrunk to a script when they fail."""
