ALTER TABLE dyntables.refresh DROP COLUMN waited_ms;
ALTER TABLE dyntables.app_user DROP COLUMN database_role;
