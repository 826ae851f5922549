"""Computing everything anew, and putting it in place."""
