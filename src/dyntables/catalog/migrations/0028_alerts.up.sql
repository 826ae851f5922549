-- Alerts: what is watched, how each alert stands, what has happened to it, and the messages that go out.
CREATE TABLE dyntables.alert_rule (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200 AND name !~ '[[:cntrl:]]'),
    kind text NOT NULL,
    selector text NOT NULL DEFAULT '*',
    severity text NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
    fires_at double precision,
    clears_at double precision,
    direction text CHECK (direction IN ('above', 'below')),
    pending interval NOT NULL DEFAULT '0',
    keep_firing interval NOT NULL DEFAULT '0',
    query text,
    owner_name text NOT NULL DEFAULT current_user,
    channels text[] NOT NULL DEFAULT '{}',
    labels jsonb NOT NULL DEFAULT '{}',
    runbook text,
    enabled boolean NOT NULL DEFAULT true,
    origin text NOT NULL DEFAULT 'user' CHECK (origin IN ('default', 'user', 'sql', 'file')),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dyntables.alert_rule IS 'What is watched: a condition by its kind, the tables, and when it is bad; NULL is as the condition has it.';
COMMENT ON COLUMN dyntables.alert_rule.owner_name IS 'The role whose rights count when the query runs.';

CREATE TABLE dyntables.alert (
    fingerprint text PRIMARY KEY,
    rule_id bigint NOT NULL REFERENCES dyntables.alert_rule ON DELETE CASCADE,
    dynamic_table_id bigint,
    labels jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('normal', 'pending', 'firing', 'resolved', 'no_data', 'error')),
    since timestamptz NOT NULL,
    clear_since timestamptz,
    value double precision,
    text text NOT NULL DEFAULT '',
    inhibited_by text,
    silenced_by bigint,
    acknowledged_at timestamptz,
    acknowledged_by text,
    note text
);
CREATE INDEX alert_by_rule ON dyntables.alert (rule_id);
CREATE INDEX alert_open ON dyntables.alert (state) WHERE state IN ('pending', 'firing', 'error');
COMMENT ON TABLE dyntables.alert IS 'Each alert that was ever more than normal, by the fingerprint of its labels, as it stands.';

CREATE TABLE dyntables.alert_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint text NOT NULL,
    dynamic_table_id bigint,
    labels jsonb NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    value double precision,
    text text NOT NULL DEFAULT '',
    who text
);
CREATE INDEX alert_event_by_alert ON dyntables.alert_event (fingerprint, id);
CREATE INDEX alert_event_by_time ON dyntables.alert_event (at);
COMMENT ON TABLE dyntables.alert_event IS 'Every change of state of every alert, with its reason, and what people did.';

CREATE TABLE dyntables.alert_channel (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9_. -]{0,99}$'),
    kind text NOT NULL,
    config jsonb NOT NULL DEFAULT '{}',
    secret bytea,
    enabled boolean NOT NULL DEFAULT true,
    last_error text,
    last_sent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE dyntables.alert_channel ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE dyntables.alert_channel IS 'Where messages go. What is secret is encrypted with a key that the database does not have.';

CREATE TABLE dyntables.alert_silence (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    matchers text[] NOT NULL CHECK (cardinality(matchers) > 0),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at >= starts_at),
    author text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dyntables.alert_silence IS 'Alerts with such labels are not told for that time.';

CREATE TABLE dyntables.alert_group (
    channel text NOT NULL,
    key text NOT NULL,
    opened_at timestamptz,
    told_at timestamptz,
    told text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (channel, key)
);
COMMENT ON TABLE dyntables.alert_group IS 'What each channel believes: the alerts of a group that it was told of as firing, and when.';

CREATE TABLE dyntables.alert_message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    channel text NOT NULL,
    group_key text NOT NULL,
    telling text NOT NULL,
    body jsonb NOT NULL,
    state text NOT NULL DEFAULT 'WAITING' CHECK (state IN ('WAITING', 'SENDING', 'SENT', 'DEAD')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    latency_ms double precision,
    response text
);
CREATE INDEX alert_message_due ON dyntables.alert_message (next_at) WHERE state IN ('WAITING', 'SENDING');
CREATE INDEX alert_message_open ON dyntables.alert_message (channel, group_key, id) WHERE state IN ('WAITING', 'SENDING');
CREATE INDEX alert_message_by_time ON dyntables.alert_message (created_at);
COMMENT ON TABLE dyntables.alert_message IS 'The outbox: written with the change that it tells of, sent at least once, under one key.';
COMMENT ON COLUMN dyntables.alert_message.next_at IS 'When it may be tried; of one that is SENDING, when its sender is taken to be gone.';

