"""Say how a definition is kept fresh: one entry an operator, the tree of a plan, and its forms as text and JSON."""
