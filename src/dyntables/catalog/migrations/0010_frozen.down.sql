-- What is frozen is kept with the options until the next way up.
DROP VIEW dyntables.frozen_regions;
UPDATE dyntables.dynamic_table SET options = options || jsonb_build_object('frozen_rows', frozen) WHERE frozen <> '{}';
ALTER TABLE dyntables.dynamic_table DROP COLUMN frozen;
