DROP VIEW dyntables.notifications, dyntables.alert_history, dyntables.alerts;
DROP TABLE dyntables.alert_message, dyntables.alert_group, dyntables.alert_silence, dyntables.alert_channel,
    dyntables.alert_event, dyntables.alert, dyntables.alert_rule, dyntables.alert_route,
    dyntables.alert_change;
DROP FUNCTION dyntables.tell_alerts(), dyntables.note_alert_change();
