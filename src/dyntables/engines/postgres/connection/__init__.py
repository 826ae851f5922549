"""Connections, the settings that hold over them, and psycopg's errors as ours."""
