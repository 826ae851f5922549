"""What is known of an expression: whether it can be NULL, fail, compare equal, and with how many decimals."""
