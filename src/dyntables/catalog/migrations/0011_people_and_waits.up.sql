-- People of the web server may act for a role of the database: its rights count for what they create, plan and read.
ALTER TABLE dyntables.app_user ADD COLUMN database_role text;
COMMENT ON COLUMN dyntables.app_user.database_role IS 'The role that the person acts for; NULL for the service user itself.';

ALTER TABLE dyntables.refresh ADD COLUMN waited_ms double precision;
COMMENT ON COLUMN dyntables.refresh.waited_ms IS 'Milliseconds that its run waited, for locks above all, before it took its snapshot; NULL where nothing ran.';
