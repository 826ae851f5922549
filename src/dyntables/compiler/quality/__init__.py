"""Quality rules as SQL: kinds of rules, and the queries that measure them; text in, text out."""
