"""The server's canonical text as it is read: tokens, phrases, what is written out before it is bound."""
