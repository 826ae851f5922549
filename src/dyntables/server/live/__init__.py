"""Live news: PostgreSQL tells a listener, which tells the hub, which tells every client."""
