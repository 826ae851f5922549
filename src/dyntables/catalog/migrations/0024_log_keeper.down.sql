DO $$
DECLARE
    keeper constant name := dyntables.log_keeper_name();
    service constant name := (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'dyntables_log');
    item record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = keeper) THEN
        RETURN;
    END IF;
    FOR item IN
        SELECT format('TABLE %s', oid::regclass) AS object FROM pg_class
        WHERE relnamespace = 'dyntables_log'::regnamespace AND relkind = 'r' AND pg_get_userbyid(relowner) = keeper
        UNION ALL SELECT format('FUNCTION %s', oid::regprocedure) FROM pg_proc
        WHERE pronamespace = 'dyntables_log'::regnamespace AND pg_get_userbyid(proowner) = keeper
    LOOP
        EXECUTE format('ALTER %s OWNER TO %I', item.object, service);
    END LOOP;
    EXECUTE format('REVOKE ALL ON SCHEMA dyntables, dyntables_log FROM %I', keeper);
    EXECUTE format('REVOKE ALL ON dyntables.source_event FROM %I', keeper);
    BEGIN
        EXECUTE format('DROP ROLE %I', keeper);
    EXCEPTION WHEN insufficient_privilege OR dependent_objects_still_exist THEN
        NULL; -- it stays, without anything that it may
    END;
END $$;
DROP FUNCTION dyntables.log_keeper_advice();
DROP FUNCTION dyntables.keep_logs();
DROP FUNCTION dyntables.logs_not_kept();
DROP FUNCTION dyntables.keep_function(regprocedure, regclass);
DROP FUNCTION dyntables.keep_log(regclass);
DROP FUNCTION dyntables.log_keeper();
DROP FUNCTION dyntables.log_keeper_flaw();
DROP FUNCTION dyntables.log_keeper_name();
-- What calls these goes on until its triggers are made anew, which is at the next refresh.
UPDATE dyntables.source_member SET mark = '';
DROP FUNCTION dyntables.partitioned_by_others(oid);
DROP FUNCTION dyntables.same(anyelement, anyelement);
