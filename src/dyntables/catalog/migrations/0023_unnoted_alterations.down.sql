CREATE OR REPLACE FUNCTION dyntables.on_alter_table() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    WITH RECURSIVE altered AS (
        SELECT DISTINCT d.objid AS oid FROM pg_event_trigger_ddl_commands() d
        WHERE d.classid = 'pg_class'::regclass
    ), above AS (
        SELECT oid FROM altered UNION SELECT i.inhparent FROM above a JOIN pg_inherits i ON i.inhrelid = a.oid
    ), below AS (
        SELECT oid FROM altered UNION SELECT i.inhrelid FROM below b JOIN pg_inherits i ON i.inhparent = b.oid
    ), touched AS (
        SELECT s.relation, s.captured FROM dyntables.source s WHERE s.relation IN (SELECT oid FROM above UNION SELECT oid FROM below)
        UNION SELECT s.relation, s.captured FROM dyntables.source s WHERE tg_tag LIKE '%SUBSCRIPTION'
    )
    INSERT INTO dyntables.source_event (relation, kind)
    SELECT t.relation, 'ALTERED' FROM touched t
    WHERE dyntables.capture_obstacle(t.relation) IS NOT NULL
        -- A partition that is being captured has the trigger that is altered, and is not entered as a member yet.
        OR EXISTS (SELECT dyntables.capture_members(t.relation)
                   EXCEPT SELECT g.tgrelid FROM pg_trigger g WHERE g.tgfoid = to_regproc('dyntables_log.f' || t.relation))
        OR EXISTS (SELECT FROM pg_event_trigger_ddl_commands() d JOIN pg_attribute a ON a.attrelid = d.objid AND a.attnum = d.objsubid
                   WHERE d.classid = 'pg_class'::regclass AND d.objid = t.relation AND d.objsubid <> 0
                   AND (t.captured ? a.attname::text OR EXISTS (
                       SELECT jsonb_object_keys(t.captured)
                       EXCEPT SELECT c.attname::text FROM pg_attribute c WHERE c.attrelid = t.relation AND NOT c.attisdropped)));
EXCEPTION WHEN OTHERS THEN
    -- Whoever alters a table must not suffer.
    RAISE WARNING 'dyntables could not note an alteration: %', SQLERRM;
END $$;

DROP FUNCTION dyntables.alterations_noted();
ALTER TABLE dyntables.source_event DROP COLUMN columns;
