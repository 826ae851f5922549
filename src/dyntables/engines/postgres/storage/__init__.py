"""Where contents live: tables, staging, and the users' views."""
