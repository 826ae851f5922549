DO $$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'dyntables'::regnamespace AND p.prosrc ~ 'dyntables\.partition_tree\M'
    LOOP
        EXECUTE regexp_replace(pg_get_functiondef(item.oid), '\mdyntables\.partition_tree\M', 'pg_catalog.pg_partition_tree', 'g');
    END LOOP;
END $$;
DROP FUNCTION dyntables.partition_tree(oid);
DROP FUNCTION dyntables.size_of(oid);
