-- Where the columns of dynamic tables come from, written when a definition is stored and whenever it is read anew.
CREATE TABLE dyntables.column_source (
    dynamic_table_id bigint NOT NULL REFERENCES dyntables.dynamic_table ON DELETE CASCADE,
    position integer NOT NULL,
    column_name text,
    relation oid,
    source_column text,
    kind text NOT NULL,
    expression text,
    PRIMARY KEY (dynamic_table_id, position)
);
COMMENT ON TABLE dyntables.column_source IS 'Column lineage as stored; read the view column_lineage.';
COMMENT ON COLUMN dyntables.column_source.column_name IS 'The output column; NULL where the source column decides which rows there are.';
COMMENT ON COLUMN dyntables.column_source.relation IS 'The source, by OID; NULL for an output that reads no column.';

CREATE VIEW dyntables.column_lineage AS
SELECT t.schema_name, t.table_name, s.column_name, n.nspname::text AS source_schema, c.relname::text AS source_table,
       s.source_column, s.kind, s.expression, s.position
FROM dyntables.column_source s
JOIN dyntables.dynamic_table t ON t.id = s.dynamic_table_id
LEFT JOIN pg_class c ON c.oid = s.relation
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace;
