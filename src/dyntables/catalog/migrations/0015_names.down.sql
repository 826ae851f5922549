DO $$
DECLARE
    path constant text := current_setting('search_path');
BEGIN
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    UPDATE dyntables.dynamic_table t SET fingerprint = (
        SELECT jsonb_object_agg(f.key, CASE WHEN f.value ->> 'view' = md5(r.ev_action::text)
            THEN f.value || jsonb_build_object('view', pg_get_viewdef(r.ev_class)) ELSE f.value END)
        FROM jsonb_each(t.fingerprint) f
        LEFT JOIN pg_rewrite r ON r.ev_class = f.key::oid AND r.rulename = '_RETURN')
    WHERE jsonb_path_exists(t.fingerprint, '$.*.view');
    PERFORM set_config('search_path', path, true);
END $$;
DROP FUNCTION dyntables.moved_tables(text, bigint[]);
DROP TABLE dyntables.definition_names;
