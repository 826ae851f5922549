"""What a statement says of a table: checked, compared, and written as text again."""
