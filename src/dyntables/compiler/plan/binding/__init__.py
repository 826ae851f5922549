"""Names in scope, and one clause after the other: text → nodes."""
