"""What talks to a database."""
