-- What a definition calls runs inside REFRESH MATERIALIZED VIEW, which PostgreSQL runs with the rights of the view's
-- owner and lets nobody leave. This function is what such a view calls; it gives no rights: it runs what its caller
-- could run anyway.
-- It ends after a check that is true, and after a statement that touched other than the expected number of rows.
CREATE FUNCTION dyntables.run_caged(room text) RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    step json;
    item record;
    started timestamptz;
    passed boolean;
    failed boolean;
    wanted bigint;
    rows bigint;
    answer text;
    answers text[] := '{}';
    expected bigint[] := '{}';
    spent float8[] := '{}';
BEGIN
    FOR step IN SELECT json_array_elements(current_setting('dyntables.caged')::json) LOOP
        started := clock_timestamp();
        passed := true;
        failed := false;
        rows := NULL;
        wanted := NULL;
        answer := NULL;
        IF step ->> 'when' IS NOT NULL THEN
            EXECUTE step ->> 'when' INTO passed;
        END IF;
        IF passed AND step ->> 'expected' IS NOT NULL THEN
            EXECUTE step ->> 'expected' INTO wanted;
        END IF;
        IF passed AND (step ->> 'check')::boolean THEN
            EXECUTE step ->> 'sql' INTO failed;
            answer := failed;
        ELSIF passed AND (step ->> 'query')::boolean THEN
            FOR item IN EXECUTE step ->> 'sql' LOOP
                answer := row_to_json(item);
            END LOOP;
        ELSIF passed THEN
            EXECUTE step ->> 'sql';
            GET DIAGNOSTICS rows = ROW_COUNT;
            answer := rows;
        END IF;
        answers := array_append(answers, answer);
        expected := array_append(expected, wanted);
        spent := array_append(spent, 1000 * extract(epoch FROM clock_timestamp() - started)::float8);
        EXIT WHEN failed OR wanted <> rows;
    END LOOP;
    EXECUTE format('INSERT INTO %I.done VALUES ($1, $2, $3)', room) USING answers, expected, spent;
    RETURN 1;
END $$;
COMMENT ON FUNCTION dyntables.run_caged IS 'Runs statements for a materialized view of the present transaction, with the rights of that view''s owner.';

-- Before, a function of each owner's did this. Its owner could alter it.
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT p.oid::regprocedure AS function FROM pg_proc p
        WHERE p.pronamespace = 'dyntables_data'::regnamespace AND p.proname ~ '^by_[0-9]+$'
    LOOP
        EXECUTE format('DROP FUNCTION %s', item.function);
    END LOOP;
    FOR item IN
        SELECT DISTINCT a.grantee FROM pg_namespace n, aclexplode(n.nspacl) a
        WHERE n.nspname = 'dyntables_data' AND a.privilege_type = 'CREATE' AND a.grantee NOT IN (0, n.nspowner)
    LOOP
        EXECUTE format('REVOKE CREATE ON SCHEMA dyntables_data FROM %I', pg_get_userbyid(item.grantee));
    END LOOP;
END $$;
