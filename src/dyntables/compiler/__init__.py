"""Pure: text and plans in, text out."""
