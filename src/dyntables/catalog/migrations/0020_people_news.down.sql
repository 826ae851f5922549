ALTER TABLE dyntables.refresh DROP COLUMN error_values;
DROP TRIGGER tell_changes ON dyntables.app_user;
DROP TRIGGER tell_people ON dyntables.app_user;
DROP TRIGGER tell_tokens ON dyntables.access_token;
DROP TRIGGER tell_sign_outs ON dyntables.app_session;
DROP FUNCTION dyntables.tell_people();
