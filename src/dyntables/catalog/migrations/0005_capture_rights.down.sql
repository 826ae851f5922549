REVOKE SELECT ON dyntables.dynamic_tables, dyntables.refresh_history, dyntables.graph, dyntables.column_lineage,
    dyntables.migration FROM PUBLIC;
REVOKE USAGE ON SCHEMA dyntables, dyntables_snowflake FROM PUBLIC;
DROP VIEW dyntables.audit_trail, dyntables.privileges;
DO $$
DECLARE
    item record;
    unguarded text;
    guard constant text := '\(((?:t\.)?id) IN \( SELECT dyntables\.monitored\(CURRENT_USER\) AS monitored\)\)';
BEGIN
    FOR item IN SELECT * FROM (VALUES ('dynamic_tables'), ('graph'), ('refresh_history'), ('column_lineage')) v (name)
    LOOP
        unguarded := rtrim(pg_get_viewdef(('dyntables.' || item.name)::regclass), ';');
        unguarded := regexp_replace(unguarded, 'WHERE ' || guard || '\s*$', '');
        unguarded := regexp_replace(unguarded, 'CASE\s+WHEN ' || guard || ' THEN ((t\.)?\w+)\s+ELSE NULL::[a-z ]+\s+END', '\2', 'g');
        EXECUTE format('CREATE OR REPLACE VIEW dyntables.%I AS %s', item.name, unguarded);
    END LOOP;
END $$;
DROP TRIGGER complete ON dyntables.audit;
DROP FUNCTION dyntables.complete_audit();
ALTER TABLE dyntables.audit DROP COLUMN dynamic_table_id, DROP COLUMN acted_as, DROP COLUMN statement, DROP COLUMN state;
DROP FUNCTION dyntables.monitored(name), dyntables.allowed(name, bigint, text), dyntables.is_member(name, name);
DROP TABLE dyntables.privilege;
DROP VIEW dyntables.sources, dyntables.source_readers;
DROP FUNCTION dyntables.rows_owed(oid, pg_snapshot), dyntables.bytes_owed(oid, pg_snapshot), dyntables.log_limit();
DROP TABLE dyntables.setting;
DROP EVENT TRIGGER IF EXISTS dyntables_create_table;
DROP FUNCTION dyntables.on_create_table(), dyntables.capture_obstacle(oid), dyntables.capture_broken(oid[]), dyntables.capture_members(oid),
    dyntables.capture_member(oid, oid, boolean), dyntables.capture_mark(oid);
DROP TABLE dyntables.source_member;
