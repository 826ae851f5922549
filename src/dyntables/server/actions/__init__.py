"""What requests do: statements of the one door, run at once or in a thread of their own."""
