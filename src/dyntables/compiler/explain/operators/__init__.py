"""What is said of each operator, one file a family."""
