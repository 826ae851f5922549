DROP SCHEMA dyntables_snowflake CASCADE;
