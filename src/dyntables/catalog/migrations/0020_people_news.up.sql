-- What changes who may do what is told at once: live connections ask again whether they may go on.
CREATE FUNCTION dyntables.tell_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        PERFORM pg_notify('dyntables', 'people');
    ELSIF EXISTS (SELECT FROM before) THEN
        PERFORM pg_notify('dyntables', 'people');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION dyntables.tell_people() IS 'Tells that people, sign-ins or tokens were changed or removed.';
CREATE TRIGGER tell_sign_outs AFTER DELETE ON dyntables.app_session REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION dyntables.tell_people();
CREATE TRIGGER tell_tokens AFTER DELETE ON dyntables.access_token REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION dyntables.tell_people();
CREATE TRIGGER tell_people AFTER DELETE ON dyntables.app_user REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION dyntables.tell_people();
CREATE TRIGGER tell_changes AFTER UPDATE OF role, disabled, database_role ON dyntables.app_user
    FOR EACH ROW EXECUTE FUNCTION dyntables.tell_people();

-- More people read the history of a table than its rows.
ALTER TABLE dyntables.refresh ADD COLUMN error_values jsonb;
COMMENT ON COLUMN dyntables.refresh.error_values IS 'Message and detail of the error where they quote values of rows; no view shows it.';

-- An owner of the catalog who is no superuser passes row level security; nobody else is granted anything on these.
REVOKE ALL ON dyntables.app_user, dyntables.app_session, dyntables.access_token, dyntables.request_key FROM PUBLIC;
