-- Scores name their table, so that a dynamic table over them reads nothing else; and each check is told of at once.
ALTER TABLE dyntables.quality_score ADD COLUMN schema_name text, ADD COLUMN table_name text,
    ADD COLUMN failing integer NOT NULL DEFAULT 0;
UPDATE dyntables.quality_score s SET schema_name = t.schema_name, table_name = t.table_name
FROM dyntables.dynamic_table t WHERE t.id = s.dynamic_table_id;
UPDATE dyntables.quality_score s SET schema_name = n.nspname, table_name = c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = s.relation;
COMMENT ON COLUMN dyntables.quality_score.table_name IS 'The name that the table had when it was checked; NULL if that is not known.';
COMMENT ON COLUMN dyntables.quality_score.failing IS 'How many rules failed or could not be checked.';

CREATE FUNCTION dyntables.tell_quality() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('dyntables', 'quality');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION dyntables.tell_quality() IS 'Tells that rules of quality, or what was found by them, changed.';
CREATE TRIGGER tell_quality AFTER INSERT ON dyntables.quality_score
    FOR EACH STATEMENT EXECUTE FUNCTION dyntables.tell_quality();
CREATE TRIGGER tell_quality AFTER INSERT OR UPDATE OR DELETE ON dyntables.quality_rule
    FOR EACH STATEMENT EXECUTE FUNCTION dyntables.tell_quality();
