-- Names are followed by identity: those that definitions have in their text, and those of dynamic tables themselves.
CREATE TABLE dyntables.definition_names (
    dynamic_table_id bigint PRIMARY KEY REFERENCES dyntables.dynamic_table ON DELETE CASCADE,
    stamp text NOT NULL,
    names jsonb NOT NULL
);
COMMENT ON TABLE dyntables.definition_names IS 'What the text of each definition names, by identity, so that it follows what is renamed.';
COMMENT ON COLUMN dyntables.definition_names.stamp IS 'Digests of the text, and of the names in it that no fingerprint has.';

-- A dynamic table is its view: schema, name and owner are those of the view, whoever changed them. On a server that the
-- table was not refreshed on, an OID means nothing.
CREATE FUNCTION dyntables.moved_tables(system text, ids bigint[] DEFAULT NULL)
RETURNS TABLE (id bigint, schema_name text, table_name text, owner_name text) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.id, n.nspname, c.relname, r.rolname
    FROM dyntables.dynamic_table t JOIN pg_class c ON c.oid = t.view_oid AND c.relkind = 'v'
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
    WHERE t.system_identifier = system AND (ids IS NULL OR t.id = ANY(ids)) AND n.nspname <> 'dyntables_data'
    AND (t.schema_name, t.table_name, t.owner_name) <> (n.nspname, c.relname, r.rolname)
$$;
COMMENT ON FUNCTION dyntables.moved_tables IS 'The dynamic tables whose view has another schema, name or owner than the catalog says, with the present ones.';

-- The query of a plain view was compared by its text, in which names of others are; its tree has none.
DO $$
DECLARE
    path constant text := current_setting('search_path');
BEGIN
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    UPDATE dyntables.dynamic_table t SET fingerprint = (
        SELECT jsonb_object_agg(f.key, CASE WHEN f.value ->> 'view' = pg_get_viewdef(r.ev_class)
            THEN f.value || jsonb_build_object('view', md5(r.ev_action::text)) ELSE f.value END)
        FROM jsonb_each(t.fingerprint) f
        LEFT JOIN pg_rewrite r ON r.ev_class = f.key::oid AND r.rulename = '_RETURN')
    WHERE jsonb_path_exists(t.fingerprint, '$.*.view');
    PERFORM set_config('search_path', path, true);
END $$;
