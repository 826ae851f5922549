DROP FUNCTION dyntables.why_late(bigint);
DROP VIEW dyntables.activity;
DROP VIEW dyntables.lag;
DROP FUNCTION dyntables.lag_over(interval);
DROP INDEX dyntables.refresh_by_time;
ALTER TABLE dyntables.dynamic_table RESET (fillfactor);
DROP INDEX dyntables.dependency_by_upstream;
DROP TABLE dyntables.leader;
