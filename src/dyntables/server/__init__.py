"""The web server: REST and WebSocket over the same commands as every other door, and the web app."""
