DELETE FROM dyntables.alert_rule WHERE name = 'quality failing' AND origin = 'default';
DROP VIEW dyntables.alert_incidents, dyntables.alert_history, dyntables.alerts;
DROP TRIGGER tell_alerts ON dyntables.alert_event;
DROP TRIGGER note_alert_change ON dyntables.alert_channel;
DROP TABLE dyntables.alert_incident;
ALTER TABLE dyntables.alert_message DROP COLUMN fingerprints;
ALTER TABLE dyntables.alert_channel DROP COLUMN per_minute;
ALTER TABLE dyntables.alert_event DROP COLUMN incident_id;
ALTER TABLE dyntables.alert DROP COLUMN assigned_to, DROP COLUMN snoozed_until, DROP COLUMN flapping,
    DROP COLUMN dismissed, DROP COLUMN incident_id;

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
GRANT SELECT ON dyntables.alerts, dyntables.alert_history TO PUBLIC;
