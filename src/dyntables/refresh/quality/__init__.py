"""Rules of quality at work: measured at one snapshot, and in the way of contents that break them."""
