import type { Schemas } from "../../api/types";

export type Side = "above" | "below" | "usual";
type Severity = NonNullable<Schemas["PutRule"]["severity"]>;

const SEVERITIES: readonly Severity[] = ["info", "warning", "error", "critical"];

/** The side that a word names. */
export function sideOf(word: string): Side {
  return word === "above" || word === "below" ? word : "usual";
}

/** A rule while somebody writes it: what stands in the fields. */
export interface Draft {
  name: string;
  kind: string;
  tables: string;
  severity: string;
  side: Side;
  threshold: string;
  clear: string;
  pending: string;
  keep: string;
  query: string;
  channels: string;
  runbook: string;
  enabled: boolean;
}

/** A rule that watches nothing yet. */
export function emptyDraft(): Draft {
  return {
    name: "",
    kind: "freshness",
    tables: "*",
    severity: "",
    side: "usual",
    threshold: "",
    clear: "",
    pending: "0",
    keep: "0",
    query: "",
    channels: "",
    runbook: "",
    enabled: true,
  };
}

/** A rule as it was saved. */
export function readDraft({ name, kind, enabled, document }: Schemas["AlertRule"]): Draft {
  const side: Side = "above" in document ? "above" : "below" in document ? "below" : "usual";
  const text = (key: string, otherwise = ""): string => {
    const value = document[key];
    return typeof value === "string" || typeof value === "number" ? String(value) : otherwise;
  };
  const channels = document["channels"];
  return {
    name,
    kind,
    enabled,
    tables: text("tables", "*"),
    severity: text("severity"),
    side,
    threshold: side === "usual" ? "" : text(side),
    clear: text("clear"),
    pending: text("for", "0"),
    keep: text("keep_firing_for", "0"),
    query: text("query"),
    channels: Array.isArray(channels) ? channels.join(", ") : "",
    runbook: text("runbook"),
  };
}

/** What is sent; fields that are empty are as the condition has them. */
export function writeDraft(draft: Draft, about: string): Schemas["PutRule"] {
  const number = (text: string): number | null => (text.trim() === "" ? null : Number(text));
  const channels = draft.channels
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);
  const severity = SEVERITIES.find((each) => each === draft.severity);
  return {
    name: draft.name.trim(),
    kind: draft.kind,
    tables: about === "table" ? draft.tables.trim() || "*" : "*",
    ...(severity ? { severity } : {}),
    ...(draft.side === "usual" ? {} : { [draft.side]: number(draft.threshold), clear: number(draft.clear) }),
    for: number(draft.pending) ?? 0,
    keep_firing_for: number(draft.keep) ?? 0,
    ...(about === "query" ? { query: draft.query } : {}),
    channels,
    labels: {},
    ...(draft.runbook.trim() === "" ? {} : { runbook: draft.runbook.trim() }),
    enabled: draft.enabled,
  };
}
