"""The role of the SQL console: it logs in by itself, reads what it was granted, and has nothing to fall back to.

A session of the service that had only changed its role could change back; a login of its own cannot. The role is not in
``pg_read_all_data``, whose members read the passwords of the server's roles, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

READER = "dyntables_reader"

_WEAK = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS "
_LOGIN = "LOGIN CONNECTION LIMIT 20"
_SETTINGS = {"default_transaction_read_only": "on", "work_mem": "16MB", "temp_file_limit": "1GB", "jit": "off"}

# The catalog shows its views to everybody; its tables, storage and change logs are not for the console.
_OTHERS = (
    "n.nspname !~ '^pg_' AND n.nspname NOT IN "
    "('information_schema', 'dyntables', 'dyntables_data', 'dyntables_log', 'dyntables_snowflake')"
)
_MISSING = f"""
SELECT format('GRANT USAGE ON SCHEMA %%I TO %%I', n.nspname, %(role)s::name)
FROM pg_namespace n WHERE {_OTHERS} AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY(%(schemas)s))
    AND NOT has_schema_privilege(%(role)s::name, n.oid, 'USAGE') AND pg_has_role(n.nspowner, 'USAGE')
UNION ALL
SELECT format('GRANT SELECT ON %%I.%%I TO %%I', n.nspname, c.relname, %(role)s::name)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OTHERS} AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY(%(schemas)s))
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_has_role(c.relowner, 'USAGE')
    AND NOT has_table_privilege(%(role)s::name, c.oid, 'SELECT')
"""

_GRANTED = f"""
SELECT format('REVOKE USAGE ON SCHEMA %%I FROM %%I', n.nspname, %(role)s::name)
FROM pg_namespace n, aclexplode(n.nspacl) a
WHERE {_OTHERS} AND a.grantee = (SELECT oid FROM pg_roles WHERE rolname = %(role)s) AND pg_has_role(n.nspowner, 'USAGE')
UNION SELECT format('REVOKE SELECT ON %%I.%%I FROM %%I', n.nspname, c.relname, %(role)s::name)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
WHERE {_OTHERS} AND a.grantee = (SELECT oid FROM pg_roles WHERE rolname = %(role)s) AND pg_has_role(c.relowner, 'USAGE')
UNION SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %%I IN SCHEMA %%I REVOKE SELECT ON TABLES FROM %%I',
    pg_get_userbyid(d.defaclrole), n.nspname, %(role)s::name)
FROM pg_default_acl d JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
WHERE a.grantee = (SELECT oid FROM pg_roles WHERE rolname = %(role)s) AND d.defaclobjtype = 'r'
    AND pg_has_role(d.defaclrole, 'USAGE')
"""

# Asked over a connection of the role itself; the first that is so counts.
_TOO_MUCH = """
SELECT CASE
    WHEN r.rolsuper THEN 'it is a superuser'
    WHEN r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
        THEN 'it has CREATEROLE, CREATEDB, REPLICATION or BYPASSRLS'
    WHEN session_user <> current_user THEN 'it may change its role back'
    WHEN pg_has_role(%(service)s::name, 'MEMBER') THEN 'it may act for the role of the service'
    WHEN EXISTS (SELECT FROM pg_roles p WHERE pg_has_role(p.oid, 'MEMBER') AND p.rolname IN ('pg_signal_backend',
        'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_write_all_data',
        'pg_create_subscription', 'pg_maintain', 'pg_checkpoint', 'pg_signal_autovacuum_worker'))
        THEN 'it is in a role of the server that may do more than read'
    WHEN has_any_column_privilege('pg_authid', 'SELECT')
        THEN 'it may read the passwords of the server''s roles, as members of pg_read_all_data do'
    WHEN has_any_column_privilege('dyntables.app_user', 'SELECT')
        OR has_any_column_privilege('dyntables.app_session', 'SELECT')
        OR has_any_column_privilege('dyntables.access_token', 'SELECT')
        OR has_any_column_privilege('dyntables.request_key', 'SELECT') THEN 'it may read who signs in, and by what'
    WHEN EXISTS (SELECT FROM pg_class c WHERE pg_has_role(c.relowner, 'MEMBER')) THEN 'it owns tables'
END FROM pg_roles r WHERE r.rolname = session_user
"""


def make_reader(connection: psycopg.Connection, role: str, password: str | None) -> list[str]:
    """Make the role, or make one that exists as weak as it must be; return what this user may not set.

    Raises:
        psycopg.Error: the connected user may not make roles.
    """
    name = sql.Identifier(role)
    known = connection.execute("SELECT rolconfig FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    if known is None:
        connection.execute(sql.SQL("CREATE ROLE {} " + _WEAK + _LOGIN).format(name))
    elif not known[0]:
        # Whoever is no superuser may not even say NOSUPERUSER of a role that exists.
        powerful = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        weak = _WEAK if powerful is not None and powerful[0] else ""
        connection.execute(sql.SQL("ALTER ROLE {} " + weak + _LOGIN).format(name))
    if password is not None:
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, password))
    if connection.execute(
        "SELECT 1 FROM pg_auth_members WHERE member = %s::regrole AND roleid = 'pg_read_all_data'::regrole", (role,)
    ).fetchone():
        connection.execute(sql.SQL("REVOKE pg_read_all_data FROM {}").format(name))
    return [
        setting
        for setting, value in _SETTINGS.items()
        if f"{setting}={value}" not in (known[0] or [] if known else []) and not _set(connection, role, setting, value)
    ]


def grant_reading(connection: psycopg.Connection, role: str, schemas: Sequence[str] | None = None) -> int:
    """Let the role read the tables and views of some schemas, or of all; return how many grants were missing.

    Only what belongs to the connected user is granted. What it makes later in a named schema can be read, too.
    """
    statements = connection.execute(
        _MISSING, {"role": role, "schemas": list(schemas) if schemas is not None else None}
    ).fetchall()
    for (statement,) in statements:
        connection.execute(statement)
    for schema in schemas or ():
        connection.execute(
            sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT SELECT ON TABLES TO {}").format(
                sql.Identifier(schema), sql.Identifier(role)
            )
        )
    return len(statements)


def revoke_reading(connection: psycopg.Connection, role: str) -> bool:
    """Take back what the role may read in this database; return whether there is such a role."""
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
        return False
    for (statement,) in connection.execute(_GRANTED, {"role": role}).fetchall():
        connection.execute(statement)
    return True


def too_powerful(connection: psycopg.Connection, service: str) -> str | None:
    """Say why the role of a connection must not be a console's; None if it may."""
    row = connection.execute(_TOO_MUCH, {"service": service}).fetchone()
    assert row is not None
    return str(row[0]) if row[0] is not None else None


def reader_url(url: str, role: str, password: str | None) -> str:
    """Return the URL of a database for another user."""
    parts = {k: str(v) for k, v in conninfo_to_dict(url).items() if k not in ("user", "password", "passfile")}
    database = parts.pop("dbname", "")
    secret = f":{quote(password, safe='')}" if password is not None else ""
    return f"postgresql://{quote(role, safe='')}{secret}@/{quote(database, safe='')}?{urlencode(parts, safe='/')}"


def _set(connection: psycopg.Connection, role: str, setting: str, value: str) -> bool:
    try:
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(sql.Identifier(role), sql.Identifier(setting), value)
        )
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True
