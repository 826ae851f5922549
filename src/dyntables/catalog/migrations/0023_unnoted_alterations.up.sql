-- What is done to a source and undone, where no event trigger notes it.
CREATE FUNCTION dyntables.alterations_noted() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtname = 'dyntables_note_alteration' AND evtenabled <> 'D')
$$;
COMMENT ON FUNCTION dyntables.alterations_noted IS 'Whether an event trigger, which only a superuser can make, notes what is done to a source and undone before the next refresh.';

ALTER TABLE dyntables.source_event ADD COLUMN columns text[];
COMMENT ON COLUMN dyntables.source_event.columns IS 'The columns that it happened to; NULL if to the whole source.';

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
    INSERT INTO dyntables.source_event (relation, kind, columns)
    SELECT t.relation, 'ALTERED', NULL FROM touched t
    WHERE dyntables.capture_obstacle(t.relation) IS NOT NULL
        -- A partition that is being captured has the trigger that is altered, and is not entered as a member yet.
        OR EXISTS (SELECT dyntables.capture_members(t.relation)
                   EXCEPT SELECT g.tgrelid FROM pg_trigger g WHERE g.tgfoid = to_regproc('dyntables_log.f' || t.relation))
        OR EXISTS (SELECT FROM pg_event_trigger_ddl_commands() d JOIN pg_attribute a ON a.attrelid = d.objid AND a.attnum = d.objsubid
                   WHERE d.classid = 'pg_class'::regclass AND d.objid = t.relation AND d.objsubid <> 0
                   AND (t.captured ? a.attname::text OR EXISTS (
                       SELECT jsonb_object_keys(t.captured)
                       EXCEPT SELECT c.attname::text FROM pg_attribute c WHERE c.attrelid = t.relation AND NOT c.attisdropped)))
    UNION ALL
    -- What is written under another type, before the column has the old one again.
    SELECT t.relation, 'ALTERED', array_agg(k.key)
    FROM touched t CROSS JOIN LATERAL jsonb_each_text(t.captured) k
    JOIN pg_attribute a ON a.attrelid = t.relation AND a.attname = k.key
    WHERE dyntables.log_type(a.attrelid, a.attnum) <> k.value GROUP BY t.relation;
EXCEPTION WHEN OTHERS THEN
    -- Whoever alters a table must not suffer.
    RAISE WARNING 'dyntables could not note an alteration: %', SQLERRM;
END $$;

-- Without it, changes may have been missed, and the functions that log them do not look yet.
UPDATE dyntables.source_member SET mark = '' WHERE NOT dyntables.alterations_noted();
