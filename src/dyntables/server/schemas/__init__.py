"""What the API takes and returns, one resource a module."""
