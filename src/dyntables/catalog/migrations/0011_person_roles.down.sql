ALTER TABLE dyntables.app_user DROP COLUMN database_role;
