"""What people are spared: groups, routes, silences, inhibition, flapping; and who is told when nobody comes."""
