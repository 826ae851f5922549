-- What people do about alerts, incidents, and what keeps a storm of alerts from being a storm of messages.
ALTER TABLE dyntables.alert
    ADD COLUMN assigned_to text,
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN flapping boolean NOT NULL DEFAULT false,
    ADD COLUMN dismissed boolean NOT NULL DEFAULT false,
    ADD COLUMN incident_id bigint;
COMMENT ON COLUMN dyntables.alert.dismissed IS 'A person has resolved it while its condition was met: it fires again only after that was clear once.';
ALTER TABLE dyntables.alert_event ADD COLUMN incident_id bigint;
CREATE INDEX alert_event_by_incident ON dyntables.alert_event (incident_id, id) WHERE incident_id IS NOT NULL;
ALTER TABLE dyntables.alert_channel ADD COLUMN per_minute integer NOT NULL DEFAULT 20 CHECK (per_minute > 0);
COMMENT ON COLUMN dyntables.alert_channel.per_minute IS 'How many messages it is sent in a minute; of what is more, one message tells.';
ALTER TABLE dyntables.alert_message ADD COLUMN fingerprints text[] NOT NULL DEFAULT '{}';
CREATE INDEX alert_message_by_alert ON dyntables.alert_message USING gin (fingerprints);

CREATE TABLE dyntables.alert_incident (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint text NOT NULL,
    dynamic_table_id bigint,
    labels jsonb NOT NULL,
    text text NOT NULL DEFAULT '',
    alerts integer NOT NULL DEFAULT 1,
    opened_at timestamptz NOT NULL,
    resolved_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    merged_into bigint
);
CREATE INDEX alert_incident_open ON dyntables.alert_incident (id) WHERE resolved_at IS NULL;
CREATE INDEX alert_incident_by_time ON dyntables.alert_incident (opened_at);
COMMENT ON TABLE dyntables.alert_incident IS 'Alerts that belong together, from the first that fires to the last that is resolved: the root, and what follows from it.';
COMMENT ON COLUMN dyntables.alert_incident.fingerprint IS 'Of the alert that it is named after: the root, as far as it is known.';

CREATE TRIGGER tell_alerts AFTER INSERT ON dyntables.alert_event
    FOR EACH STATEMENT EXECUTE FUNCTION dyntables.tell_alerts();
-- How many messages a channel takes is for the leader to know.
CREATE TRIGGER note_alert_change AFTER INSERT OR DELETE OR UPDATE OF per_minute ON dyntables.alert_channel
    FOR EACH STATEMENT EXECUTE FUNCTION dyntables.note_alert_change();

CREATE OR REPLACE VIEW dyntables.alerts AS
SELECT a.fingerprint, a.labels ->> 'rule' AS rule, a.labels ->> 'kind' AS kind, a.labels ->> 'severity' AS severity,
       a.labels ->> 'table' AS table_name, a.state, a.since, a.value, a.text, a.inhibited_by, a.silenced_by,
       a.acknowledged_at, a.acknowledged_by, a.note, a.labels, r.runbook, a.dynamic_table_id, a.assigned_to,
       a.snoozed_until, a.flapping, a.dismissed, a.incident_id
FROM dyntables.alert a JOIN dyntables.alert_rule r ON r.id = a.rule_id
WHERE a.state <> 'normal' AND CASE WHEN a.dynamic_table_id IS NOT NULL
    THEN a.dynamic_table_id IN (SELECT dyntables.monitored(current_user))
    ELSE r.query IS NULL OR pg_has_role(current_user, (SELECT oid FROM pg_roles WHERE rolname = r.owner_name), 'MEMBER') END;
CREATE OR REPLACE VIEW dyntables.alert_history AS
SELECT e.id AS event_id, e.fingerprint, e.labels ->> 'rule' AS rule, e.labels ->> 'kind' AS kind,
       e.labels ->> 'severity' AS severity, e.labels ->> 'table' AS table_name, e.before, e.after, e.reason, e.at,
       e.value, e.text, e.who, e.dynamic_table_id, e.incident_id
FROM dyntables.alert_event e
WHERE e.dynamic_table_id IN (SELECT dyntables.monitored(current_user))
   OR e.dynamic_table_id IS NULL AND EXISTS (SELECT FROM dyntables.alerts a WHERE a.fingerprint = e.fingerprint);
CREATE VIEW dyntables.alert_incidents AS
SELECT i.id AS incident_id, i.fingerprint, i.labels ->> 'rule' AS rule, i.labels ->> 'kind' AS kind,
       i.labels ->> 'severity' AS severity, i.labels ->> 'table' AS table_name, i.text, i.alerts, i.opened_at,
       i.resolved_at, i.acknowledged_at, i.acknowledged_by, i.merged_into, i.dynamic_table_id
FROM dyntables.alert_incident i
WHERE EXISTS (SELECT FROM dyntables.alert_history h WHERE h.incident_id = i.id AND h.fingerprint = i.fingerprint);
COMMENT ON VIEW dyntables.alert_incidents IS 'Alerts that belong together, by the one that they follow from; those whose root one may see.';
GRANT SELECT ON dyntables.alert_incidents TO PUBLIC;

-- Quality has rules of its own; that one of them fails is on the dashboard from the start.
INSERT INTO dyntables.alert_rule (name, kind, severity, origin, runbook) VALUES
    ('quality failing', 'quality', 'error', 'default', 'docs/alerts/quality.md') ON CONFLICT DO NOTHING;
