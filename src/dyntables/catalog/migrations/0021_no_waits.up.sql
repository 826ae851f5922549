-- Functions of the server that lock what they look at wait for whoever holds it: pg_partition_tree, pg_relation_size,
-- pg_get_viewdef, pg_get_expr. Neither the leader nor a page may wait for a user's lock.
CREATE FUNCTION dyntables.partition_tree(root oid) RETURNS TABLE (relid oid) LANGUAGE sql STABLE ROWS 10 AS $$
    WITH RECURSIVE tree AS (
        SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) root AND c.relkind IN ('p', 'I')
        UNION ALL
        SELECT i.inhrelid FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent OPERATOR(pg_catalog.=) t.oid
        WHERE NOT i.inhdetachpending
    )
    SELECT t.oid FROM tree t
$$;
COMMENT ON FUNCTION dyntables.partition_tree IS 'A partitioned table and all that is below it, as pg_partition_tree has it, without locks.';

CREATE FUNCTION dyntables.size_of(relation oid) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET lock_timeout = '5ms' AS $$
BEGIN
    RETURN pg_total_relation_size(relation);
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
    RETURN (SELECT sum(c.relpages::bigint * current_setting('block_size')::bigint) FROM pg_class c
            WHERE c.oid = relation OR c.oid = (SELECT reltoastrelid FROM pg_class WHERE oid = relation)
               OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = relation));
END $$;
COMMENT ON FUNCTION dyntables.size_of IS 'The size of a table with all that belongs to it; while somebody locks it, what the last ANALYZE found.';

DO $$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'dyntables'::regnamespace AND p.prosrc ~ '\mpg_partition_tree\M'
    LOOP
        EXECUTE regexp_replace(pg_get_functiondef(item.oid), '(pg_catalog\.)?\mpg_partition_tree\M', 'dyntables.partition_tree', 'g');
    END LOOP;
END $$;
