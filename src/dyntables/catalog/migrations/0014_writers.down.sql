DROP FUNCTION dyntables.leave_unanalysed(regclass), dyntables.log_type(oid, smallint);
DO $$
DECLARE
    item record;
    body constant text := pg_get_functiondef('dyntables.capture_member(oid, oid, boolean)'::regprocedure);
BEGIN
    EXECUTE regexp_replace(body, '    IF of_source <> on_table .*?    END IF;\n', '');
    FOR item IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = 'dyntables_log'::regnamespace AND p.proname ~ '^m[0-9]+$'
    LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', item.name);
    END LOOP;
END $$;
CREATE OR REPLACE FUNCTION dyntables.capture_mark(member oid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(pg_catalog.string_agg(pg_catalog.concat(tgname, tgenabled, xmin), ' ' ORDER BY tgname), '')
    FROM pg_catalog.pg_trigger WHERE tgrelid = member AND tgname LIKE 'dyntables\_capture\_%'
$$;
UPDATE dyntables.source_member m SET mark = '' FROM pg_class c WHERE c.oid = m.relation AND c.relkind = 'p';
DROP FUNCTION dyntables.capture_moves(oid, oid), dyntables.partition_key(oid), dyntables.moved_rows(oid, text, text, bigint),
    dyntables.note_move(oid, text), dyntables.tuples_moved(oid), dyntables.lose_moves(oid), dyntables.statement_kind(text),
    dyntables.statement_level(text), dyntables.moves(oid);
DROP FUNCTION dyntables.protect(oid);
DROP FUNCTION dyntables.refuse_write() CASCADE;
