"""Rules of quality, and what checks of them found."""
