DROP TRIGGER tell_table_change ON dyntables.dynamic_table;
DROP TRIGGER tell_table ON dyntables.dynamic_table;
DROP TRIGGER tell_refreshes ON dyntables.refresh;
DROP FUNCTION dyntables.tell_table();
DROP FUNCTION dyntables.tell_refreshes();
ALTER TABLE dyntables.audit ALTER COLUMN who SET DEFAULT session_user;
DROP TABLE dyntables.metric, dyntables.request_key, dyntables.access_token, dyntables.app_session, dyntables.app_user;
