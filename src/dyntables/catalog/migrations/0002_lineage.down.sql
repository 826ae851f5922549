DROP VIEW dyntables.column_lineage;
DROP TABLE dyntables.column_source;
