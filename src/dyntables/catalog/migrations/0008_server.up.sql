-- What the web server keeps: people, sign-ins, tokens, repeated requests, figures over time; and the news of changes.
CREATE TABLE dyntables.app_user (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name = lower(name) AND length(name) BETWEEN 1 AND 100),
    role text NOT NULL CHECK (role IN ('viewer', 'operator', 'editor', 'admin')),
    password_hash text,
    issuer text,
    subject text,
    disabled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    password_changed_at timestamptz,
    last_seen_at timestamptz,
    UNIQUE (issuer, subject)
);
COMMENT ON TABLE dyntables.app_user IS 'People who may use the web server.';
COMMENT ON COLUMN dyntables.app_user.password_hash IS 'argon2id; NULL for people who sign in by OpenID Connect only.';

CREATE TABLE dyntables.app_session (
    digest bytea PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES dyntables.app_user ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX app_session_by_user ON dyntables.app_session (user_id);
COMMENT ON TABLE dyntables.app_session IS 'Sign-ins in force, by the SHA-256 of the cookie.';

CREATE TABLE dyntables.access_token (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES dyntables.app_user ON DELETE CASCADE,
    name text NOT NULL,
    digest bytea NOT NULL UNIQUE,
    role text NOT NULL CHECK (role IN ('viewer', 'operator', 'editor', 'admin')),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    UNIQUE (user_id, name)
);
COMMENT ON TABLE dyntables.access_token IS 'Personal access tokens, by their SHA-256; the role is the most that a token may.';

CREATE TABLE dyntables.request_key (
    who text NOT NULL,
    key text NOT NULL,
    request bytea NOT NULL,
    status integer,
    headers jsonb,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (who, key)
);
CREATE INDEX request_key_by_time ON dyntables.request_key (created_at);
COMMENT ON TABLE dyntables.request_key IS 'Answers to requests with an Idempotency-Key, for a day; no status yet means at work.';

-- Roles that may read every table, such as the one of the SQL console, must not read these.
ALTER TABLE dyntables.app_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE dyntables.app_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE dyntables.access_token ENABLE ROW LEVEL SECURITY;
ALTER TABLE dyntables.request_key ENABLE ROW LEVEL SECURITY;

CREATE TABLE dyntables.metric (
    name text NOT NULL,
    object text NOT NULL DEFAULT '',
    width integer NOT NULL,
    at timestamptz NOT NULL,
    average double precision NOT NULL,
    least double precision NOT NULL,
    greatest double precision NOT NULL,
    samples integer NOT NULL,
    PRIMARY KEY (name, object, width, at)
);
CREATE INDEX metric_by_time ON dyntables.metric (width, at);
COMMENT ON TABLE dyntables.metric IS 'Figures over time, by slots of width seconds: fine ones for hours, hourly ones for weeks.';

-- The trail names the person whom the web server works for.
ALTER TABLE dyntables.audit ALTER COLUMN who
    SET DEFAULT coalesce(nullif(current_setting('dyntables.user', true), ''), session_user);

-- News for live pages, over the channel "dyntables". The refresh of a table and the change of its frontier cause one.
CREATE FUNCTION dyntables.tell_refreshes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('dyntables', 'refresh ' || min(id) || ' ' || max(id)) FROM fresh HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER tell_refreshes AFTER INSERT ON dyntables.refresh REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dyntables.tell_refreshes();

CREATE FUNCTION dyntables.tell_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('dyntables', 'table ' || lower(TG_OP) || ' ' || coalesce(NEW.id, OLD.id));
    RETURN NULL;
END $$;
CREATE TRIGGER tell_table AFTER INSERT OR DELETE ON dyntables.dynamic_table
    FOR EACH ROW EXECUTE FUNCTION dyntables.tell_table();
CREATE TRIGGER tell_table_change AFTER UPDATE OF schema_name, table_name, version, target_lag_seconds, scheduled, comment,
    scheduling_state, effective_mode ON dyntables.dynamic_table
    FOR EACH ROW EXECUTE FUNCTION dyntables.tell_table();
