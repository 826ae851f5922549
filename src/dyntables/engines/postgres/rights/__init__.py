"""By whose rights a statement runs."""
