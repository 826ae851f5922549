-- What was dropped stays dropped: older versions cannot bring it back.
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT c.oid::regclass AS name FROM pg_class c JOIN dyntables.dropped_table d
        ON c.relname = 'dropped_' || d.id WHERE c.relnamespace = 'dyntables_data'::regnamespace AND c.relkind = 'v'
    LOOP
        EXECUTE format('DROP VIEW %s', item.name);
    END LOOP;
    FOR item IN SELECT c.oid::regclass AS name FROM pg_class c JOIN dyntables.dropped_table d
        ON c.relname ~ ('^t' || d.id || '_g[0-9]+(_s[0-9]+|_frozen)?$')
        WHERE c.relnamespace = 'dyntables_data'::regnamespace AND c.relkind = 'r'
    LOOP
        EXECUTE format('DROP TABLE %s', item.name);
    END LOOP;
END $$;
-- Older versions do not know these reasons; this one makes them compare, too.
UPDATE dyntables.dynamic_table SET reinitialize_reason = 'SOURCE_ALTERED'
    WHERE reinitialize_reason IN ('DEFINITION_ALTERED', 'UNDROPPED', 'CLONED');
CREATE OR REPLACE FUNCTION dyntables.tell_refreshes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('dyntables', 'refresh ' || min(id) || ' ' || max(id)) FROM fresh HAVING count(*) > 0;
    RETURN NULL;
END $$;
ALTER TABLE dyntables.dynamic_table_column DROP COLUMN comment;
DROP VIEW dyntables.dropped_tables;
DROP TABLE dyntables.dropped_part, dyntables.dropped_table;
