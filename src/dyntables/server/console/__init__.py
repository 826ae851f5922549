"""The SQL console: which statements it takes, as whom, how they run and in what forms their rows are given."""
