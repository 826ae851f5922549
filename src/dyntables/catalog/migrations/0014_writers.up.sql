-- Who writes what: dynamic tables and their storage are written by refreshes alone, and any publication may hold them.

CREATE FUNCTION dyntables.refuse_write() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING
        MESSAGE = format(CASE TG_TABLE_SCHEMA WHEN 'dyntables_data' THEN '"%s.%s" holds the rows of a dynamic table, and only refreshes write them'
                         ELSE '"%s.%s" is a dynamic table, and only refreshes write it' END, TG_TABLE_SCHEMA, TG_TABLE_NAME),
        HINT = 'Change the tables that it reads: the next refresh brings that over. CREATE OR ALTER DYNAMIC TABLE gives it another definition; FROZEN WHERE keeps rows as they are.',
        ERRCODE = 'object_not_in_prerequisite_state';
END $$;

-- A view with INSTEAD OF triggers is not updatable by itself. They fire for each row, and the others before there is one.
CREATE FUNCTION dyntables.protect(relation oid) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kind "char" := (SELECT relkind FROM pg_class WHERE oid = relation);
BEGIN
    IF kind = 'v' THEN
        EXECUTE format('CREATE OR REPLACE TRIGGER dyntables_refuse INSTEAD OF INSERT OR UPDATE OR DELETE ON %s '
            'FOR EACH ROW EXECUTE FUNCTION dyntables.refuse_write()', relation::regclass);
        EXECUTE format('CREATE OR REPLACE TRIGGER dyntables_refuse_all BEFORE INSERT OR UPDATE OR DELETE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION dyntables.refuse_write()', relation::regclass);
    ELSIF kind = 'r' THEN
        EXECUTE format('CREATE OR REPLACE TRIGGER dyntables_refuse BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s '
            'FOR EACH STATEMENT WHEN (current_setting(''dyntables.refreshing'', true) IS DISTINCT FROM ''on'') '
            'EXECUTE FUNCTION dyntables.refuse_write()', relation::regclass);
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', relation::regclass);
    END IF;
END $$;
COMMENT ON FUNCTION dyntables.protect IS 'Lets nothing but refreshes write a dynamic table, its view or its storage; and storage be updated where a publication holds all tables.';

-- Publications of all tables hold those of the catalog and the logs, too: without an identity, updates of these would fail.
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT c.oid FROM pg_class c WHERE c.relkind = 'r' AND c.relreplident = 'd' AND NOT EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
        AND (c.relnamespace = 'dyntables'::regnamespace
             OR c.relnamespace = 'dyntables_log'::regnamespace AND c.relname ~ '^d[0-9]+$')
    LOOP
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', item.oid::regclass);
    END LOOP;
    FOR item IN
        SELECT c.oid FROM dyntables.dynamic_table t JOIN pg_class c ON c.oid = t.view_oid
        UNION SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'dyntables_data'::regnamespace AND c.relkind = 'r'
            AND c.relname ~ '^t[0-9]+_g[0-9]+(_s[0-9]+|_frozen)?$'
    LOOP
        BEGIN
            PERFORM dyntables.protect(item.oid);
        EXCEPTION WHEN insufficient_privilege THEN
            NULL; -- of another role: when it is built next
        END;
    END LOOP;
END $$;
