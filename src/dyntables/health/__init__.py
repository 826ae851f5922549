"""How tables are doing: pure judgements over plain values; the time is passed in."""