-- The leader reads rules, silences and routes again when this has grown.
CREATE TABLE dyntables.alert_change (number bigint PRIMARY KEY);
INSERT INTO dyntables.alert_change VALUES (1);
COMMENT ON TABLE dyntables.alert_change IS 'One row: how often rules, silences, routes and acknowledgements were changed.';
CREATE TABLE dyntables.alert_route (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    document jsonb NOT NULL
);
COMMENT ON TABLE dyntables.alert_route IS 'The routing tree, if somebody has made one.';

CREATE FUNCTION dyntables.note_alert_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE dyntables.alert_change SET number = number + 1;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION dyntables.note_alert_change IS 'Lets whoever watches read again what was changed.';
DO $$
DECLARE
    item text;
BEGIN
    FOREACH item IN ARRAY ARRAY['alert_rule', 'alert_silence', 'alert_route'] LOOP
        EXECUTE format('CREATE TRIGGER note_alert_change AFTER INSERT OR UPDATE OR DELETE ON dyntables.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION dyntables.note_alert_change()', item);
    END LOOP;
END $$;

CREATE FUNCTION dyntables.tell_alerts() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('dyntables', 'alerts');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION dyntables.tell_alerts IS 'Tells live pages that alerts have changed.';
CREATE TRIGGER tell_alerts AFTER INSERT OR UPDATE ON dyntables.alert
    FOR EACH STATEMENT EXECUTE FUNCTION dyntables.tell_alerts();

CREATE VIEW dyntables.alerts AS
SELECT a.fingerprint, a.labels ->> 'rule' AS rule, a.labels ->> 'kind' AS kind, a.labels ->> 'severity' AS severity,
       a.labels ->> 'table' AS table_name, a.state, a.since, a.value, a.text, a.inhibited_by, a.silenced_by,
       a.acknowledged_at, a.acknowledged_by, a.note, a.labels, r.runbook, a.dynamic_table_id
FROM dyntables.alert a JOIN dyntables.alert_rule r ON r.id = a.rule_id
WHERE a.state <> 'normal' AND CASE WHEN a.dynamic_table_id IS NOT NULL
    THEN a.dynamic_table_id IN (SELECT dyntables.monitored(current_user))
    ELSE r.query IS NULL OR pg_has_role(current_user, (SELECT oid FROM pg_roles WHERE rolname = r.owner_name), 'MEMBER') END;
COMMENT ON VIEW dyntables.alerts IS 'Alerts as they stand: of tables that one may monitor, and of the installation.';

CREATE VIEW dyntables.alert_history AS
SELECT e.id AS event_id, e.fingerprint, e.labels ->> 'rule' AS rule, e.labels ->> 'kind' AS kind,
       e.labels ->> 'severity' AS severity, e.labels ->> 'table' AS table_name, e.before, e.after, e.reason, e.at,
       e.value, e.text, e.who, e.dynamic_table_id
FROM dyntables.alert_event e
WHERE e.dynamic_table_id IN (SELECT dyntables.monitored(current_user))
   OR e.dynamic_table_id IS NULL AND EXISTS (SELECT FROM dyntables.alerts a WHERE a.fingerprint = e.fingerprint);
COMMENT ON VIEW dyntables.alert_history IS 'Every change of state of alerts, with its reason.';

CREATE VIEW dyntables.notifications AS
SELECT m.id AS message_id, m.key AS idempotency_key, m.channel, m.group_key, m.telling, m.state, m.attempts, m.created_at,
       m.ended_at, m.latency_ms, m.response, CASE WHEN m.state IN ('WAITING', 'SENDING') THEN m.next_at END AS next_at,
       m.body ->> 'subject' AS subject
FROM dyntables.alert_message m;
COMMENT ON VIEW dyntables.notifications IS 'Messages to channels: waiting, sent, or given up; for those who keep the installation.';
GRANT SELECT ON dyntables.alerts, dyntables.alert_history TO PUBLIC;

-- From the first start whatever breaks is on the dashboard. What is removed of these stays removed.
INSERT INTO dyntables.alert_rule (name, kind, severity, origin, runbook) VALUES
    ('late', 'freshness', 'error', 'default', 'docs/alerts/freshness.md'),
    ('refresh failing', 'refresh_failed', 'error', 'default', 'docs/alerts/refresh_failed.md'),
    ('upstream failing', 'upstream_failed', 'warning', 'default', 'docs/alerts/upstream_failed.md'),
    ('suspended', 'suspended', 'critical', 'default', 'docs/alerts/suspended.md'),
    ('no leader', 'leader_missing', 'critical', 'default', 'docs/alerts/leader_missing.md');
-- What is late for a moment is nobody's business.
UPDATE dyntables.alert_rule SET pending = '5 seconds' WHERE name = 'late';
INSERT INTO dyntables.alert_channel (name, kind) VALUES ('dashboard', 'dashboard');
