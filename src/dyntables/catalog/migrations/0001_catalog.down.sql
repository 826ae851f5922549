DROP VIEW dyntables.graph, dyntables.refresh_history, dyntables.dynamic_tables;
DROP FUNCTION dyntables.not_initialized(text);
DROP TABLE dyntables.audit, dyntables.refresh, dyntables.source_event, dyntables.dependency, dyntables.log_generation,
    dyntables.source, dyntables.dynamic_table_column, dyntables.definition_version, dyntables.dynamic_table;
