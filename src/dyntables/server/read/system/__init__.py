"""The system as a whole: the first page, figures, what to change, and who did what."""
