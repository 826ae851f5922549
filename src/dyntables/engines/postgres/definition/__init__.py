"""The server's own reading of a query: text, columns, names, types, and facts of what it reads."""
