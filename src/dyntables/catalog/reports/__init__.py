"""What people are told of the catalog as a whole."""
