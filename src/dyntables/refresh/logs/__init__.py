"""Change logs and history: what nobody needs any longer goes."""
