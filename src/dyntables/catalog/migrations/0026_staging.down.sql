DO $$
DECLARE
    item record;
    shown text := pg_get_viewdef('dyntables.activity'::regclass);
BEGIN
    shown := replace(shown, 'dyntables_log\.[dw]|', 'dyntables_log\.d|');
    shown := replace(shown, 'CREATE TEMP TABLE|INTO dyntables_log\.w|CREATE UNLOGGED TABLE', 'CREATE TEMP TABLE');
    EXECUTE 'CREATE OR REPLACE VIEW dyntables.activity AS ' || shown;
    FOR item IN SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = 'dyntables_log'::regnamespace AND c.relkind = 'r' AND c.relname ~ '^w[0-9]+_'
    LOOP
        EXECUTE format('DROP TABLE %s', item.name);
    END LOOP;
END $$;
