import type { Schemas } from "../types";

/** One message of the live connection, told apart by `type`. */
export type LiveMessage = Schemas["Missed"]["messages"][number];

const TYPES: ReadonlySet<string> = new Set<LiveMessage["type"]>([
  "hello",
  "heartbeat",
  "resync",
  "table_status",
  "refresh_started",
  "refresh_progress",
  "refresh_finished",
  "graph_changed",
  "quality",
  "metrics",
  "operation",
  "alerts",
  "preparation",
]);

/** Read a frame; null for what a newer server may send and this app does not know. */
export function readMessage(data: unknown): LiveMessage | null {
  if (typeof data !== "string") return null;
  const value = JSON.parse(data) as LiveMessage;
  return TYPES.has(value.type) ? value : null;
}
