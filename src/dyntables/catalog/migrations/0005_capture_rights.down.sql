DROP VIEW dyntables.sources, dyntables.source_readers;
DROP FUNCTION dyntables.rows_owed(oid, pg_snapshot), dyntables.bytes_owed(oid, pg_snapshot), dyntables.log_limit();
DROP TABLE dyntables.setting;
DROP EVENT TRIGGER IF EXISTS dyntables_create_table;
DROP FUNCTION dyntables.on_create_table(), dyntables.capture_obstacle(oid), dyntables.capture_broken(oid[]), dyntables.capture_members(oid),
    dyntables.capture_member(oid, oid, boolean), dyntables.capture_mark(oid);
DROP TABLE dyntables.source_member;
