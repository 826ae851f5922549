"""Rules of quality: what they watch, and what they mean, as statements say it."""
