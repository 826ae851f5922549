"""What a definition reads and calls: as it was understood, and as it is at present."""
