"""Plan to plan, one rewrite a file."""
