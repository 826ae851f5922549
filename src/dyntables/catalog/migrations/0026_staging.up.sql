-- Staging tables that are kept for the next refresh, dyntables_log.w<id>_…, tell what a backend is doing as others do.
DO $$
DECLARE
    shown text := pg_get_viewdef('dyntables.activity'::regclass);
BEGIN
    shown := replace(shown, 'dyntables_log\.d|', 'dyntables_log\.[dw]|');
    shown := replace(shown, '''CREATE TEMP TABLE''', '''CREATE TEMP TABLE|INTO dyntables_log\.w|CREATE UNLOGGED TABLE''');
    EXECUTE 'CREATE OR REPLACE VIEW dyntables.activity AS ' || shown;
END $$;
