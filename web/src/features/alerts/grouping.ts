import type { Alert } from "../../api/queries/alerts";
import { alertTexts as t } from "../../shared/texts/alerts";
import { SEVERITY_ORDER, subjectOf } from "../../shared/alerts/looks";

/** What is in the address of the list. */
export const NO_FILTERS = { q: "", severity: "", state: "open", by: "incident" };
export type Filters = typeof NO_FILTERS;

export interface Group {
  key: string;
  title: string;
  /** The incident that all its alerts are of. */
  incident: number | null;
  alerts: Alert[];
}

/** The alerts that the filters let through. */
export function filterAlerts(alerts: readonly Alert[], { q, severity, state }: Filters): Alert[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return alerts.filter((alert) => {
    if (severity !== "" && alert.labels["severity"] !== severity) return false;
    if (!["open", "all"].includes(state) && alert.state !== state) return false;
    const text = `${subjectOf(alert.labels)} ${alert.labels["rule"] ?? ""} ${alert.text}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The alerts in groups: the worst group first, and in each the root before what follows from it. */
export function groupAlerts(alerts: readonly Alert[], by: string): Group[] {
  const groups = new Map<string, Group>();
  for (const alert of alerts) {
    const { key, title, incident } = placeOf(alert, by);
    const group = groups.get(key) ?? { key, title, incident, alerts: [] };
    group.alerts.push(alert);
    groups.set(key, group);
  }
  for (const group of groups.values()) {
    group.alerts.sort((a, b) => Number(a.inhibited_by !== null) - Number(b.inhibited_by !== null));
    const [first] = group.alerts;
    if (by === "incident" && group.incident !== null && first) {
      group.title = `${t.incident(group.incident)} · ${subjectOf(first.labels)}`;
    }
  }
  return [...groups.values()].sort((a, b) => worst(a) - worst(b));
}

function placeOf(alert: Alert, by: string): Omit<Group, "alerts"> {
  if (by === "incident") {
    const incident = alert.incident_id;
    return { key: String(incident ?? "none"), title: t.noIncident, incident };
  }
  const title = by === "table" ? subjectOf(alert.labels) : (alert.labels[by] ?? "–");
  return { key: title, title, incident: null };
}

function worst({ alerts }: Group): number {
  const ranks = alerts.map(
    ({ labels, state }) =>
      SEVERITY_ORDER.indexOf(labels["severity"] ?? "") + (state === "firing" ? 0 : SEVERITY_ORDER.length),
  );
  return Math.min(...ranks);
}
