-- What writes a change log runs no code of others. The server would cast what a column holds to what the log holds, by a
-- function of whoever made a cast between the two, if the type of the column is another than it was. The arguments of this
-- function must have one type, or there is no such function; it is inlined.
CREATE FUNCTION dyntables.same(value anyelement, type_of anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE AS 'SELECT $1';
COMMENT ON FUNCTION dyntables.same IS 'Its first argument, if it has exactly the type of the second.';

-- Asked when a row may have moved: a partition may have got another parent. What a snapshot does not see yet is foreign.
CREATE FUNCTION dyntables.partitioned_by_others(leaf oid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((dyntables.partition_key(leaf)).foreign_code, false) OR EXISTS (
        SELECT FROM pg_partition_ancestors(leaf) a WHERE a.relid <> leaf
        AND NOT EXISTS (SELECT FROM pg_partitioned_table p WHERE p.partrelid = a.relid))
$$;
COMMENT ON FUNCTION dyntables.partitioned_by_others IS 'Whether to find out in which partition a row belongs may take code of others.';

-- Change logs, and the functions that write them, belong to a role without rights: it owns nothing else, may write what
-- has happened to a source, and nobody can be it but the service. This is a second line: what is done with the rights of
-- who owns a log or writes it, has none of the service's.
--
-- Roles are of the whole cluster, so its name says of which database it is. Where it is missing, or is not what it must
-- be, logs belong to the service.
CREATE FUNCTION dyntables.log_keeper_name() RETURNS name LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.concat('dyntables_log_', oid)::name FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
$$;

CREATE FUNCTION dyntables.log_keeper_flaw() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN k.oid IS NULL THEN 'it does not exist'
        WHEN k.rolsuper OR k.rolcanlogin OR k.rolcreaterole OR k.rolcreatedb OR k.rolreplication OR k.rolbypassrls
            OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = k.oid) THEN 'it may more than it must'
        WHEN EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles o ON o.oid = m.member
                     WHERE m.roleid = k.oid AND m.member <> n.nspowner AND NOT o.rolsuper) THEN 'others can act for it'
        WHEN NOT (s.rolsuper OR pg_has_role(s.oid, k.oid, 'USAGE') AND pg_has_role(s.oid, k.oid, CASE
            WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END))
            THEN 'the service is no member of it with INHERIT and SET'
    END
    FROM pg_namespace n CROSS JOIN pg_roles s LEFT JOIN pg_roles k ON k.rolname = dyntables.log_keeper_name()
    WHERE n.nspname = 'dyntables_log' AND s.rolname = current_user
$$;
COMMENT ON FUNCTION dyntables.log_keeper_flaw IS 'Why the role that should own the change logs cannot; NULL if it can.';

CREATE FUNCTION dyntables.log_keeper() RETURNS name LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT k.rolname FROM pg_roles k WHERE k.rolname = dyntables.log_keeper_name() AND dyntables.log_keeper_flaw() IS NULL
    AND has_schema_privilege(k.oid, 'dyntables_log', 'CREATE') AND has_table_privilege(k.oid, 'dyntables.source_event', 'INSERT')
$$;
COMMENT ON FUNCTION dyntables.log_keeper IS 'The role without rights that owns the change logs; NULL if there is none that can.';

CREATE FUNCTION dyntables.keep_log(log regclass) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    keeper constant name := dyntables.log_keeper();
BEGIN
    IF keeper IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s OWNER TO %I', log, keeper);
    END IF;
END $$;
COMMENT ON FUNCTION dyntables.keep_log IS 'Gives a change log to the role that keeps them.';

CREATE FUNCTION dyntables.keep_function(function regprocedure, log regclass) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    keeper constant oid := (SELECT relowner FROM pg_class WHERE oid = log);
BEGIN
    IF keeper <> (SELECT proowner FROM pg_proc WHERE oid = function) THEN
        EXECUTE format('ALTER FUNCTION %s OWNER TO %I', function, pg_get_userbyid(keeper));
    END IF;
END $$;
COMMENT ON FUNCTION dyntables.keep_function IS 'Gives a function that writes a change log to who owns that.';

CREATE FUNCTION dyntables.logs_not_kept() RETURNS SETOF regclass LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'dyntables_log'::regnamespace AND c.relkind = 'r'
    AND c.relname ~ '^(c[0-9]+(_[0-9]+)?|d[0-9]+)$' AND pg_get_userbyid(c.relowner) <> dyntables.log_keeper_name() ORDER BY c.oid
$$;

CREATE FUNCTION dyntables.keep_logs() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET lock_timeout = '50ms' AS $$
DECLARE
    keeper constant name := dyntables.log_keeper_name();
    service constant name := (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'dyntables_log');
    item record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = keeper)
        AND EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreaterole)) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN ROLE %I', keeper, service);
    END IF;
    IF dyntables.log_keeper_flaw() IS NOT NULL THEN
        RETURN;
    ELSIF dyntables.log_keeper() IS NULL THEN
        EXECUTE format('GRANT USAGE ON SCHEMA dyntables TO %I', keeper);
        EXECUTE format('GRANT USAGE, CREATE ON SCHEMA dyntables_log TO %I', keeper);
        EXECUTE format('GRANT INSERT ON dyntables.source_event TO %I', keeper);
    END IF;
    FOR item IN
        SELECT s.relation, array_agg(l.log) AS logs FROM dyntables.logs_not_kept() l (log)
        LEFT JOIN dyntables.source s ON s.relation = substring(split_part(l.log::text, '.', 2) FROM '^c([0-9]+)')::oid
        GROUP BY s.relation, CASE WHEN s.relation IS NULL THEN l.log END
    LOOP
        BEGIN
            PERFORM FROM dyntables.source WHERE relation = item.relation FOR UPDATE NOWAIT;
            PERFORM dyntables.keep_log(l) FROM unnest(item.logs) l;
            PERFORM dyntables.keep_function(f.oid, to_regclass('dyntables_log.c' || item.relation)) FROM pg_proc f
            WHERE f.pronamespace = 'dyntables_log'::regnamespace AND f.proname IN ('f' || item.relation, 'm' || item.relation);
        EXCEPTION WHEN lock_not_available OR deadlock_detected OR undefined_table THEN
            CONTINUE; -- somebody writes it now: the next time
        END;
    END LOOP;
END $$;
COMMENT ON FUNCTION dyntables.keep_logs IS 'Makes the role that keeps the change logs, if the service may, and gives it those that it does not own.';

CREATE FUNCTION dyntables.log_keeper_advice() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN NOT EXISTS (SELECT FROM pg_roles WHERE rolname = dyntables.log_keeper_name()) THEN format(
            'they belong to the service, which may make no role for them: let a superuser run CREATE ROLE %I NOLOGIN ROLE %I',
            dyntables.log_keeper_name(), (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'dyntables_log'))
        WHEN dyntables.log_keeper_flaw() IS NOT NULL THEN format('the role %I cannot keep them: %s', dyntables.log_keeper_name(),
            dyntables.log_keeper_flaw())
        WHEN EXISTS (SELECT dyntables.logs_not_kept()) THEN 'some belong to the service still: the scheduler gives them away when nobody writes them'
    END
$$;
COMMENT ON FUNCTION dyntables.log_keeper_advice IS 'What to do so that the change logs belong to a role without rights; NULL if they do.';

SELECT dyntables.keep_logs();
