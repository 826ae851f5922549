DROP TRIGGER tell_quality ON dyntables.quality_rule;
DROP TRIGGER tell_quality ON dyntables.quality_score;
DROP FUNCTION dyntables.tell_quality();
ALTER TABLE dyntables.quality_score DROP COLUMN failing, DROP COLUMN table_name, DROP COLUMN schema_name;
