"""What the grammar does not generate, one kind a file, each with cases and a check of its own; ``KINDS`` lists them."""
