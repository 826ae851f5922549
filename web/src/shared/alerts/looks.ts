import type { Alert } from "../../api/queries/alerts";
import type { Look } from "../lib/status";
import { instant } from "../lib/format";
import { alertTexts as t } from "../texts/alerts";

const SEVERITIES: Record<string, Look> = {
  critical: { label: "Critical", color: "states.failing", shape: "diamond" },
  error: { label: "Error", color: "states.failing", shape: "cross" },
  warning: { label: "Warning", color: "states.late", shape: "triangle" },
  info: { label: "Info", color: "states.running", shape: "ring" },
};

/** From worst to best. */
export const SEVERITY_ORDER = Object.keys(SEVERITIES);

/** How bad it is: a word, a colour and a shape. */
export function severityLook(severity: string | undefined): Look {
  return SEVERITIES[severity ?? ""] ?? { label: severity ?? "–", color: "states.suspended", shape: "ring" };
}

/** What an alert is about. */
export function subjectOf(labels: Record<string, string>): string {
  return labels["table"] ?? t.installation;
}

/** What keeps an alert from being told, and who is at it. */
export function marksOf(alert: Alert): string[] {
  return [
    alert.acknowledged ? t.acknowledgedBy(alert.acknowledged.by) : "",
    alert.assigned_to ? t.assignedTo(alert.assigned_to) : "",
    alert.snoozed_until && new Date(alert.snoozed_until) > new Date()
      ? t.snoozedUntil(instant(alert.snoozed_until))
      : "",
    alert.inhibited_by ? t.follows : "",
    alert.silenced_by === null ? "" : t.silenced,
    alert.flapping ? t.flapping : "",
    alert.dismissed ? t.dismissed : "",
  ].filter((mark) => mark !== "");
}

const STATES: Record<string, Look> = {
  firing: { label: "firing", color: "states.failing", shape: "cross" },
  pending: { label: "pending", color: "states.pending", shape: "ring" },
  resolved: { label: "resolved", color: "states.fresh", shape: "disc" },
  error: { label: "error", color: "states.late", shape: "triangle" },
  no_data: { label: "no data", color: "states.suspended", shape: "bar" },
  person: { label: "person", color: "states.running", shape: "diamond" },
};

/** The mark of a state in a timeline; `person` is what somebody did. */
export function stateLook(state: string): Look {
  return STATES[state] ?? { label: state, color: "states.suspended", shape: "ring" };
}
