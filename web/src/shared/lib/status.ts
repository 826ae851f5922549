import type { Health, Status } from "../../api/types";

/** How a state looks: a word, a colour of the theme and a shape, so that colour is never alone. */
export interface Look {
  label: string;
  color: string;
  shape: "disc" | "ring" | "diamond" | "cross" | "bar" | "triangle";
}

export const STATUS_LOOKS: Record<Status, Look> = {
  FRESH: { label: "Fresh", color: "states.fresh", shape: "disc" },
  LATE: { label: "Late", color: "states.late", shape: "triangle" },
  FAILING: { label: "Failing", color: "states.failing", shape: "cross" },
  SUSPENDED: { label: "Suspended", color: "states.suspended", shape: "bar" },
  NOT_INITIALIZED: { label: "Not initialized", color: "states.pending", shape: "ring" },
};

export const HEALTH_LOOKS: Record<Health, Look> = {
  HEALTHY: { ...STATUS_LOOKS.FRESH, label: "Healthy" },
  UNKNOWN: { ...STATUS_LOOKS.NOT_INITIALIZED, label: "Unknown" },
  WARNING: { ...STATUS_LOOKS.LATE, label: "Warning" },
  CRITICAL: { ...STATUS_LOOKS.FAILING, label: "Critical" },
};

const REFRESH_LOOKS: Record<string, Look> = {
  SUCCEEDED: { label: "Succeeded", color: "states.fresh", shape: "disc" },
  RUNNING: { label: "Running", color: "states.running", shape: "ring" },
  FAILED: { label: "Failed", color: "states.failing", shape: "cross" },
  UPSTREAM_FAILED: { label: "Upstream failed", color: "states.late", shape: "triangle" },
  CANCELLED: { label: "Cancelled", color: "states.suspended", shape: "bar" },
  EXECUTING: { label: "Executing", color: "states.running", shape: "ring" },
};

/** The look of the state of a refresh. */
export function refreshLook(state: string): Look {
  return REFRESH_LOOKS[state] ?? { label: words(state), color: "states.suspended", shape: "ring" };
}

const ACTION_COLORS: Record<string, string> = {
  NO_DATA: "states.suspended",
  INCREMENTAL: "states.running",
  FULL: "states.pending",
  REINITIALIZE: "states.late",
};

/** The colour of what a refresh did. */
export function actionColor(action: string | null | undefined): string {
  return ACTION_COLORS[action ?? ""] ?? "states.suspended";
}

/** Write `UPSTREAM_FAILED` as `Upstream failed`. */
export function words(name: string | null | undefined): string {
  if (!name) return "–";
  const text = name.replaceAll("_", " ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The CSS variable of a colour of the theme, for SVG. */
export function cssColor(color: string): string {
  return `var(--mui-palette-${color.replaceAll(".", "-")})`;
}

/** From worst to best, for sorting. */
export const STATUS_ORDER: readonly Status[] = ["FAILING", "LATE", "NOT_INITIALIZED", "SUSPENDED", "FRESH"];
